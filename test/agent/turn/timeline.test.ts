import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  answerLatencyMs,
  componentLatencies,
  hiddenWork,
  legLatencies,
  responseLatencyMs,
  splitResponseLatency,
  type TurnTimeline,
} from '../../../agent/turn/timeline.js';

/** Nothing was begun before the commit; every stage takes its time after the one before. */
const turn: TurnTimeline = {
  speechEndedAtMs: 1_000,
  vadEndedAtMs: 1_096,
  lastInterimAtMs: 1_150,
  finalAtMs: 1_250,
  committedAtMs: 1_400,
  adoptedAtMs: 1_405,
  llmRequestedAtMs: 1_410,
  firstTokenAtMs: 1_630,
  firstClauseAtMs: 1_700,
  ttsRequestedAtMs: 1_700,
  firstByteAtMs: 1_770,
  firstAudibleAtMs: 1_790,
  voiceReadyAtMs: 1_795,
  playoutStartedAtMs: 1_800,
};
/** The same reply, begun 300 ms before the commit: its first sound is there when the turn is over. */
const speculated: TurnTimeline = {
  ...turn,
  speculatedAtMs: 1_100,
  llmRequestedAtMs: 1_100,
  firstTokenAtMs: 1_200,
  firstClauseAtMs: 1_230,
  ttsRequestedAtMs: 1_230,
  firstByteAtMs: 1_320,
  firstAudibleAtMs: 1_340,
  voiceReadyAtMs: 1_408,
  playoutStartedAtMs: 1_412,
};
const NOTHING = {
  ...{ sttMs: 0, endpointingMs: 0, llmMs: 0, toolsMs: 0 },
  ...{ textAggregationMs: 0, ttsMs: 0, playoutMs: 0, unexplainedMs: 0 },
};

