import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Asked, type Move, nextMove, type ReplyState } from '../../../agent/providers/reply-plan.js';

const WELL = { allows: true, isWell: true };
const ILL = { allows: true, isWell: false };
const OPEN = { allows: false, isWell: false };

const asked = (more: Partial<Asked> = {}): Asked => ({
  provider: 0,
  askedAtMs: 0,
  isHedge: false,
  state: 'waiting',
  lateAfterMs: 300,
  failsAfterMs: 1_500,
  endsAfterMs: 1_500,
  ...more,
});
const state = (more: Partial<ReplyState> = {}): ReplyState => ({
  asked: [],
  providers: [WELL, WELL],
  fallback: true,
  mayHedge: true,
  isWorthRepeating: true,
  ...more,
});
const ask = (provider: number, why: 'first' | 'hedge' | 'failover'): Move => ({ kind: 'ask', provider, why });

describe('the plan of a reply', () => {
  it('waits longer for who alone can be asked, and asks it once more beside', () => {
    const slow = asked({ endsAfterMs: 10_000 });
    const alone = { asked: [slow], providers: [WELL], mayHedge: false };
    expect(nextMove(state(alone), 10)).toEqual({ kind: 'wait', untilMs: 1_500 });
    expect(nextMove(state(alone), 1_500)).toEqual(ask(0, 'failover'));
    const both = { ...alone, asked: [slow, { ...slow, askedAtMs: 1_500 }] };
    expect(nextMove(state(both), 1_600)).toEqual({ kind: 'wait', untilMs: 10_000 });
    expect(nextMove(state(both), 10_000)).toEqual({ kind: 'expire', index: 0 });
    expect(nextMove(state({ ...alone, fallback: false }), 1_600)).toEqual({ kind: 'wait', untilMs: 10_000 });
    // Somebody else can be asked.
    expect(nextMove(state({ ...alone, providers: [WELL, WELL] }), 1_500)).toEqual({ kind: 'expire', index: 0 });
  });

  it('looks again at a late request whose hedge may soon be paid for', () => {
    const unpaid = { asked: [asked()], mayHedge: false, mayHedgeLater: true };
    expect(nextMove(state(unpaid), 10)).toEqual({ kind: 'wait', untilMs: 300 });
    expect(nextMove(state(unpaid), 300)).toEqual({ kind: 'wait', untilMs: 350 });
    expect(nextMove(state({ ...unpaid, mayHedge: true }), 350)).toEqual(ask(0, 'hedge'));
    expect(nextMove(state(unpaid), 1_490)).toEqual({ kind: 'wait', untilMs: 1_500 });
  });

  it('asks the first provider that may be asked', () => {
    expect(nextMove(state(), 0)).toEqual(ask(0, 'first'));
    expect(nextMove(state({ providers: [OPEN, WELL] }), 0)).toEqual(ask(1, 'first'));
  });

  it('gives up at once when every breaker is open', () => {
    expect(nextMove(state({ providers: [OPEN, OPEN] }), 0)).toEqual({ kind: 'give-up' });
  });

  it('asks the only one without fallback, whatever its breaker says', () => {
    expect(nextMove(state({ providers: [OPEN, WELL], fallback: false }), 0)).toEqual(ask(0, 'first'));
  });

  it('waits until a request is late, and hedges then', () => {
    expect(nextMove(state({ asked: [asked()] }), 0)).toEqual({ kind: 'wait', untilMs: 300 });
    expect(nextMove(state({ asked: [asked()] }), 300)).toEqual(ask(0, 'hedge'));
  });

  it('hedges with another provider when the late one failed lately, or may not be asked', () => {
    expect(nextMove(state({ asked: [asked()], providers: [ILL, WELL] }), 300)).toEqual(ask(1, 'hedge'));
    expect(nextMove(state({ asked: [asked()], providers: [OPEN, WELL] }), 300)).toEqual(ask(1, 'hedge'));
    expect(nextMove(state({ asked: [asked()], providers: [ILL, OPEN] }), 300)).toEqual(ask(0, 'hedge'));
  });

  it('hedges once more when the hedge is late, too, with another provider if there is one', () => {
    const hedged = [asked(), asked({ askedAtMs: 300, isHedge: true, lateAfterMs: 200 })];
    expect(nextMove(state({ asked: hedged }), 400)).toEqual({ kind: 'wait', untilMs: 500 });
    expect(nextMove(state({ asked: hedged }), 500)).toEqual(ask(1, 'hedge'));
    expect(nextMove(state({ asked: hedged, providers: [WELL] }), 500)).toEqual(ask(0, 'hedge'));
    // One that failed at once has its time, too.
    const failed = hedged.map((one) => (one.isHedge ? { ...one, state: 'failed' as const } : one));
    expect(nextMove(state({ asked: failed, providers: [ILL] }), 400)).toEqual({ kind: 'wait', untilMs: 500 });
    expect(nextMove(state({ asked: failed, providers: [ILL] }), 500)).toEqual(ask(0, 'hedge'));
    expect(nextMove(state({ asked: failed, providers: [ILL], isWorthRepeating: false }), 500).kind).toBe('wait');
  });

  it('hedges twice at most, with three on their way at most, and not what may not be hedged', () => {
    const hedge = asked({ askedAtMs: 300, isHedge: true });
    const twice = [asked(), hedge, { ...hedge, askedAtMs: 600 }];
    expect(nextMove(state({ asked: twice, providers: [WELL] }), 900)).toEqual({ kind: 'wait', untilMs: 1_500 });
    const three = [asked(), { ...hedge, askedAtMs: 200 }, asked({ askedAtMs: 250 })];
    expect(nextMove(state({ asked: three, providers: [WELL] }), 900)).toEqual({ kind: 'wait', untilMs: 1_500 });
    expect(nextMove(state({ asked: [asked()], mayHedge: false }), 900)).toEqual({ kind: 'wait', untilMs: 1_500 });
    expect(nextMove(state({ asked: [asked()], providers: [OPEN] }), 900)).toEqual({ kind: 'wait', untilMs: 1_500 });
  });

  it('takes for failed what is silent beyond its hard deadline', () => {
    expect(nextMove(state({ asked: [asked()] }), 1_500)).toEqual({ kind: 'expire', index: 0 });
  });

  it('goes on to the next provider after a failure', () => {
    const failed = [asked({ state: 'failed' })];
    expect(nextMove(state({ asked: failed }), 10)).toEqual(ask(1, 'failover'));
    expect(nextMove(state({ asked: failed, fallback: false }), 10)).toEqual({ kind: 'give-up' });
  });

  it('waits for the hedge when the first has failed', () => {
    const rest = [asked({ state: 'failed' }), asked({ provider: 1, askedAtMs: 300, isHedge: true })];
    expect(nextMove(state({ asked: rest, mayHedge: false }), 900)).toEqual({ kind: 'wait', untilMs: 1_800 });
  });

  it('asks another beside the hedge when the provider of both has failed', () => {
    const rest = [asked({ state: 'failed' }), asked({ askedAtMs: 300, isHedge: true })];
    expect(nextMove(state({ asked: rest }), 900)).toEqual(ask(1, 'failover'));
    const spent = { asked: rest, mayHedge: false };
    expect(nextMove(state({ ...spent, fallback: false }), 900)).toEqual({ kind: 'wait', untilMs: 1_800 });
    expect(nextMove(state({ ...spent, providers: [WELL] }), 900)).toEqual({ kind: 'wait', untilMs: 1_800 });
  });

  it('asks the only provider once more, unless that is in vain', () => {
    const alone = { asked: [asked({ state: 'failed' })], providers: [ILL] } as const;
    expect(nextMove(state(alone), 10)).toEqual(ask(0, 'failover'));
    expect(nextMove(state({ ...alone, isWorthRepeating: false }), 10)).toEqual({ kind: 'give-up' });
    expect(nextMove(state({ ...alone, asked: [...alone.asked, ...alone.asked] }), 10)).toEqual({ kind: 'give-up' });
  });

  it('comes to an end, with at most two hedges and few requests, whatever fails', () => {
    const provider = fc.record({ allows: fc.boolean(), isWell: fc.boolean() });
    const world = fc.record({
      providers: fc.array(provider, { minLength: 1, maxLength: 3 }),
      fallback: fc.boolean(),
      mayHedge: fc.boolean(),
      isWorthRepeating: fc.boolean(),
    });
    // At each wait, one of the requests that wait fails, or time passes until the plan says so.
    fc.assert(
      fc.property(world, fc.array(fc.nat(3), { maxLength: 30 }), (given, fates) => {
        const requests: Asked[] = [];
        let nowMs = 0;
        for (let step = 0; step < 40; step++) {
          const move = nextMove({ ...given, asked: requests }, nowMs);
          if (move.kind === 'give-up') {
            expect(requests.every((one) => one.state === 'failed')).toBe(true);
            expect(requests.length).toBeLessThanOrEqual(Math.max(2, given.providers.length) + 2);
            return;
          }
          if (move.kind === 'ask') {
            requests.push(asked({ provider: move.provider, askedAtMs: nowMs, isHedge: move.why === 'hedge' }));
            expect(requests.filter((one) => one.isHedge).length).toBeLessThanOrEqual(given.mayHedge ? 2 : 0);
          } else if (move.kind === 'expire') {
            const expired = requests[move.index];
            if (expired === undefined) throw new RangeError('no such request');
            requests[move.index] = { ...expired, state: 'failed' };
          } else {
            expect(move.untilMs).toBeGreaterThan(nowMs);
            const struck = requests.findIndex((one, index) => one.state === 'waiting' && index === fates[step]);
            const victim = requests[struck];
            if (victim === undefined) nowMs = move.untilMs;
            else requests[struck] = { ...victim, state: 'failed' };
          }
        }
        throw new Error('It went on and on.');
      }),
    );
  });
});
