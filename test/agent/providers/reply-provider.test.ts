import { describe, expect, it } from 'vitest';
import { REPLY_DEADLINES, ReplyProvider } from '../../../agent/providers/reply-provider.js';
import { CallMemory } from '../../../agent/resilience/call-memory.js';
import { ManualClock } from '../../support/manual-clock.js';
import { CountedMeasurements } from './reply-support.js';

function provider(memory = new CallMemory()) {
  const measurements = new CountedMeasurements();
  const settings = { provider: 'openai', model: 'm', baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'key' };
  const parts = { place: 0, spares: 0, clock: new ManualClock(), measurements, memory, deadlines: REPLY_DEADLINES };
  return { provider: new ReplyProvider(settings, parts), counts: measurements.counts };
}

describe('what a call knows of a provider', () => {
  it('calls a request late by what recent ones took, and failed at three times that', () => {
    const { provider: known } = provider();
    expect(known.deadlines(true)).toMatchObject({ lateAfterMs: 1_050, failsAfterMs: 3_150 });
    for (let reply = 0; reply < 10; reply++) known.noteLatency('m', 600 + reply);
    expect(known.deadlines(true)).toMatchObject({ lateAfterMs: 658, failsAfterMs: 1_974 });
  });

  it('bounds both: a slow provider is not waited for for ever, nor a fast one dropped at its first hiccup', () => {
    const { provider: slow } = provider();
    for (let reply = 0; reply < 10; reply++) slow.noteLatency('m', 9_000);
    expect(slow.deadlines(true)).toMatchObject({ lateAfterMs: 2_550, failsAfterMs: 4_000 });
    const { provider: fast } = provider();
    for (let reply = 0; reply < 10; reply++) fast.noteLatency('m', 20);
    expect(fast.deadlines(true)).toMatchObject({ lateAfterMs: 250, failsAfterMs: 1_500 });
  });

  it('calls a request late the sooner the more is left to hedge with, and a second one sooner still', () => {
    const memory = new CallMemory();
    const { provider: known } = provider(memory);
    for (let reply = 1; reply <= 20; reply++) known.noteLatency('m', 100 * reply);
    const lateAfterMs = (reserve: number, isHedge = false) => {
      memory.take({ hedges: { answers: { granted: 0, reserve } } });
      return known.deadlines(true, isHedge).lateAfterMs;
    };
    expect([0, 3, 20].map((reserve) => lateAfterMs(reserve))).toEqual([1_850, 1_750, 1_650]);
    expect([0, 20].map((reserve) => lateAfterMs(reserve, true))).toEqual([1_350, 1_350]);
  });

  it('knows each model by itself', () => {
    const { provider: known } = provider();
    for (let reply = 0; reply < 10; reply++) known.noteLatency('faster', 300);
    expect(known.deadlines(true)).toMatchObject({ lateAfterMs: 1_050 });
    known.model = 'faster';
    expect(known.deadlines(true)).toMatchObject({ lateAfterMs: 350 });
  });

  it('lets nothing hang for ever without deadlines either', () => {
    expect(provider().provider.deadlines(false).failsAfterMs).toBe(10_000);
  });

  it('estimates the prompt of a lost answer by the answers that told theirs', () => {
    const { provider: known, counts } = provider();
    expect(known.estimatedPromptTokens(400)).toBe(100);
    known.noteUsage('m', { promptTokens: 80, cachedTokens: 0, completionTokens: 5 }, 400, false);
    expect(known.estimatedPromptTokens(1_000)).toBe(200);
    known.noteUsage('m', { promptTokens: 200, cachedTokens: 0, completionTokens: 0 }, 1_000, true);
    expect(counts).toEqual({
      'turnwise_llm_tokens_total openai m prompt': 280,
      'turnwise_llm_tokens_total openai m completion': 5,
    });
  });
});
