/** The recogniser's decisions with a pretended shell and pretended providers around them. */
import { DEFAULT_LIMITS, wakeAtMs } from '../../../agent/providers/recogniser-deadlines.js';
import type {
  RecogniserAction,
  RecogniserSettings,
  RecogniserState,
} from '../../../agent/providers/recogniser-forms.js';
import { newRecogniser, step } from '../../../agent/providers/recogniser-state.js';
import { UnsettledAudio } from '../../../agent/providers/unsettled-audio.js';

/** One sample a ms, so that positions and times read the same. */
export const SETTINGS: RecogniserSettings = {
  providers: 2,
  sampleRateHz: 1_000,
  switches: { deadlines: true, hedging: true, fallback: true, hedgeShare: 0.1 },
  limits: DEFAULT_LIMITS,
};
export const KEPT = 10_000;

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

/** One sample is given each ms. */
export class World {
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
