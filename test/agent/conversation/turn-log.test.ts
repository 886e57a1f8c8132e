import { describe, expect, it, vi } from 'vitest';
import { PROFILES, withoutTechniques } from '../../../agent/config/profiles.js';
import type { Turn } from '../../../agent/conversation/turn.js';
import { TurnLog } from '../../../agent/conversation/turn-log.js';
import type { Measurements } from '../../../agent/telemetry/metrics.js';
import { TurnDocument } from '../../../wire/turn.js';
import { ManualClock } from '../../support/manual-clock.js';

const provider = (name: string) => ({ provider: name, model: 'm', baseUrl: 'x:', apiKey: 'k' });

function startLog(profile = PROFILES.good) {
  const clock = new ManualClock(5_000);
  const documents: TurnDocument[] = [];
  const observed: Record<string, number[]> = {};
  const counted: string[] = [];
  const overlap = { mayContinue: false };
  const measurements: Measurements = {
    observe: (name, _labels, ms) => {
      observed[name] = [...(observed[name] ?? []), ms];
    },
    count: (name, labels) => {
      counted.push(`${name} ${Object.values(labels).join(' ')}`.trim());
    },
  };
  const log = new TurnLog({
    callId: 'AJ_1',
    profile,
    providers: { stt: provider('deepgram'), llm: provider('openai'), tts: provider('cartesia') },
    clock,
    measurements,
    mayBeContinued: () => overlap.mayContinue,
    onDocument: (document) => documents.push(document),
  });
  return { clock, log, documents, observed, counted, overlap };
}

/** One turn up to its answer: 300 ms to the commit, 200 to the token, 50 to the text, 90 to the sound, 20 to the room. */
function answer({ clock, log }: ReturnType<typeof startLog>): Turn {
  const speechEndedAtMs = clock.nowMs();
  clock.advance(300);
  const finalAtMs = speechEndedAtMs + 250;
  const turn = log.openTurn({
    said: 'a latte',
    confidence: 0.9,
    timeline: { speechEndedAtMs, finalAtMs, committedAtMs: clock.nowMs() },
  });
  turn.beginReply();
  turn.mark('llmRequestedAtMs');
  clock.advance(200);
  turn.mark('firstTokenAtMs');
  clock.advance(50);
  turn.mark('firstClauseAtMs');
  turn.mark('ttsRequestedAtMs');
  clock.advance(80);
  turn.mark('firstByteAtMs');
  clock.advance(10);
  turn.mark('firstAudibleAtMs');
  clock.advance(5);
  turn.mark('voiceReadyAtMs');
  clock.advance(15);
  turn.mark('playoutStartedAtMs');
  turn.addReply('One latte.');
  clock.advance(900);
  turn.mark('playoutEndedAtMs');
  return turn;
}

