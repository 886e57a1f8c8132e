import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Wait } from '../../web-client/call/heard-meter.js';
import { createTurnMatcher } from '../../web-client/call/heard-turns.js';
import type { TurnDocument } from '../../wire/turn.js';
import { turnDocument } from './documents.js';

/** The page's clock less the worker's, and how much later the ear is, in ms. */
const OFFSET_MS = 7_000;
const WAY_MS = 120;
const REPLY_MS = 1_500;

/** A turn whose answer the worker began at this instant; its account comes right after the reply. */
function turnAt(turn: number, startedAtMs: number, fields: Partial<TurnDocument> = {}, replyMs = REPLY_MS) {
  const instants = { playoutStartedAtMs: startedAtMs, playoutEndedAtMs: startedAtMs + replyMs };
  const document = turnDocument(turn, { instants, ...fields });
  return { document, arrivedAtMs: startedAtMs + OFFSET_MS + replyMs + 30 };
}

/** What the page measured of an answer that the worker began at this instant. */
function waitAt(startedAtMs: number, responseMs = 500): Wait {
  const heardAtMs = startedAtMs + OFFSET_MS + WAY_MS;
  const heardMs = responseMs + WAY_MS;
  return { spokeUntilMs: heardAtMs - heardMs, heardAtMs, heardMs };
}

