import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { componentLatencies, responseLatencyMs, splitResponseLatency } from '../../../agent/turn/timeline.js';

const turn = {
  speechEndedAtMs: 1_000,
  finalAtMs: 1_250,
  committedAtMs: 1_400,
  llmRequestedAtMs: 1_410,
  firstTokenAtMs: 1_630,
  ttsRequestedAtMs: 1_700,
  firstByteAtMs: 1_790,
  playoutStartedAtMs: 1_800,
};

describe('the response latency', () => {
  it('runs from the end of speech to the first frame', () => {
    expect(responseLatencyMs(turn)).toBe(800);
  });

  it('is unknown for typed text and for a turn without sound', () => {
    expect(responseLatencyMs({ committedAtMs: 1, playoutStartedAtMs: 2 })).toBeUndefined();
    expect(responseLatencyMs({ speechEndedAtMs: 1, committedAtMs: 2 })).toBeUndefined();
  });

  it('is charged to the stages that were waited for', () => {
    expect(splitResponseLatency(turn)).toEqual({
      endpointingMs: 400,
      llmMs: 230,
      textAggregationMs: 70,
      ttsMs: 90,
      playoutMs: 10,
    });
  });

  it('charges nothing to a stage that was over before the one in front of it', () => {
    expect(splitResponseLatency({ ...turn, llmRequestedAtMs: 1_100, firstTokenAtMs: 1_300 })?.llmMs).toBe(0);
  });

  it('is the sum of its stages, whatever happened and whenever', () => {
    const instant = fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined });
    const timelines = fc.record({
      speechEndedAtMs: fc.integer({ min: 0, max: 5_000 }),
      committedAtMs: fc.integer({ min: 0, max: 10_000 }),
      playoutStartedAtMs: fc.integer({ min: 0, max: 10_000 }),
      firstTokenAtMs: instant,
      ttsRequestedAtMs: instant,
      firstByteAtMs: instant,
    });
    fc.assert(
      fc.property(timelines, (given) => {
        const timeline = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
        const stages = Object.values(splitResponseLatency(timeline) ?? {});
        expect(stages.reduce((sum, ms) => sum + ms, 0)).toBe(responseLatencyMs(timeline));
        expect(Math.min(...stages)).toBeGreaterThanOrEqual(0);
      }),
    );
  });
});

describe('component latencies', () => {
  it('are what each took by itself', () => {
    expect(componentLatencies(turn)).toEqual({ sttFinalMs: 250, llmTtftMs: 220, ttsTtfbMs: 90 });
  });

  it('leave out what did not happen', () => {
    expect(componentLatencies({ speechEndedAtMs: 1 })).toEqual({});
  });
});
