/** Scripted providers of a bench's own, so that what the recogniser hears and the model says can be set for each call. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { PresetName, Timing } from '../local-providers/scripted/latency.js';
import { projectRoot } from './installed.js';

const START_TIMEOUT_MS = 30_000;

/** A word of a recording, in ms from its first sample. */
export interface ScriptedWord {
  readonly word: string;
  readonly startMs: number;
  readonly endMs: number;
}

export interface CallScript {
  /** What the call is named to the providers, as in {@link ScriptedProviders.envOf}. */
  readonly call: string;
  /** What the caller says, in order: the words and the level of each 10 ms in dBFS. */
  readonly turns: readonly { readonly words: readonly ScriptedWord[]; readonly envelopeDbfs: readonly number[] }[];
  /** What the agent answers, in order. */
  readonly replies: readonly string[];
  /** How fast the providers are; absent: `fixed`. */
  readonly preset?: PresetName;
  /** Single times instead of the preset's. */
  readonly timing?: Partial<Timing>;
  /** Decides what is drawn at random; absent: always the same. */
  readonly seed?: number;
  /** Whether each time is drawn by what is asked for, so that calls of one seed find the same; absent: by the order of requests. */
  readonly paired?: boolean;
}

const Work = z.object({ requests: z.number(), aborted: z.number() });
const Counters = z.object({
  llm: Work.extend({ tokensSent: z.number() }),
  tts: Work.extend({ cancelled: z.number(), charactersReceived: z.number() }),
});
/** What calls of one name have asked of the providers, all of them together; counts only grow. */
export type ProviderCounters = z.infer<typeof Counters>;

export type ProvidersEnv = Readonly<Record<`${'DEEPGRAM' | 'OPENAI' | 'CARTESIA'}_${'BASE_URL' | 'API_KEY'}`, string>>;

export interface ScriptedProviders {
  /** Where they listen. */
  readonly url: string;
  /**
   * Environment of a worker that uses them, with the name that its calls' scripts are found by.
   * @param through - Address of what stands before them; absent: nothing does.
   */
  envOf(call: string, through?: string): ProvidersEnv;
  /** Replaces what is scripted for the next call of that name. */
  script(script: CallScript, signal: AbortSignal): Promise<void>;
  counters(call: string, signal: AbortSignal): Promise<ProviderCounters>;
  close(): Promise<void>;
}

/** Characters a second: words of up to six letters then leave gaps of at most 45 ms, too short to pass for silence. */
export const CHARACTERS_PER_SECOND = 20;

export async function startProviders(signal: AbortSignal): Promise<ScriptedProviders> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(projectRoot(), 'dist/local-providers/main.js')], {
    env: { PATH, HOME, LOCAL_PROVIDERS_PORT: '0', LOCAL_PROVIDERS_ENGINE: 'scripted' },
    stdio: ['ignore', 'pipe', 'inherit'],
    signal,
  });
  // Aborted, it reports that as an error; whoever aborted knows.
  child.on('error', () => undefined);
  const url = await readyUrl(child.stdout);
  return {
    url,
    envOf(call, through = url) {
      // The part of a key after the colon names the call to the local providers.
      const key = `local:${call}`;
      return {
        DEEPGRAM_BASE_URL: through,
        OPENAI_BASE_URL: `${through}/v1`,
        CARTESIA_BASE_URL: through,
        DEEPGRAM_API_KEY: key,
        OPENAI_API_KEY: key,
        CARTESIA_API_KEY: key,
      };
    },
    async script({ call, turns, replies, preset = 'fixed', timing, seed, paired }, callSignal) {
      const response = await fetch(`${url}/script`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({
          call,
          turns,
          replies: replies.map((text) => ({ text })),
          preset,
          timing: { ttsCharactersPerSecond: CHARACTERS_PER_SECOND, ...timing },
          ...(seed !== undefined && { seed }),
          ...(paired !== undefined && { paired }),
        }),
        signal: callSignal,
      });
      if (!response.ok) throw new Error(`The scripted providers refused a script: ${await response.text()}`);
    },
    async counters(call, callSignal) {
      const response = await fetch(`${url}/script/${encodeURIComponent(call)}`, { signal: callSignal });
      if (!response.ok) throw new Error(`The scripted providers tell nothing of a call: ${await response.text()}`);
      return Counters.parse(await response.json());
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const closed = once(child, 'close');
      child.kill('SIGTERM');
      await closed;
    },
  };
}

async function readyUrl(output: NodeJS.ReadableStream): Promise<string> {
  const lines = createInterface({ input: output });
  const timer = setTimeout(() => lines.close(), START_TIMEOUT_MS);
  try {
    for await (const line of lines) {
      const url = /local providers ready on (http:[^\s"]+)/.exec(line)?.[1];
      if (url !== undefined) return url;
    }
    throw new Error('The scripted providers did not start.');
  } finally {
    clearTimeout(timer);
    output.resume();
  }
}