describe('a measured wait', () => {
  it('is given to the turn whose account comes when the reply is done', () => {
    const matcher = createTurnMatcher();
    expect(matcher.addWait(waitAt(10_000))).toEqual([]);
    const turn = turnAt(1, 10_000);
    expect(matcher.addTurn(turn)).toEqual([{ document: turn.document, wait: waitAt(10_000) }]);
    expect(matcher.addTurn(turnAt(2, 10_000))).toEqual([]);
    matcher.addWait(waitAt(10_100));
    expect(matcher.addTurn(turn)).toEqual([]);
  });

  it('is given to a turn whose account the page read first', () => {
    const matcher = createTurnMatcher();
    const turn = turnAt(1, 10_000);
    expect(matcher.addTurn(turn)).toEqual([]);
    expect(matcher.addWait(waitAt(10_000))).toEqual([{ document: turn.document, wait: waitAt(10_000) }]);
  });

  it('is not given to the turn before, whose own wait was not measured', () => {
    const matcher = createTurnMatcher();
    matcher.addTurn(turnAt(1, 10_000));
    expect(matcher.addWait(waitAt(16_000))).toEqual([]);
    expect(matcher.addTurn(turnAt(2, 16_000)).map(({ document }) => document.turn)).toEqual([2]);
  });

  it('is not given to the turn after, whose own wait was not measured', () => {
    const matcher = createTurnMatcher();
    matcher.addWait(waitAt(10_000));
    matcher.addTurn(turnAt(1, 10_000));
    matcher.addWait(waitAt(14_000)); // Of a turn that no account comes of.
    expect(matcher.addTurn(turnAt(3, 16_000))).toEqual([]);
  });

  it('is given to neither of two turns that it could be of', () => {
    const matcher = createTurnMatcher();
    matcher.addWait(waitAt(10_000));
    matcher.addWait(waitAt(11_000));
    expect(matcher.addTurn(turnAt(1, 11_000))).toEqual([]);
  });

  it('is found among several once the clocks are known', () => {
    const matcher = createTurnMatcher();
    matcher.addWait(waitAt(5_000));
    matcher.addTurn(turnAt(1, 5_000));
    matcher.addWait(waitAt(10_000));
    matcher.addWait(waitAt(11_000));
    const [matched] = matcher.addTurn(turnAt(2, 11_000));
    expect(matched?.wait).toEqual(waitAt(11_000));
  });

  it('is of no turn that was superseded, had no sound, or is the greeting', () => {
    const matcher = createTurnMatcher();
    matcher.addWait(waitAt(10_000));
    const { responseMs: _, ...silent } = turnAt(1, 10_000).document;
    const { arrivedAtMs } = turnAt(1, 10_000);
    expect(matcher.addTurn({ document: silent, arrivedAtMs })).toEqual([]);
    expect(matcher.addTurn(turnAt(0, 10_000))).toEqual([]);
    expect(matcher.addTurn(turnAt(2, 10_000, { supersededBy: 3 }))).toEqual([]);
  });

  it('is of an interrupted turn, told of much later, only by what is known of the clocks', () => {
    const interrupted = { ...turnAt(2, 10_000, { outcome: 'interrupted' as const }), arrivedAtMs: 30_000 };
    const unknowing = createTurnMatcher();
    unknowing.addWait(waitAt(10_000));
    expect(unknowing.addTurn(interrupted)).toEqual([]);
    const knowing = createTurnMatcher();
    knowing.addWait(waitAt(5_000));
    knowing.addTurn(turnAt(1, 5_000));
    knowing.addWait(waitAt(10_000));
    expect(knowing.addTurn(interrupted).map(({ wait }) => wait)).toEqual([waitAt(10_000)]);
  });

  it('finds its turns again when the first one was the wrong one, or the call another', () => {
    const matcher = createTurnMatcher();
    matcher.addWait(waitAt(5_000));
    matcher.addTurn(turnAt(1, 5_600)); // Plausible, and wrong by 600 ms.
    matcher.addWait(waitAt(10_000));
    expect(matcher.addTurn(turnAt(2, 10_000))).toEqual([]);
    matcher.addWait(waitAt(20_000));
    expect(matcher.addTurn(turnAt(3, 20_000))).toHaveLength(1);
    const other = turnAt(1, 2_000, { callId: 'other' });
    matcher.addWait(waitAt(30_000));
    expect(matcher.addTurn({ ...other, arrivedAtMs: 30_000 + OFFSET_MS + REPLY_MS })).toHaveLength(1);
  });

  it('is never given to a wrong turn, whichever waits and accounts are missing or late', () => {
    const turn = fc.record({
      pauseMs: fc.integer({ min: 700, max: 9_000 }),
      replyMs: fc.integer({ min: 700, max: 4_000 }),
      responseMs: fc.integer({ min: 200, max: 1_500 }),
      isMeasured: fc.boolean(),
      isTold: fc.boolean(),
      isInterrupted: fc.boolean(),
      lateMs: fc.integer({ min: 0, max: 800 }),
    });
    fc.assert(
      fc.property(fc.array(turn, { maxLength: 12 }), (turns) => {
        const matcher = createTurnMatcher();
        const events: { atMs: number; run: () => readonly { document: TurnDocument; wait: Wait }[] }[] = [];
        const truth = new Map<number, number>();
        let startedAtMs = 0;
        for (const [index, one] of turns.entries()) {
          startedAtMs += (turns[index - 1]?.replyMs ?? 0) + one.responseMs + one.pauseMs;
          const wait = waitAt(startedAtMs, one.responseMs);
          truth.set(index + 1, wait.heardAtMs);
          if (one.isMeasured) events.push({ atMs: wait.heardAtMs, run: () => matcher.addWait(wait) });
          const outcome = one.isInterrupted ? ('interrupted' as const) : ('answered' as const);
          const fields = { responseMs: one.responseMs, outcome };
          const { document, arrivedAtMs } = turnAt(index + 1, startedAtMs, fields, one.replyMs);
          const atMs = arrivedAtMs + one.lateMs;
          if (one.isTold) events.push({ atMs, run: () => matcher.addTurn({ document, arrivedAtMs: atMs }) });
        }
        for (const { run } of events.toSorted((a, b) => a.atMs - b.atMs)) {
          for (const { document, wait } of run()) expect(wait.heardAtMs).toBe(truth.get(document.turn));
        }
      }),
    );
  });
});
