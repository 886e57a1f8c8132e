import { describe, expect, it } from 'vitest';
import { ARM_NAMES, DEFAULT_ARMS, dispatchMetadata, planArm, planArms } from '../../../bench/latency/arm-plans.js';
import { DispatchMetadata, TECHNIQUES } from '../../../wire/profile.js';

describe('an arm', () => {
  const metadataOf = (name: string): unknown => {
    const plan = planArm(name);
    return plan.kind === 'ours' ? JSON.parse(dispatchMetadata(plan)) : undefined;
  };

  it('of ours is asked for by profile and by what it goes without', () => {
    expect(metadataOf('ours')).toEqual({ profile: 'excellent', without: ['openings', 'budget-control'] });
    expect(metadataOf('openings')).toEqual({ profile: 'excellent', without: ['budget-control'] });
    expect(metadataOf('without-hedging')).toEqual({
      profile: 'excellent',
      without: ['openings', 'hedging', 'budget-control'],
    });
    expect(metadataOf('bare')).toEqual({
      profile: 'excellent',
      without: TECHNIQUES.filter((technique) => technique !== 'accounts'),
    });
    expect(metadataOf('naive')).toEqual({ profile: 'naive' });
  });

  it('goes without several techniques at once when they are named together', () => {
    expect(metadataOf('without-hedging+fallback')).toMatchObject({
      without: ['openings', 'hedging', 'fallback', 'budget-control'],
    });
  });

  it('speaks clause by clause in every stage that streams', () => {
    expect(metadataOf('streaming')).toMatchObject({ without: expect.not.arrayContaining(['first-clause']) });
    expect(metadataOf('speculative')).toMatchObject({ without: expect.not.arrayContaining(['speculation']) });
  });

  it('has its agent there before the caller, unless it goes without that', () => {
    expect(planArm('ours')).toMatchObject({ isEarly: true });
    expect(planArm('without-early-dispatch')).toMatchObject({
      isEarly: false,
      without: ['openings', 'budget-control'],
    });
    expect(planArm('streaming')).toMatchObject({ isEarly: false });
  });

  it('of others is named as it is', () => {
    expect(planArm('tuned')).toEqual({ kind: 'other', name: 'tuned' });
    expect(planArm('tuned-patient')).toEqual({ kind: 'other', name: 'tuned-patient' });
  });

  it('that there is not is refused with those that there are', () => {
    expect(() => planArms('ours,fastest')).toThrow(/no arm fastest; there are ours, openings/);
    expect(() => planArm('without-patience')).toThrow(/no arm/);
    expect(() => planArm('without-')).toThrow(/no arm/);
    expect(() => planArms(' , ')).toThrow(/names no arm/);
  });

  it('is called once, however often it is named', () => {
    expect(planArms('stock, ours,stock').map(({ name }) => name)).toEqual(['stock', 'ours']);
  });

  it('is there for every name, and asks the worker for nothing that it does not know', () => {
    for (const name of [...ARM_NAMES, ...DEFAULT_ARMS]) {
      expect(planArm(name).name).toBe(name);
      expect(DispatchMetadata.safeParse(metadataOf(name) ?? {}).success).toBe(true);
    }
  });
});
