import { describe, expect, it } from 'vitest';
import { addTurn, describeTiming, recentTimings } from '../../web-client/call/timing.js';
import type { TurnDocument } from '../../wire/turn.js';

const document = (turn: number, fields: Partial<TurnDocument> = {}): TurnDocument => ({
  schema: 1,
  callId: 'c',
  turn,
  profile: 'good',
  outcome: 'answered',
  said: `turn ${turn}`,
  reply: '',
  instants: {},
  responseMs: 500,
  stages: { endpointingMs: 200, llmMs: 150, textAggregationMs: 0, ttsMs: 100, playoutMs: 50 },
  components: {},
  ...fields,
});
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

  it('can be said in a sentence', () => {
    const [timing] = recentTimings(added(document(1)));
    if (timing === undefined) throw new Error('the turn is missing');
    expect(describeTiming(timing)).toBe(
      'Answered after 500 milliseconds: knowing you were done 200, finding words 150, making speech 100, starting to play 50.',
    );
  });
});