describe('the response latency', () => {
  it('runs from the end of speech to the first frame', () => {
    expect(responseLatencyMs(turn)).toBe(800);
  });

  it('is unknown for typed text and for a turn without sound', () => {
    expect(responseLatencyMs({ committedAtMs: 1, playoutStartedAtMs: 2 })).toBeUndefined();
    expect(responseLatencyMs({ speechEndedAtMs: 1, committedAtMs: 2 })).toBeUndefined();
  });

  it('is charged to the stages that were waited for, and what lies between them to nobody', () => {
    expect(splitResponseLatency(turn)).toEqual({
      ...{ sttMs: 250, endpointingMs: 150, llmMs: 220, toolsMs: 0 },
      ...{ textAggregationMs: 70, ttsMs: 90, playoutMs: 5, unexplainedMs: 15 },
    });
  });

  it('charges a reply that was ready before the commit to the end of the turn alone', () => {
    expect(splitResponseLatency(speculated)).toEqual({
      ...NOTHING,
      ...{ sttMs: 250, endpointingMs: 150, playoutMs: 4, unexplainedMs: 8 },
    });
  });

  it('charges a reply that was begun early and came late to its own stages, not to the wait beside it', () => {
    const late = { ...speculated, firstAudibleAtMs: 1_700, voiceReadyAtMs: 1_701, playoutStartedAtMs: 1_705 };
    expect(splitResponseLatency(late)).toEqual({
      ...NOTHING,
      ...{ endpointingMs: 100, llmMs: 100, textAggregationMs: 30, ttsMs: 470, playoutMs: 4, unexplainedMs: 1 },
    });
  });

  it('charges words that were waited for before a reply was begun early to the recogniser', () => {
    const late = { ...speculated, lastInterimAtMs: 1_060, firstAudibleAtMs: 1_700, voiceReadyAtMs: 1_701 };
    expect(splitResponseLatency({ ...late, playoutStartedAtMs: 1_705 })).toMatchObject({
      sttMs: 60,
      endpointingMs: 40,
    });
  });

  it('charges a voice that was held back until the reply was wanted to the end of the turn', () => {
    const held = { ...speculated, ttsRequestedAtMs: 1_406, firstByteAtMs: 1_490, firstAudibleAtMs: 1_500 };
    expect(splitResponseLatency({ ...held, voiceReadyAtMs: 1_502, playoutStartedAtMs: 1_505 })).toMatchObject({
      ...{ sttMs: 250, endpointingMs: 150, llmMs: 0, textAggregationMs: 0, ttsMs: 94, playoutMs: 3 },
    });
  });

  it('charges tools, and the request that called them', () => {
    const tools = { ...turn, toolsStartedAtMs: 1_500, toolsEndedAtMs: 1_560, llmRequestedAtMs: 1_565 };
    expect(splitResponseLatency(tools)).toMatchObject({ toolsMs: 60, llmMs: 95 + 65, unexplainedMs: 5 + 5 + 5 });
  });

  it('charges an opening that was ready at the commit to nobody but the end of the turn', () => {
    const { firstAudibleAtMs: _, ...rest } = turn;
    const opening = { ...rest, firstByteAtMs: 1_900, voiceReadyAtMs: 1_407, playoutStartedAtMs: 1_410 };
    expect(splitResponseLatency(opening)).toEqual({
      ...NOTHING,
      ...{ sttMs: 250, endpointingMs: 150, playoutMs: 3, unexplainedMs: 7 },
    });
  });

  it('charges the wait that a filler ended to what had not come', () => {
    const waiting = { ...turn, firstTokenAtMs: 5_000, firstClauseAtMs: 5_000, ttsRequestedAtMs: 5_000 };
    const { firstByteAtMs: _, firstAudibleAtMs: __, ...filled } = waiting;
    const stages = splitResponseLatency({
      ...filled,
      fillerAtMs: 3_900,
      voiceReadyAtMs: 3_902,
      playoutStartedAtMs: 3_910,
    });
    expect(stages).toMatchObject({ llmMs: 2_490, playoutMs: 10, sttMs: 250, endpointingMs: 150 });
    const slowTool = { ...filled, toolsStartedAtMs: 1_500, toolsEndedAtMs: 4_500, fillerAtMs: 3_900 };
    expect(splitResponseLatency({ ...slowTool, playoutStartedAtMs: 3_910 })).toMatchObject({ toolsMs: 2_400 });
  });

  it('is charged to the wait for the end, from the last words on, where no final came', () => {
    const { finalAtMs: _, ...withoutFinal } = turn;
    expect(splitResponseLatency(withoutFinal)).toMatchObject({ sttMs: 150, endpointingMs: 250 });
    const { lastInterimAtMs: __, ...withoutWords } = withoutFinal;
    expect(splitResponseLatency(withoutWords)).toMatchObject({ sttMs: 0, endpointingMs: 400 });
  });

  it('is the sum of its stages, whatever happened and whenever', () => {
    const instant = fc.option(fc.integer({ min: 0, max: 10_000 }), { nil: undefined });
    const timelines = fc.record({
      speechEndedAtMs: fc.integer({ min: 0, max: 5_000 }),
      committedAtMs: fc.integer({ min: 0, max: 10_000 }),
      playoutStartedAtMs: fc.integer({ min: 0, max: 10_000 }),
      lastInterimAtMs: instant,
      finalAtMs: instant,
      speculatedAtMs: instant,
      adoptedAtMs: instant,
      llmRequestedAtMs: instant,
      toolsStartedAtMs: instant,
      toolsEndedAtMs: instant,
      firstTokenAtMs: instant,
      firstClauseAtMs: instant,
      ttsRequestedAtMs: instant,
      firstByteAtMs: instant,
      firstAudibleAtMs: instant,
      voiceReadyAtMs: instant,
      fillerAtMs: instant,
    });
    fc.assert(
      fc.property(timelines, (timeline) => {
        const stages = Object.values(splitResponseLatency(timeline) ?? {});
        expect(stages.reduce((sum, ms) => sum + ms, 0)).toBe(responseLatencyMs(timeline));
        expect(Math.min(...stages)).toBeGreaterThanOrEqual(0);
      }),
    );
  });

  it('grows by what any one provider takes longer, and so does that stage, where nothing is begun early', () => {
    const providers = fc.constantFrom(
      ['sttMs', 'finalAtMs'] as const,
      ['llmMs', 'firstTokenAtMs'] as const,
      ['ttsMs', 'firstAudibleAtMs'] as const,
    );
    fc.assert(
      fc.property(providers, fc.integer({ min: 0, max: 2_000 }), ([stage, instant], laterMs) => {
        const fromMs = turn[instant] ?? 0;
        const later = Object.fromEntries(
          Object.entries(turn).map(([name, atMs]) => [
            name,
            atMs !== undefined && atMs >= fromMs ? atMs + laterMs : atMs,
          ]),
        );
        const before = splitResponseLatency(turn);
        const after = splitResponseLatency(later);
        expect(after?.[stage]).toBe((before?.[stage] ?? 0) + laterMs);
        expect(responseLatencyMs(later)).toBe((responseLatencyMs(turn) ?? 0) + laterMs);
      }),
    );
  });
});