describe('the turn log', () => {
  it('tells the room one document per turn, of the schema, whose stages add up', () => {
    const run = startLog();
    answer(run).endReply();
    const [document] = run.documents;
    expect(TurnDocument.parse(document)).toMatchObject({
      turn: 1,
      outcome: 'answered',
      said: 'a latte',
      reply: 'One latte.',
      responseMs: 660,
      stages: { sttMs: 250, endpointingMs: 50, llmMs: 200, textAggregationMs: 50, ttsMs: 90, playoutMs: 15 },
      components: { endpointingMs: 300, sttFinalMs: 250, llmTtftMs: 200, ttsTtfbMs: 80, ttsFirstSoundMs: 90 },
      providers: { stt: { provider: 'deepgram', model: 'm' } },
    });
  });

  it('observes each latency once, and counts what broke the budget', () => {
    const run = startLog();
    answer(run).endReply();
    run.log.closeAll();
    run.log.closeAll();
    expect(run.observed).toMatchObject({
      turnwise_response_seconds: [660],
      turnwise_endpointing_seconds: [300],
      turnwise_stt_final_seconds: [250],
      turnwise_llm_ttft_seconds: [200],
      turnwise_text_aggregation_seconds: [50],
      turnwise_tts_ttfb_seconds: [80],
      turnwise_tts_first_sound_seconds: [90],
      turnwise_playout_seconds: [15],
      turnwise_unexplained_seconds: [5],
      turnwise_stage_seconds: [250, 50, 200, 0, 50, 90, 15, 5],
    });
    expect(run.counted).toEqual(['turnwise_turns_total good answered', 'turnwise_budget_violations_total good stt']);
  });

  it('measures a turn a moment after its first sound, though the agent goes on speaking', () => {
    vi.useFakeTimers();
    try {
      const run = startLog();
      const turn = answer(run);
      vi.advanceTimersByTime(1_499);
      expect(run.observed).toEqual({});
      vi.advanceTimersByTime(1);
      expect(run.observed.turnwise_response_seconds).toEqual([660]);
      turn.endReply();
      run.log.closeAll();
      expect(run.observed.turnwise_response_seconds).toEqual([660]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('waits with a turn that was cut early until it is known whether it was answered too soon, and counts it at once', () => {
    vi.useFakeTimers();
    try {
      const run = startLog();
      const cut = answer(run);
      cut.markInterrupted(true);
      cut.endReply();
      vi.advanceTimersByTime(10_000);
      expect(run.observed).toEqual({});
      expect(run.documents).toEqual([]);
      expect(run.counted).toEqual(['turnwise_turns_total good interrupted']);
      run.log.openTurn({ said: 'no, a tea', confidence: 1, timeline: { committedAtMs: run.clock.nowMs() } });
      expect(run.observed.turnwise_response_seconds).toEqual([660]);
      expect(run.documents).toMatchObject([{ turn: 1, outcome: 'interrupted' }]);
      expect(run.counted.filter((count) => count.startsWith('turnwise_turns_total'))).toHaveLength(1);
    } finally {
      vi.useRealTimers();
    }
  });

  it('waits for nothing with a turn that was cut by what cannot go on with it', () => {
    vi.useFakeTimers();
    try {
      const run = startLog();
      const cut = answer(run);
      cut.markInterrupted();
      // The framework takes its time to end the reply; the latencies do not wait for that.
      vi.advanceTimersByTime(1_500);
      expect(run.observed.turnwise_response_seconds).toEqual([660]);
      expect(run.documents).toEqual([]);
      cut.endReply();
      expect(run.documents).toMatchObject([{ turn: 1, outcome: 'interrupted', responseMs: 660 }]);

      const cutSooner = answer(run);
      cutSooner.markInterrupted();
      cutSooner.endReply();
      expect(run.documents).toHaveLength(2);
      expect(run.observed.turnwise_response_seconds).toEqual([660, 660]);
      run.log.closeAll();
      expect(run.observed.turnwise_response_seconds).toHaveLength(2);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not measure a turn while what is said over it may go on with it and is not judged yet', () => {
    vi.useFakeTimers();
    try {
      const run = startLog();
      const heardOut = answer(run);
      run.overlap.mayContinue = true;
      vi.advanceTimersByTime(2_499);
      expect(run.observed).toEqual({});
      run.overlap.mayContinue = false;
      vi.advanceTimersByTime(1);
      expect(run.observed.turnwise_response_seconds).toEqual([660]);
      heardOut.endReply();

      const tooSoon = answer(run);
      run.overlap.mayContinue = true;
      vi.advanceTimersByTime(1_600);
      tooSoon.markInterrupted(true);
      run.overlap.mayContinue = false;
      vi.advanceTimersByTime(1_000);
      const timeline = { committedAtMs: run.clock.nowMs() };
      run.log.openTurn({ said: 'a latte with milk', confidence: 1, timeline, continued: tooSoon });
      tooSoon.endReply();
      run.log.closeAll();
      expect(run.observed.turnwise_response_seconds).toEqual([660]);
    } finally {
      vi.useRealTimers();
    }
  });

  it('measures the answer behind an opening apart', () => {
    const run = startLog();
    const turn = answer(run);
    turn.mark('answerStartedAtMs', run.clock.nowMs());
    turn.endReply();
    expect(run.documents[0]).toMatchObject({ responseMs: 660, answerMs: 1_560 });
    expect(run.observed.turnwise_answer_seconds).toEqual([1_560]);
  });

  it('tells what speculation hid', () => {
    const run = startLog();
    const speechEndedAtMs = run.clock.nowMs();
    const at = (afterMs: number) => speechEndedAtMs + afterMs;
    run.clock.advance(500);
    const timeline = { speechEndedAtMs, finalAtMs: at(250), committedAtMs: at(400), adoptedAtMs: at(400) };
    const turn = run.log.openTurn({ said: 'a latte', confidence: 1, timeline });
    for (const [instant, atMs] of [
      ['speculatedAtMs', at(100)],
      ['llmRequestedAtMs', at(100)],
      ['firstTokenAtMs', at(300)],
      ['ttsRequestedAtMs', at(310)],
      ['firstAudibleAtMs', at(390)],
      ['playoutStartedAtMs', at(410)],
    ] as const)
      turn.mark(instant, atMs);
    turn.close();
    expect(run.documents[0]?.hidden).toEqual({ llmMs: 200, textAggregationMs: 0, ttsMs: 80 });
    run.log.closeAll();
    expect(run.observed.turnwise_hidden_seconds).toEqual([200, 0, 80]);
  });

  it('keeps no account where the profile has none', () => {
    const run = startLog(withoutTechniques(PROFILES.good, ['accounts']));
    answer(run).endReply();
    run.log.closeAll();
    expect([run.documents, run.observed, run.counted]).toEqual([[], {}, []]);
  });

  it('charges the first token to the request that brought it, not to the one that called a tool', () => {
    const { clock, log, documents } = startLog();
    const turn = log.openTurn({
      said: 'a latte',
      confidence: 1,
      timeline: { speechEndedAtMs: clock.nowMs(), committedAtMs: clock.nowMs() },
    });
    turn.mark('llmRequestedAtMs');
    clock.advance(700);
    turn.mark('llmRequestedAtMs');
    clock.advance(100);
    turn.mark('firstTokenAtMs');
    log.closeAll();
    expect(documents[0]?.components.llmTtftMs).toBe(100);
  });

  it('counts a turn that nobody began to answer as unanswered, and one that was cut as interrupted', () => {
    const { clock, log, documents } = startLog();
    log.openTurn({
      said: 'hello',
      confidence: 1,
      timeline: { speechEndedAtMs: clock.nowMs(), committedAtMs: clock.nowMs() },
    });
    const second = log.openTurn({
      said: 'hello?',
      confidence: 1,
      timeline: { speechEndedAtMs: clock.nowMs(), committedAtMs: clock.nowMs() },
    });
    second.mark('playoutStartedAtMs');
    second.markInterrupted();
    log.closeAll();
    expect(documents.map(({ turn, outcome }) => [turn, outcome])).toEqual([
      [1, 'unanswered'],
      [2, 'interrupted'],
    ]);
  });

  it('credits each reply to its own turn, however late it ends', () => {
    const { log, documents } = startLog();
    const first = log.openTurn({ said: 'one', confidence: 1, timeline: { committedAtMs: 5_000 } });
    first.beginReply();
    first.markInterrupted();
    const second = log.openTurn({ said: 'two', confidence: 1, timeline: { committedAtMs: 5_000 } });
    second.beginReply();
    first.addReply('The first, as far as it');
    first.endReply();
    second.addReply('The second.');
    second.endReply();
    expect(documents.map(({ turn, reply, outcome }) => [turn, reply, outcome])).toEqual([
      [1, 'The first, as far as it', 'interrupted'],
      [2, 'The second.', 'unanswered'],
    ]);
  });

  it('keeps a turn open until the last of its replies is done', () => {
    const { log, documents } = startLog();
    const turn = log.openTurn({ said: 'one', confidence: 1, timeline: { committedAtMs: 5_000 } });
    turn.beginReply();
    // The apology for the reply that failed.
    turn.beginReply();
    turn.endReply();
    expect(documents).toEqual([]);
    turn.endReply();
    turn.close();
    expect(documents).toHaveLength(1);
  });

  it('tells which evidence led to which wait, in at most as many pieces as the schema takes', () => {
    const { log, documents } = startLog();
    const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`piece${index}`, index]));
    const contributions = { ...many, base: 400, turnModel: -80.04 };
    const waiting = { waitMs: 1_099.96, silenceMs: 1_120, contributions, scores: [0.71234] };
    log.openTurn({ said: 'a latte', confidence: 1, timeline: { committedAtMs: 5_000 }, waiting }).close();
    const told = TurnDocument.parse(documents[0]).waiting;
    expect(told).toMatchObject({ waitMs: 1_100, silenceMs: 1_120, scores: [0.712] });
    expect(told?.contributions).toMatchObject({ base: 400, turnModel: -80, piece39: 39, others: 171 });
    const pieces = Object.values(told?.contributions ?? {});
    expect(pieces).toHaveLength(24);
    expect(pieces.reduce((sum, ms) => sum + ms, 0)).toBeCloseTo(1_100, 0);
  });

  it('counts what was said over a reply', () => {
    const { log, documents } = startLog();
    const turn = log.openTurn({ said: 'a latte', confidence: 1, timeline: { committedAtMs: 5_000 } });
    for (const verdict of ['backchannel', 'backchannel', 'echo'] as const) turn.addOverlap(verdict);
    turn.close();
    expect(TurnDocument.parse(documents[0]).overlaps).toEqual({ backchannel: 2, echo: 1 });
  });

  it('tells the two halves of a turn that was answered too soon of each other, and measures no answer to the first', () => {
    const run = startLog();
    const { log, documents, clock } = run;
    const first = answer(run);
    first.markInterrupted(true);
    first.endReply();
    // Whether it is superseded, the next turn will tell.
    expect(documents).toEqual([]);
    log.openTurn({
      said: 'a latte with milk',
      confidence: 0.9,
      timeline: { committedAtMs: clock.nowMs() },
      continued: first,
    });
    log.closeAll();
    expect(documents.map((document) => TurnDocument.parse(document))).toMatchObject([
      { turn: 1, outcome: 'interrupted', supersededBy: 2 },
      { turn: 2, continues: 1 },
    ]);
    expect(run.observed).toEqual({});
  });

  it('supersedes a turn that nobody had begun to answer', () => {
    const { log, documents } = startLog();
    const timeline = { committedAtMs: 5_000 };
    const first = log.openTurn({ said: 'a latte', confidence: 1, timeline });
    log.openTurn({ said: 'a latte with milk', confidence: 1, timeline, continued: first });
    expect(documents).toMatchObject([{ turn: 1, outcome: 'interrupted', supersededBy: 2 }]);
  });

  it('does not wait for ever for a turn to supersede an interrupted one', () => {
    vi.useFakeTimers();
    try {
      const { log, documents } = startLog();
      const turn = log.openTurn({ said: 'a latte', confidence: 1, timeline: { committedAtMs: 5_000 } });
      turn.markInterrupted(true);
      turn.close();
      vi.advanceTimersByTime(14_999);
      expect(documents).toEqual([]);
      vi.advanceTimersByTime(1);
      expect(documents).toMatchObject([{ turn: 1, outcome: 'interrupted' }]);
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });

  it('does not measure the greeting as an answer', () => {
    const { log, counted, documents } = startLog();
    const greeting = log.openGreeting();
    greeting.mark('playoutStartedAtMs');
    greeting.close();
    expect(counted).toEqual([]);
    expect(documents[0]).toMatchObject({ turn: 0, outcome: 'answered', said: '' });
  });
});
