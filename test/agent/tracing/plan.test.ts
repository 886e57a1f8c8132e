import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planHeard, planTurn } from '../../../agent/tracing/plan.js';
import { componentLatencies, splitResponseLatency } from '../../../agent/turn/timeline.js';
import { TurnInstants } from '../../../wire/turn.js';
import { BEGAN_UNIX_MS, INSTANTS, turn } from './records.js';

const anyInstants = fc.record(
  Object.fromEntries(
    Object.keys(TurnInstants.shape).map((name) => [name, fc.double({ min: 0, max: 1e7, noNaN: true })]),
  ),
  { requiredKeys: [] },
);

describe('a turn as spans', () => {
  it('has each part from where it began to where it was done', () => {
    const { parts } = planTurn(turn('call', 1));
    const times = parts.map(({ name, startUnixMs, endUnixMs }) => [
      name,
      startUnixMs - BEGAN_UNIX_MS,
      endUnixMs - BEGAN_UNIX_MS,
    ]);
    expect(times).toEqual([
      ['vad', 5_000, 5_064],
      ['stt', 5_000, 5_180.25],
      ['endpointing', 5_000, 5_300],
      ['llm', 5_095, 5_315],
      ['text_aggregation', 5_315, 5_351],
      ['tts', 5_352, 5_460],
      ['unexplained', 5_459, 5_461],
      ['playout', 5_461, 5_470.125],
      ['speaking', 5_470.125, 7_000],
    ]);
  });

  it('tells where the response went, and who was asked', () => {
    const plan = planTurn(turn('call', 1));
    expect(plan.turn.attributes).toEqual({
      'session.id': 'call',
      'gen_ai.conversation.id': 'call',
      'turnwise.profile': 'good',
      'turnwise.turn': 1,
      'turnwise.outcome': 'answered',
      'turnwise.response_ms': 470.125,
      'turnwise.speculated': true,
      'turnwise.stage.stt_ms': 180.25,
      'turnwise.stage.endpointing_ms': 119.75,
      'turnwise.stage.llm_ms': 15,
      'turnwise.stage.tools_ms': 0,
      'turnwise.stage.text_aggregation_ms': 36,
      'turnwise.stage.tts_ms': 108,
      'turnwise.stage.playout_ms': 9.125,
      'turnwise.stage.unexplained_ms': 2,
    });
    expect(plan.parts.find(({ name }) => name === 'llm')).toMatchObject({
      isClient: true,
      attributes: {
        'gen_ai.operation.name': 'chat',
        'gen_ai.provider.name': 'openai',
        'gen_ai.request.model': 'gpt-4o-mini',
        'gen_ai.response.time_to_first_chunk': 0.22,
      },
    });
  });

  it('begins with the request that was answered, and notes on the turn when the first was made', () => {
    const instants = { ...INSTANTS, llmWinnerRequestedAtMs: 5_200, ttsWinnerRequestedAtMs: 5_400 };
    const plan = planTurn(turn('call', 1, { instants }));
    const startOf = (of: string) => (plan.parts.find(({ name }) => name === of)?.startUnixMs ?? 0) - BEGAN_UNIX_MS;
    expect([startOf('llm'), startOf('tts')]).toEqual([5_200, 5_400]);
    expect(plan.turn.events).toEqual(
      expect.arrayContaining([
        { name: 'llm_requested', atUnixMs: BEGAN_UNIX_MS + 5_095 },
        { name: 'tts_requested', atUnixMs: BEGAN_UNIX_MS + 5_352 },
      ]),
    );
  });

  it('draws words that were there before the speech was over as a moment', () => {
    const { parts } = planTurn(turn('call', 1, { instants: { ...INSTANTS, finalAtMs: 4_900 } }));
    const stt = parts.find(({ name }) => name === 'stt');
    expect(stt?.startUnixMs).toBe(BEGAN_UNIX_MS + 4_900);
    expect(stt?.endUnixMs).toBe(BEGAN_UNIX_MS + 4_900);
  });

  it('ends the playout with the first sound, an opening’s too, and speaks from there', () => {
    const instants = { ...INSTANTS, voiceReadyAtMs: 5_190, playoutStartedAtMs: 5_200, answerStartedAtMs: 5_480 };
    const { parts } = planTurn(turn('call', 1, { instants }));
    const playout = parts.find(({ name }) => name === 'playout');
    expect(playout?.startUnixMs).toBe(BEGAN_UNIX_MS + 5_190);
    expect(playout?.endUnixMs).toBe(BEGAN_UNIX_MS + 5_200);
    expect(parts.find(({ name }) => name === 'speaking')?.startUnixMs).toBe(BEGAN_UNIX_MS + 5_200);
  });

  it('has spans as long as the metrics of the same names', () => {
    const [components, stages] = [componentLatencies(INSTANTS), splitResponseLatency(INSTANTS)];
    const { parts } = planTurn(turn('call', 1, { stages }));
    const lengthOf = (of: string): number => {
      const span = parts.find(({ name }) => name === of);
      return (span?.endUnixMs ?? Number.NaN) - (span?.startUnixMs ?? 0);
    };
    expect(lengthOf('endpointing')).toBeCloseTo(components.endpointingMs ?? Number.NaN, 2);
    expect(lengthOf('stt')).toBeCloseTo(components.sttFinalMs ?? Number.NaN, 2);
    expect(lengthOf('llm')).toBeCloseTo(components.llmTtftMs ?? Number.NaN, 2);
    expect(lengthOf('text_aggregation')).toBeCloseTo(components.textAggregationMs ?? Number.NaN, 2);
    expect(lengthOf('tts')).toBeCloseTo(components.ttsFirstSoundMs ?? Number.NaN, 2);
    expect(lengthOf('playout')).toBeCloseTo(components.playoutMs ?? Number.NaN, 2);
    expect(lengthOf('unexplained')).toBeCloseTo(stages?.unexplainedMs ?? Number.NaN, 2);
  });

  it('ends no part before it began and none outside the turn, whatever the instants are', () => {
    fc.assert(
      fc.property(anyInstants, (instants) => {
        const { turn: whole, parts } = planTurn(turn('call', 1, { instants }));
        for (const part of parts) {
          expect(part.endUnixMs).toBeGreaterThanOrEqual(part.startUnixMs);
          expect(part.startUnixMs).toBeGreaterThanOrEqual(whole.startUnixMs);
          expect(part.endUnixMs).toBeLessThanOrEqual(whole.endUnixMs);
        }
        for (const { atUnixMs } of [whole, ...parts].flatMap(({ events = [] }) => events)) {
          expect(atUnixMs).toBeGreaterThanOrEqual(whole.startUnixMs);
          expect(atUnixMs).toBeLessThanOrEqual(whole.endUnixMs);
        }
      }),
    );
  });

  it('never holds what was said', () => {
    const words = fc.stringMatching(/^[a-z ]{12,60}$/);
    fc.assert(
      fc.property(words, words, (said, reply) => {
        const plan = JSON.stringify(planTurn(turn('call', 1, { said, reply })));
        expect(plan).not.toContain(said);
        expect(plan).not.toContain(reply);
      }),
    );
  });

  it('is a failure when nobody answered', () => {
    expect(planTurn(turn('call', 1, { outcome: 'unanswered' })).turn.hasFailed).toBe(true);
    expect(planTurn(turn('call', 1, { outcome: 'interrupted' })).turn.hasFailed).toBe(false);
  });
});

describe('what a client heard', () => {
  it("counts from the end of the caller's speech on the worker's clock", () => {
    const { heardFromUnixMs = Number.NaN } = planTurn(turn('call', 1));
    const heard = { schema: 1, turn: 1, heardResponseMs: 560.5, jitterBufferMs: 40 } as const;
    expect(planHeard({ type: 'heard', callId: 'call', heard, unexplainedMs: 7 }, heardFromUnixMs)).toEqual({
      name: 'heard',
      startUnixMs: BEGAN_UNIX_MS + 5_000,
      endUnixMs: BEGAN_UNIX_MS + 5_560.5,
      attributes: {
        'turnwise.heard.response_ms': 560.5,
        'turnwise.heard.jitter_buffer_ms': 40,
        'turnwise.heard.unexplained_ms': 7,
      },
    });
  });
});
