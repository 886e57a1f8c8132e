import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DEFAULT_LIMITS, wakeAtMs } from '../../../agent/providers/recogniser-deadlines.js';
import type {
  RecogniserAction,
  RecogniserSettings,
  RecogniserState,
} from '../../../agent/providers/recogniser-forms.js';
import { newRecogniser, step } from '../../../agent/providers/recogniser-state.js';
import { UnsettledAudio } from '../../../agent/providers/unsettled-audio.js';

/** One sample a ms, so that positions and times read the same. */
const SETTINGS: RecogniserSettings = {
  providers: 2,
  sampleRateHz: 1_000,
  switches: { deadlines: true, hedging: true, fallback: true, hedgeShare: 0.1 },
  limits: DEFAULT_LIMITS,
};
const KEPT = 10_000;

interface Stream {
  readonly provider: number;
  isOpen: boolean;
  isDeaf: boolean;
  /** What it was told, and how far it has made it final. */
  heardFrom: number;
  heardUntil: number;
  finalUntil: number;
  finalizes: number[];
}

/** The decisions with a pretended shell and provider around them; one sample is given each ms. */
class World {
  readonly settings: RecogniserSettings;
  state: RecogniserState;
  nowMs = 0;
  readonly audio = new UnsettledAudio(KEPT);
  readonly streams = new Map<number, Stream>();
  readonly log: RecogniserAction[] = [];
  /** Stretches that were final, as passed on, and answers to Finalize. */
  readonly finals: (readonly [from: number, until: number])[] = [];
  answers = 0;
  /** Whether a new stream hears anything. */
  isDeaf = (_provider: number): boolean => false;

  constructor(settings = SETTINGS) {
    this.settings = settings;
    this.state = newRecogniser(settings);
    this.take({ kind: 'start', atMs: 0 });
  }

  take(input: Parameters<typeof step>[1], stretch?: readonly [number, number]): void {
    const { state, actions } = step(this.state, input, this.settings);
    this.state = state;
    this.audio.settle(state.covered);
    for (const action of actions) {
      this.log.push(action);
      if (action.kind === 'connect') {
        const { provider } = action;
        const fresh = { isOpen: false, heardFrom: 0, heardUntil: 0, finalUntil: 0, finalizes: [] };
        this.streams.set(action.id, { provider, isDeaf: this.isDeaf(provider), ...fresh });
      }
      if (action.kind === 'close') this.streams.delete(action.id);
      if (action.kind === 'replay') this.#replay(action);
      if (action.kind === 'answer') this.answers += 1;
      if (action.kind === 'deliver' && action.isAnswer) this.answers += 1;
      if (action.kind === 'deliver' && input.kind === 'results' && input.sign.isFinal && stretch !== undefined) {
        this.finals.push(stretch);
      }
    }
  }

  #replay({ id, from, finalizeAt }: Extract<RecogniserAction, { kind: 'replay' }>): void {
    const stream = this.streams.get(id);
    if (stream === undefined) return;
    stream.heardFrom = Math.max(this.audio.from, from);
    stream.heardUntil = this.audio.end;
    stream.finalUntil = stream.heardFrom;
    stream.finalizes = [...finalizeAt];
  }

  get streamList(): readonly (readonly [number, Stream])[] {
    return [...this.streams];
  }

  send(samples: number): void {
    for (let given = 0; given < samples; given += 20) {
      this.audio.push(new Int16Array(20));
      this.pass(20);
      for (const stream of this.streams.values()) if (stream.isOpen) stream.heardUntil = this.audio.end;
    }
  }

  /** Lets time pass, and tells it where that was asked for. */
  pass(ms: number): void {
    this.nowMs += ms;
    for (let turns = 0; turns < 20; turns += 1) {
      const wakeMs = wakeAtMs(this.state, this.settings);
      if (wakeMs === undefined || wakeMs > this.nowMs) return;
      this.take({ kind: 'time', atMs: this.nowMs });
    }
    throw new Error('The decisions wake themselves without end.');
  }

  open(): void {
    for (const [id, stream] of this.streamList) {
      if (stream.isOpen) continue;
      stream.isOpen = true;
      this.take({ kind: 'opened', atMs: this.nowMs, id, position: this.audio.end });
    }
  }

  end(isRefusal = false): void {
    const [first] = this.streamList;
    if (first === undefined) return;
    this.streams.delete(first[0]);
    this.take({ kind: 'ended', atMs: this.nowMs, id: first[0], isRefusal });
  }

  deafen(): void {
    for (const stream of [...this.streams.values()].slice(0, 1)) stream.isDeaf = true;
  }

  /** Voice now, that goes on for long enough. */
  voice(): void {
    this.take({ kind: 'voice', atMs: this.nowMs, position: this.audio.end });
    this.take({ kind: 'voice', atMs: this.nowMs + 200, position: this.audio.end });
  }

  finalize(): void {
    const position = this.audio.end;
    for (const stream of this.streams.values()) if (stream.isOpen) stream.finalizes.push(position);
    this.take({ kind: 'finalize', atMs: this.nowMs, position });
  }

  /** Every open stream that is not deaf says what it has: an interim, or finals up to the Finalizes it got. */
  speak(isFinal: boolean): void {
    for (const [id, stream] of this.streamList) {
      if (!stream.isOpen || stream.isDeaf || !this.streams.has(id)) continue;
      const base = { hasWords: stream.heardUntil > stream.finalUntil, from: stream.finalUntil };
      if (!isFinal && stream.finalizes.length === 0) {
        const sign = { ...base, until: stream.heardUntil, isFinal: false, isAnswer: false };
        this.take({ kind: 'results', atMs: this.nowMs, id, sign });
        continue;
      }
      const ends = stream.finalizes.length > 0 ? stream.finalizes : [stream.heardUntil];
      const isAnswer = stream.finalizes.length > 0;
      stream.finalizes = [];
      for (const end of ends) {
        const from = stream.finalUntil;
        const until = Math.max(from, Math.min(end, stream.heardUntil));
        stream.finalUntil = until;
        const sign = { hasWords: until > from, from, until, isFinal: true, isAnswer };
        this.take({ kind: 'results', atMs: this.nowMs, id, sign }, [from, until]);
      }
    }
  }
}

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
