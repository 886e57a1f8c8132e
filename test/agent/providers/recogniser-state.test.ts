import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { KEPT, World } from './recogniser-world.js';

const change = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('send' as const), ms: fc.integer({ min: 1, max: 400 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constantFrom('open' as const, 'interim' as const, 'final' as const) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constantFrom('drop' as const, 'refuse' as const, 'finalize' as const) }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('deaf' as const, 'voice' as const) }) },
);

type Change = typeof change extends fc.Arbitrary<infer T> ? T : never;

function apply(world: World, entry: Change): void {
  if (entry.kind === 'send') world.send(entry.ms);
  else if (entry.kind === 'open') world.open();
  else if (entry.kind === 'interim' || entry.kind === 'final') world.speak(entry.kind === 'final');
  else if (entry.kind === 'drop' || entry.kind === 'refuse') world.end(entry.kind === 'refuse');
  else if (entry.kind === 'finalize') world.finalize();
  else if (entry.kind === 'voice') world.voice();
  else world.deafen();
}

/** Brings the world to rest with a provider that hears: everything said has its final then. */
function settle(world: World): void {
  for (let round = 0; round < 12; round += 1) {
    world.pass(2_500);
    world.open();
    world.speak(false);
    world.speak(true);
  }
}

describe('what another connection is told', () => {
  it('is every sample without a final, and none that has one, whatever happens', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 50 }), (changes) => {
        const world = new World();
        for (const entry of changes) {
          // Beyond what is kept, something must be lost.
          const isTooMuch = entry.kind === 'send' && world.audio.end > KEPT - 500;
          if (entry.kind !== 'voice' && !isTooMuch) apply(world, entry);
        }
        // A connection that went deaf is found out by its next Finalize.
        world.finalize();
        settle(world);
        const asked = changes.filter(({ kind }) => kind === 'finalize').length + 1;
        expect(world.answers).toBe(asked);
        let until = 0;
        for (const [from, end] of world.finals) {
          expect(from).toBe(until);
          until = end;
        }
        expect(until).toBe(world.audio.end);
      }),
      { numRuns: 300 },
    );
  });

  it('begins before the first voice without a final where voice is told, and never before the last final', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 60 }), (changes) => {
        const world = new World();
        const voiced: number[] = [];
        for (const entry of changes) {
          apply(world, entry);
          if (entry.kind === 'voice') voiced.push(world.audio.end);
          const replays = world.log.splice(0).filter((action) => action.kind === 'replay');
          const { covered } = world.state;
          const open = voiced.filter((position) => position > covered && position >= world.audio.from);
          for (const { from } of replays) {
            expect(from).toBeGreaterThanOrEqual(covered);
            for (const position of open) expect(from).toBeLessThanOrEqual(position);
          }
        }
      }),
    );
  });

  it('holds never more than two connections, and answers a Finalize at most once', () => {
    fc.assert(
      fc.property(fc.array(change, { maxLength: 80 }), (changes) => {
        const world = new World();
        let asked = 0;
        for (const entry of changes) {
          apply(world, entry);
          if (entry.kind === 'finalize') asked += 1;
          expect(world.streams.size).toBeLessThanOrEqual(2);
          expect(world.answers).toBeLessThanOrEqual(asked);
        }
      }),
    );
  });
});
