import { systemClock } from '../../../agent/conversation/clock.js';
import { type Utterance, Voice, type VoiceOptions } from '../../../agent/providers/voice.js';
import { scriptedEngine } from '../../local-providers/scripted-engine.js';
import type { RunningProviders } from '../../local-providers/support.js';

export const RATE_HZ = 24_000;
/** 200 characters a second keep the sound short; latency as good as none. */
export const FAST = { ttsTtfb: 5, ttsCharactersPerSecond: 200 };
export const ALL_ON = { deadlines: true, hedging: true, fallback: true, hedgeShare: 0.1 };

export interface TestVoice {
  readonly voice: Voice;
  /** `provider kind` of each. */
  readonly errors: string[];
  /** Sums by `name label label`. */
  readonly counts: Record<string, number>;
}

/** A voice over these calls of the scripted engine, each of them one provider: `one`, `two`. */
export function startVoice(
  providers: RunningProviders,
  calls: readonly string[],
  options: Partial<VoiceOptions> = {},
): TestVoice {
  const errors: string[] = [];
  const counts: Record<string, number> = {};
  const note = (name: string, labels: object, by: number) => {
    const key = [name.replace('turnwise_', ''), ...Object.values(labels)].join(' ');
    counts[key] = (counts[key] ?? 0) + by;
  };
  const voice = new Voice({
    providers: calls.map((call, index) => ({
      provider: index === 0 ? 'one' : 'two',
      model: 'sonic-3',
      baseUrl: providers.url,
      apiKey: `key:${call}`,
      voice: 'a-voice',
    })),
    language: 'en-US',
    switches: ALL_ON,
    clock: systemClock,
    measurements: {
      count: (name, labels, by = 1) => note(name, labels, by),
      observe: (name, labels) => note(name, labels, 1),
    },
    onError: (provider, kind) => errors.push(`${provider} ${kind}`),
    ...options,
  });
  return { voice, errors, counts };
}

export interface Heard {
  readonly words: readonly string[];
  readonly endsMs: readonly number[];
  readonly samples: Int16Array;
  readonly error: unknown;
}

/** Everything that comes of an utterance, and how it ended. */
export async function hear(utterance: Utterance): Promise<Heard> {
  const words: string[] = [];
  const endsMs: number[] = [];
  const samples: number[] = [];
  let error: unknown;
  try {
    for await (const chunk of utterance.chunks) {
      words.push(...chunk.words.map(({ word }) => word));
      endsMs.push(...chunk.words.map(({ endMs }) => endMs));
      samples.push(...chunk.samples);
    }
  } catch (thrown) {
    error = thrown;
  }
  return { words, endsMs, samples: Int16Array.from(samples), error };
}

export function say(voice: Voice, ...pieces: readonly string[]): Promise<Heard> {
  const utterance = voice.open();
  for (const piece of pieces) utterance.push(piece);
  utterance.end();
  return hear(utterance);
}

export const toMs = (samples: Int16Array) => (samples.length * 1_000) / RATE_HZ;

/** What is said: three clauses, a price among them. */
export const TEXT = 'One large latte, with oat milk. It costs $4.50; anything else? ';
export const WORDS = TEXT.trim().split(' ');

export interface ScriptedVoices {
  /** From the first test on. */
  readonly providers: RunningProviders;
  /** A voice that is closed after its test. */
  start(calls: readonly string[], options?: Partial<VoiceOptions>): TestVoice;
  /** Sets what the engine does in a call: quickly and without a fault where nothing else is said. */
  script(call: string, faults?: readonly object[], timing?: object): Promise<void>;
  /** What the engine counted of a call's voice. */
  tts(call: string): Promise<Awaited<ReturnType<RunningProviders['counters']>>['tts']>;
}

/** For a file of tests: an engine for all of them. */
export function scriptedVoices(): ScriptedVoices {
  const engine = scriptedEngine<TestVoice>(({ voice }) => voice.close());
  return {
    get providers() {
      return engine.providers;
    },
    start: (calls, options = {}) => engine.keep(startVoice(engine.providers, calls, options)),
    script: (call, faults = [], timing = {}) =>
      engine.providers.script({
        call,
        timing: { ...FAST, ...timing },
        faults: faults.map((fault) => ({ component: 'tts', ...fault })),
      }),
    tts: async (call) => (await engine.providers.counters(call)).tts,
  };
}
