import { describe, expect, it } from 'vitest';
import { chooseProvider } from '../../../agent/providers/voice-choice.js';
import { firstByteDue, isForgotten, stallDueAtMs } from '../../../agent/providers/voice-timing.js';

const healthy = { isAllowed: true, failures: 0, stalls: 0 };

describe('which synthesiser is asked', () => {
  it('is the first that may be asked', () => {
    expect(chooseProvider([healthy, healthy])).toBe(0);
    expect(chooseProvider([{ ...healthy, isAllowed: false }, healthy])).toBe(1);
  });

  it('is the next one after a failure, then the same ones once more, then none', () => {
    expect(chooseProvider([{ ...healthy, failures: 1 }, healthy])).toBe(1);
    expect(
      chooseProvider([
        { ...healthy, failures: 1 },
        { ...healthy, failures: 1 },
      ]),
    ).toBe(0);
    expect(
      chooseProvider([
        { ...healthy, failures: 2 },
        { ...healthy, failures: 1 },
      ]),
    ).toBe(1);
    expect(
      chooseProvider([
        { ...healthy, failures: 2 },
        { ...healthy, isAllowed: false },
      ]),
    ).toBeUndefined();
  });

  it('is not left for being slow in the middle, but for another one that is not', () => {
    expect(chooseProvider([{ ...healthy, stalls: 3 }])).toBe(0);
    expect(chooseProvider([{ ...healthy, stalls: 1 }, healthy])).toBe(1);
  });

  it('is another than the one that is late, and the same only where there is no other', () => {
    expect(chooseProvider([healthy, healthy], 0)).toBe(1);
    expect(chooseProvider([healthy, { ...healthy, failures: 1 }], 0)).toBe(1);
    expect(chooseProvider([healthy], 0)).toBe(0);
  });
});

describe('how long a synthesiser is waited for', () => {
  const wait = { askedAtMs: 1_000, deadlineMs: 300, hasDeadline: true, mayAskAgain: true, mayHedge: true };

  it('is its deadline for a second request, and twice that for giving up, between 1 and 2 s', () => {
    expect(firstByteDue(wait)).toEqual({ atMs: 1_300, action: 'hedge' });
    expect(firstByteDue({ ...wait, mayHedge: false })).toEqual({ atMs: 2_000, action: 'give-up' });
    expect(firstByteDue({ ...wait, mayHedge: false, deadlineMs: 800 })).toEqual({ atMs: 2_600, action: 'give-up' });
    expect(firstByteDue({ ...wait, mayHedge: false, deadlineMs: 1_500 })).toEqual({ atMs: 3_000, action: 'give-up' });
  });

  it('goes on to the budget being looked at again, and never beyond giving up', () => {
    expect(firstByteDue({ ...wait, hedgeNotBeforeMs: 1_200 })).toEqual({ atMs: 1_300, action: 'hedge' });
    expect(firstByteDue({ ...wait, hedgeNotBeforeMs: 1_350 })).toEqual({ atMs: 1_350, action: 'hedge' });
    expect(firstByteDue({ ...wait, hedgeNotBeforeMs: 2_010 })).toEqual({ atMs: 2_000, action: 'give-up' });
  });

  it('is longer where nobody could be asked instead: a slow voice is better than none', () => {
    expect(firstByteDue({ ...wait, mayAskAgain: false })).toEqual({ atMs: 1_300, action: 'hedge' });
    const alone = { ...wait, mayAskAgain: false, mayHedge: false };
    expect(firstByteDue(alone)).toEqual({ atMs: 11_000, action: 'give-up' });
  });

  it('has an end without deadlines too', () => {
    expect(firstByteDue({ ...wait, hasDeadline: false })).toEqual({ atMs: 11_000, action: 'give-up' });
    expect(stallDueAtMs(0, 60_000, false)).toBe(10_000);
  });

  it('takes a synthesiser far ahead of what is heard for no stalled one', () => {
    expect(stallDueAtMs(1_000, 1_200, true)).toBe(2_500);
    expect(stallDueAtMs(1_000, 9_000, true)).toBe(8_700);
  });

  it('counts a context as forgotten a trip before the vendor forgets it', () => {
    expect(isForgotten(0, 700)).toBe(false);
    expect(isForgotten(0, 900)).toBe(true);
  });
});
