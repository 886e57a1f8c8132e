import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../../agent/config/profiles.js';
import { type Turn, TurnLog } from '../../../agent/conversation/turn-log.js';
import type { Measurements } from '../../../agent/telemetry/metrics.js';
import { TurnDocument } from '../../../wire/turn.js';
import { ManualClock } from '../../support/manual-clock.js';

const provider = (name: string) => ({ provider: name, model: 'm', baseUrl: 'x:', apiKey: 'k' });

function startLog() {
  const clock = new ManualClock(5_000);
  const documents: TurnDocument[] = [];
  const observed: Record<string, number[]> = {};
  const counted: string[] = [];
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
    profile: PROFILES.good,
    providers: { stt: provider('deepgram'), llm: provider('openai'), tts: provider('cartesia') },
    clock,
    measurements,
    onDocument: (document) => documents.push(document),
  });
  return { clock, log, documents, observed, counted };
}

/** One turn up to its answer: 300 ms to the commit, 200 to the token, 50 to the text, 100 to the audio, 10 to the room. */
function answer({ clock, log }: ReturnType<typeof startLog>): Turn {
  const speechEndedAtMs = clock.nowMs();
  clock.advance(300);
  const finalAtMs = speechEndedAtMs + 250;
  const turn = log.openTurn('a latte', 0.9, { speechEndedAtMs, finalAtMs, committedAtMs: clock.nowMs() });
  turn.beginReply();
  turn.mark('llmRequestedAtMs');
  clock.advance(200);
  turn.mark('firstTokenAtMs');
  clock.advance(50);
  turn.mark('ttsRequestedAtMs');
  clock.advance(100);
  turn.mark('firstByteAtMs');
  clock.advance(10);
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
      stages: { endpointingMs: 300, llmMs: 200, textAggregationMs: 50, ttsMs: 100, playoutMs: 10 },
      components: { sttFinalMs: 250, llmTtftMs: 200, ttsTtfbMs: 100 },
    });
  });

  it('observes each latency once, and counts what broke the budget', () => {
    const run = startLog();
    answer(run).endReply();
    expect(run.observed).toMatchObject({
      turnwise_response_seconds: [660],
      turnwise_endpointing_seconds: [300],
      turnwise_stt_final_seconds: [250],
      turnwise_llm_ttft_seconds: [200],
      turnwise_tts_ttfb_seconds: [100],
    });
    expect(run.counted).toEqual(['turnwise_turns_total good answered', 'turnwise_budget_violations_total good stt']);
  });

  it('charges the first token to the request that brought it, not to the one that called a tool', () => {
    const { clock, log, documents } = startLog();
    const turn = log.openTurn('a latte', 1, { speechEndedAtMs: clock.nowMs(), committedAtMs: clock.nowMs() });
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
    log.openTurn('hello', 1, { speechEndedAtMs: clock.nowMs(), committedAtMs: clock.nowMs() });
    const second = log.openTurn('hello?', 1, { speechEndedAtMs: clock.nowMs(), committedAtMs: clock.nowMs() });
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
    const first = log.openTurn('one', 1, { committedAtMs: 5_000 });
    first.beginReply();
    first.markInterrupted();
    const second = log.openTurn('two', 1, { committedAtMs: 5_000 });
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
    const turn = log.openTurn('one', 1, { committedAtMs: 5_000 });
    turn.beginReply();
    // The apology for the reply that failed.
    turn.beginReply();
    turn.endReply();
    expect(documents).toEqual([]);
    turn.endReply();
    turn.close();
    expect(documents).toHaveLength(1);
  });

  it('takes a client’s report once, and only of a turn that had sound', () => {
    const run = startLog();
    const turn = answer(run);
    expect(run.log.takeHeard(1, 800)).toBe(false);
    turn.endReply();
    expect(run.log.takeHeard(1, 800)).toBe(true);
    expect(run.log.takeHeard(1, 700)).toBe(false);
    expect(run.log.takeHeard(99, 800)).toBe(false);
    expect(run.observed.turnwise_heard_response_seconds).toEqual([800]);
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
