/** A recogniser at two scripted engines over real sockets, and what it told. */
import { vi } from 'vitest';
import type { DeepgramResults } from '../../../agent/providers/deepgram-messages.js';
import { Recogniser, type RecogniserOptions } from '../../../agent/providers/recogniser.js';
import type { Named } from '../../../agent/turn/answered-by.js';
import type { ManualClock } from '../../local-providers/manual-clock.js';
import {
  envelope,
  layOut,
  RATE_HZ,
  type RunningProviders,
  type SpokenWord,
  speak,
} from '../../local-providers/support.js';

export const ALL_ON = { deadlines: true, hedging: true, fallback: true, hedgeShare: 0.1 };

/** What `POST /script` is told of a caller who says the words, and then, since a replay is told by the next turn, others. */
export function scriptOf(...turns: readonly (readonly SpokenWord[])[]): object {
  return {
    timing: { sttLatency: 20, sttFinalizeMs: 10 },
    turns: [...turns, NEVER_SAID].map((words) => ({ words, envelopeDbfs: envelope(speak(words)) })),
  };
}

/** What the caller says in these tests, and its sound. */
export const WORDS = layOut([
  ['one', 300],
  ['large', 400],
  ['latte', 500],
  ['please', 350],
]);
export const SAMPLES = speak(WORDS);
export const TEXT = 'one large latte please';

const NEVER_SAID = layOut([
  ['goodbye', 600],
  ['then', 450],
]);

export interface Heard {
  readonly results: DeepgramResults;
  readonly originMs: number;
  readonly by: Named | undefined;
}

/** What passes at an engine with a clock of its own each time that the test looks, in ms. */
const ENGINE_STEP_MS = 5;

type Engine = Pick<RunningProviders, 'wsUrl'>;

export class RecogniserCall {
  readonly recogniser: Recogniser;
  readonly heard: Heard[] = [];
  readonly errors: string[] = [];
  readonly counts: Record<string, number> = {};
  readonly #engineClock: ManualClock | undefined;

  constructor(
    call: string,
    engines: readonly [Engine, ...Engine[]],
    options: Partial<RecogniserOptions> = {},
    engineClock?: ManualClock,
  ) {
    this.#engineClock = engineClock;
    const settings = (engine: Engine, index: number) => ({
      provider: 'deepgram',
      model: `nova-${index}`,
      baseUrl: engine.wsUrl,
      apiKey: `key:${call}`,
    });
    const [first, ...others] = engines;
    this.recogniser = new Recogniser({
      providers: [settings(first, 1), ...others.map((engine, index) => settings(engine, index + 2))],
      language: 'en-US',
      sampleRateHz: RATE_HZ,
      endpointingMs: 300,
      keyterms: ['latte'],
      switches: ALL_ON,
      clock: { nowMs: () => performance.now() },
      measurements: {
        observe: () => undefined,
        count: (name, labels, by = 1) => {
          const key = [name.replace(/^turnwise_|_total$/g, ''), ...Object.values(labels)].join(' ');
          this.counts[key] = (this.counts[key] ?? 0) + by;
        },
      },
      ...options,
    });
  }

  attach(): this {
    this.recogniser.attach({
      onResults: (results, originMs, by) => this.heard.push({ results, originMs, by }),
      onError: (provider, kind) => this.errors.push(`${provider} ${kind}`),
    });
    return this;
  }

  /** Gives audio in frames of 10 ms, all at once. */
  send(audio: Int16Array): void {
    for (let at = 0; at < audio.length; at += RATE_HZ / 100) {
      this.recogniser.send(audio.subarray(at, at + RATE_HZ / 100));
    }
  }

  /** Tells of voice that goes on for long enough to be surely one. @param positionMs - Where in the audio. */
  noteVoice(positionMs: number): void {
    const nowMs = performance.now();
    this.recogniser.noteVoice(nowMs, positionMs);
    this.recogniser.noteVoice(nowMs + 200, positionMs + 200);
  }

  /** The words of all finals. */
  get text(): string {
    const finals = this.heard.filter(({ results }) => results.is_final);
    return wordsOf(finals).join(' ');
  }

  /** Models whose words came. */
  get models(): (string | undefined)[] {
    const told = this.heard.filter(({ results }) => results.channel.alternatives[0]?.transcript !== '');
    return [...new Set(told.map(({ by }) => by?.model))];
  }

  get answers(): number {
    return this.heard.filter(({ results }) => results.from_finalize).length;
  }

  /** When each final word was said, in ms of the audio given. */
  get wordTimesMs(): number[] {
    return this.heard.flatMap(({ results, originMs }) =>
      results.is_final
        ? (results.channel.alternatives[0]?.words ?? []).map(({ end }) => Math.round(originMs + end * 1_000))
        : [],
    );
  }

  async waitFor(isSo: (call: this) => boolean, timeout = 5_000): Promise<void> {
    await vi.waitFor(
      async () => {
        await this.#engineClock?.advance(ENGINE_STEP_MS);
        if (!isSo(this))
          throw new Error(`heard "${this.text}", ${this.answers} answers, ${JSON.stringify(this.errors)}`);
      },
      { timeout, interval: 5 },
    );
  }
}

export function wordsOf(heard: readonly Heard[]): string[] {
  return heard
    .flatMap(({ results }) => results.channel.alternatives[0]?.transcript ?? '')
    .filter((text) => text !== '')
    .map((text) => text.toLowerCase().replace(/[.,?]/g, ''));
}
