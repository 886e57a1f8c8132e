import { describe, expect, it } from 'vitest';
import {
  ARM_NAMES,
  DEFAULT_ARMS,
  dispatchMetadata,
  planArm,
  planArms,
  TECHNIQUES,
} from '../../../bench/latency/arm-plans.js';

describe('an arm', () => {
  it('of ours is asked for by profile and by what it goes without', () => {
    const metadataOf = (name: string): unknown => {
      const plan = planArm(name);
      return plan.kind === 'ours' ? JSON.parse(dispatchMetadata(plan)) : undefined;
    };
    expect(metadataOf('ours')).toEqual({ profile: 'excellent', without: ['openings'] });
    expect(metadataOf('openings')).toEqual({ profile: 'excellent' });
    expect(metadataOf('without-hedging')).toEqual({ profile: 'excellent', without: ['openings', 'hedging'] });
    expect(metadataOf('streaming')).toEqual({ profile: 'excellent', without: [...TECHNIQUES] });
    expect(metadataOf('naive')).toMatchObject({ profile: 'naive' });
  });

  it('comes late to its room only when it is to be called with the caller', () => {
    expect(planArm('ours')).toMatchObject({ isEarly: true });
    expect(planArm('without-early-dispatch')).toMatchObject({ isEarly: false });
    expect(planArm('streaming')).toMatchObject({ isEarly: false });
  });

  it('of others is named as it is', () => {
    expect(planArm('tuned')).toEqual({ kind: 'other', name: 'tuned' });
  });

  it('that there is not is refused with those that there are', () => {
    expect(() => planArms('ours,fastest')).toThrow(/no arm fastest; there are ours, openings/);
    expect(() => planArms(' , ')).toThrow(/names no arm/);
  });

  it('is called once, however often it is named', () => {
    expect(planArms('stock, ours,stock').map(({ name }) => name)).toEqual(['stock', 'ours']);
  });

  it('is there for every name', () => {
    for (const name of [...ARM_NAMES, ...DEFAULT_ARMS]) expect(planArm(name).name).toBe(name);
  });
});
