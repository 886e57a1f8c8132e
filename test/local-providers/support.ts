import { pino } from 'pino';
import { type Clock, systemClock } from '../../local-providers/clock.js';
import { CallLedger } from '../../local-providers/ledger.js';
import { createScriptedEngine } from '../../local-providers/scripted/engine.js';
import { envelopeOf } from '../../local-providers/scripted/levels.js';
import { createScriptRoute } from '../../local-providers/scripted/route.js';
import { ScriptStore } from '../../local-providers/scripted/script-store.js';
import { LocalProviders } from '../../local-providers/server.js';

export interface RunningProviders {
  readonly url: string;
  readonly wsUrl: string;
  readonly ledger: CallLedger;
  /** `POST /script`; fails the test unless it was taken. */
  script(body: object): Promise<void>;
  /** `GET /script/CALL`. */
  counters(call: string): Promise<Counters>;
  close(): Promise<void>;
}

type Counters = ReturnType<CallLedger['of']> & { readonly turnsHeard: number };

/** Starts the real server with the scripted engine on a free port. */
export async function startScripted({
  requiredKey,
  clock = systemClock,
}: {
  requiredKey?: string;
  clock?: Clock;
} = {}): Promise<RunningProviders> {
  const scripts = new ScriptStore({ clock, preset: 'fixed', seed: 1 });
  const ledger = new CallLedger(clock);
  const providers = new LocalProviders({
    engine: createScriptedEngine(clock, scripts),
    logger: pino({ level: 'silent' }),
    port: 0,
    clock,
    requiredKey,
    faults: scripts,
    ledger,
    scriptRoute: createScriptRoute(scripts, ledger),
  });
  const port = await providers.listen();
  await providers.ready();
  const url = `http://127.0.0.1:${port}`;
  return {
    url,
    wsUrl: `ws://127.0.0.1:${port}`,
    ledger,
    async script(body) {
      const response = await fetch(`${url}/script`, { method: 'POST', body: JSON.stringify(body) });
      if (!response.ok) throw new Error(`POST /script: ${response.status} ${await response.text()}`);
    },
    async counters(call) {
      const response = await fetch(`${url}/script/${encodeURIComponent(call)}`);
      if (!response.ok) throw new Error(`GET /script: ${response.status} ${await response.text()}`);
      return (await response.json()) as Counters;
    },
    close: () => providers.close(),
  };
}

export const RATE_HZ = 16_000;

/** One spoken word of the made-up caller below, in ms. */
export interface SpokenWord {
  readonly word: string;
  readonly startMs: number;
  readonly endMs: number;
}

/**
 * A made-up caller: each word is a hum of its own loudness and melody, so that words differ in their envelopes as human
 * ones do. Between words, and for `tailMs` after the last, there is silence.
 */
export function speak(words: readonly SpokenWord[], tailMs = 300): Int16Array {
  const durationMs = (words.at(-1)?.endMs ?? 0) + tailMs;
  const samples = new Int16Array((durationMs * RATE_HZ) / 1_000);
  for (const [index, { startMs, endMs }] of words.entries()) {
    const from = (startMs * RATE_HZ) / 1_000;
    const to = (endMs * RATE_HZ) / 1_000;
    const loudness = 4_000 + 2_500 * ((index * 7) % 4);
    for (let at = from; at < to; at += 1) {
      const position = (at - from) / (to - from);
      const swell = Math.sin(Math.PI * position) ** (0.4 + (index % 3) * 0.4);
      samples[at] = Math.round(loudness * swell * Math.sin((2 * Math.PI * (140 + 15 * index) * at) / RATE_HZ));
    }
  }
  return samples;
}

/** Words one after the other: `[word, duration in ms]`, with a pause of 60 ms after each. */
export function layOut(parts: readonly (readonly [word: string, durationMs: number])[]): SpokenWord[] {
  let atMs = 100;
  return parts.map(([word, durationMs]) => {
    const spoken = { word, startMs: atMs, endMs: atMs + durationMs };
    atMs += durationMs + 60;
    return spoken;
  });
}

export function envelope(samples: Int16Array): number[] {
  return envelopeOf(samples, RATE_HZ);
}

/** The same audio with a stretch of it muted. */
export function mute(samples: Int16Array, fromMs: number, toMs: number): Int16Array {
  const muted = samples.slice();
  muted.fill(0, (fromMs * RATE_HZ) / 1_000, (toMs * RATE_HZ) / 1_000);
  return muted;
}