describe('the answer behind an opening', () => {
  it('has a latency of its own', () => {
    expect(answerLatencyMs({ speechEndedAtMs: 1_000, answerStartedAtMs: 1_900 })).toBe(900);
    expect(answerLatencyMs(turn)).toBeUndefined();
  });
});

describe('work that was hidden', () => {
  it('is what a reply took that was begun early, less what was waited for of it', () => {
    const stages = splitResponseLatency(speculated) ?? NOTHING;
    expect(hiddenWork(speculated, stages)).toEqual({ llmMs: 100, textAggregationMs: 30, ttsMs: 110 });
    const late = { ...speculated, firstAudibleAtMs: 1_700, voiceReadyAtMs: 1_701, playoutStartedAtMs: 1_705 };
    expect(hiddenWork(late, splitResponseLatency(late) ?? NOTHING)).toEqual({
      ...{ llmMs: 0, textAggregationMs: 0, ttsMs: 0 },
    });
  });

  it('holds what was lost on requests that nobody answered', () => {
    const lost = { ...speculated, llmWinnerRequestedAtMs: 1_180, ttsWinnerRequestedAtMs: 1_300 };
    expect(hiddenWork(lost, splitResponseLatency(lost) ?? NOTHING)).toEqual(hiddenWork(speculated, NOTHING));
  });

  it('is none where nothing was begun early', () => {
    expect(hiddenWork(turn, NOTHING)).toBeUndefined();
  });
});

describe('component latencies', () => {
  it('are what each took by itself', () => {
    expect(componentLatencies(turn)).toEqual({
      ...{ endpointingMs: 400, sttFinalMs: 250, llmTtftMs: 220, textAggregationMs: 70 },
      ...{ ttsTtfbMs: 70, ttsFirstSoundMs: 90, playoutMs: 5 },
    });
  });

  it('count from the request that was answered, while the stages count what was lost before it', () => {
    const lost = { ...turn, llmWinnerRequestedAtMs: 1_550, ttsWinnerRequestedAtMs: 1_740 };
    expect(componentLatencies(lost)).toMatchObject({ llmTtftMs: 80, ttsTtfbMs: 30, ttsFirstSoundMs: 50 });
    expect(legLatencies(lost)).toEqual(componentLatencies(turn));
    expect(splitResponseLatency(lost)).toEqual(splitResponseLatency(turn));
  });

  it('leave out what did not happen', () => {
    expect(componentLatencies({ speechEndedAtMs: 1 })).toEqual({});
    const { finalAtMs: _, ...withoutFinal } = turn;
    expect(componentLatencies(withoutFinal)).not.toHaveProperty('sttFinalMs');
  });
});
