import { describe, expect, it } from 'vitest';
import { addTurn, describeTiming, recentTimings } from '../../web-client/call/timing.js';
import type { TurnDocument } from '../../wire/turn.js';
import { turnDocument } from './documents.js';

const document = turnDocument;
const added = (...documents: unknown[]) =>
  documents.reduce((turns: readonly TurnDocument[], json) => addTurn(turns, JSON.stringify(json)), []);

describe('where the time went', () => {
  it('shows the last five answered turns, newest first', () => {
    const turns = added(...[1, 2, 3, 4, 5, 6, 7].map((turn) => document(turn)));
    expect(recentTimings(turns).map(({ turn }) => turn)).toEqual([7, 6, 5, 4, 3]);
  });

  it('draws bars to one scale, and leaves out stages that took no time', () => {
    const turns = added(document(1), document(2, { responseMs: 1_000 }));
    const first = recentTimings(turns)[1];
    expect(first?.stages.map(({ key, share }) => [key, share])).toEqual([
      ['endpointingMs', 0.2],
      ['llmMs', 0.15],
      ['ttsMs', 0.1],
      ['playoutMs', 0.05],
    ]);
  });

  it('leaves out the greeting and turns that got no sound', () => {
    const { responseMs: _, ...silent } = document(2, { outcome: 'unanswered' });
    expect(recentTimings(added(document(0), silent))).toEqual([]);
  });

  it('takes the newer document of a turn, in whatever order turns come', () => {
    const turns = added(document(2), document(1), document(2, { responseMs: 700, outcome: 'interrupted' }));
    expect(recentTimings(turns).map(({ turn, responseMs, interrupted }) => [turn, responseMs, interrupted])).toEqual([
      [2, 700, true],
      [1, 500, false],
    ]);
  });

  it('goes on with the turns of an agent that takes over, which counts anew', () => {
    const before = Array.from({ length: 25 }, (_, turn) => document(turn + 1));
    const after = [document(1, { callId: 'AJ_2' }), document(2, { callId: 'AJ_2' })];
    const timings = recentTimings(added(...before, ...after));
    expect(timings.map(({ turn }) => turn)).toEqual([2, 1, 25, 24, 23]);
    expect(new Set(timings.map(({ id }) => id)).size).toBe(5);
  });

  it('passes over what is not a turn document, or is of a schema yet to come', () => {
    expect(added({ ...document(1), schema: 2 }, { hello: 1 }, 'text', null)).toEqual([]);
    expect(addTurn([], '{"schema":')).toEqual([]);
  });

  it('says why the end was waited for, by what weighed most', () => {
    const contributions = {
      base: 420,
      turnModel: -139.6,
      profile: 0.2,
      functionWordEnd: 60,
      vadLevel: 12,
      openEndLengthened: 20,
    };
    const waiting = { waitMs: 372.4, silenceMs: 384, contributions, scores: [0.7] };
    const [timing] = recentTimings(added(document(1, { waiting })));
    expect(timing?.waited).toBe(
      'Waited 372 ms: to begin with 420, how the end sounded −140, a word that calls for another +60, open end lengthened +20',
    );
    expect(recentTimings(added(document(1)))[0]).not.toHaveProperty('waited');
  });

  it('says what was done ahead, and nothing where nothing was', () => {
    const hidden = { llmMs: 180.4, textAggregationMs: 0.2, ttsMs: 90 };
    const [timing] = recentTimings(added(document(1, { hidden })));
    expect(timing?.hidden).toBe('Done meanwhile, at no cost: finding words 180, making speech 90');
    const none = added(document(1), document(2, { hidden: { llmMs: 0, textAggregationMs: 0, ttsMs: 0 } }));
    for (const one of recentTimings(none)) expect(one).not.toHaveProperty('hidden');
  });

  it('sets what this page heard against what the agent says, and where the rest went', () => {
    const report = {
      schema: 1 as const,
      turn: 1,
      heardResponseMs: 640.4,
      roundTripMs: 12,
      jitterBufferMs: 60,
      playoutMs: 31,
    };
    const turns = added(document(1));
    expect(recentTimings(turns, [{ callId: 'c', report }])[0]?.heard).toBe(
      'Heard after 640 ms: on the way network 12, jitter buffer 60, the rest 68; then to the loudspeaker 31',
    );
    const bare = { schema: 1 as const, turn: 1, heardResponseMs: 480 };
    expect(recentTimings(turns, [{ callId: 'c', report: bare }])[0]?.heard).toBe(
      'Heard after 480 ms: on the way the rest −20',
    );
    expect(recentTimings(turns, [{ callId: 'other', report }])[0]).not.toHaveProperty('heard');
  });

  it('can be said in a sentence', () => {
    const [timing] = recentTimings(added(document(1)));
    if (timing === undefined) throw new Error('the turn is missing');
    expect(describeTiming(timing)).toBe(
      'Answered after 500 milliseconds: knowing you were done 200, finding words 150, making speech 100, starting to play 50.',
    );
  });
});
