/** The arms that the policy is compared with: a fixed silence, and v1-mini's one score between two fixed silences. */
import { FINALIZE_SILENCE_MS } from '../../agent/turn/pause-requests.js';
import { type Arm, type Commits, type Hearing, steps } from './arm.js';
import { finalAtMs } from './recogniser.js';
import { binarySilencesOf, type Silence, silencesOf } from './silences.js';
import type { Trace } from './trace.js';

/** Silences of the VAD-only arms, in ms. */
const VAD_SILENCES_MS = steps(100, 2_500, 25);
/** Step in which the worker looks at Silero, and at `inference.VAD`, in ms. */
const WINDOW_MS = 32;
const WEBRTC_FRAME_MS = 10;

/** Stock of 1.8.1: threshold for English, and the two delays in ms (inference/eot/languages.ts, voice/turn_config/endpointing.ts). */
const STOCK_MIN_MS = 300;
const STOCK_MAX_MS = 2_500;
/** Silence at which stock asks for its one score, in ms (audio_recognition.ts:2069). */
const SCORE_SILENCE_MS = 200;
/** From asking to the score, in ms: 25 to 140 were measured, most of them near this. */
export const SCORE_LATENCY_MS = 40;
const THRESHOLDS = [...steps(0.005, 0.03, 0.005), ...steps(0.04, 0.96, 0.02), 0.97, 0.98, 0.99, 0.995];
/** Delays that are tried for the best binary, in ms. */
const TUNED_MIN_MS = steps(200, 800, 50);
const TUNED_MAX_MS = [...steps(300, 1_000, 100), 1_300, 1_700, 2_500];

export function vadArm(name: 'vad-silero' | 'vad-inference' | 'vad-webrtc'): Arm {
  const stepMs = name === 'vad-webrtc' ? WEBRTC_FRAME_MS : WINDOW_MS;
  return {
    name,
    settings: VAD_SILENCES_MS.map((silenceMs) => `${silenceMs} ms`),
    decide: async (hearing) => {
      const silences = silencesBy(name, hearing.trace);
      return VAD_SILENCES_MS.map((silenceMs) =>
        commitsOf(
          hearing,
          silences.map((silence) => ({
            silence,
            decidedAtMs: silence.fromMs + Math.ceil(silenceMs / stepMs) * stepMs,
            finalizeAtMs: silence.fromMs + Math.min(silenceMs, FINALIZE_SILENCE_MS),
          })),
        ),
      );
    },
  };
}

/** v1-mini as the framework uses it: its threshold is swept, its delays are stock. */
export function v1MiniArm(): Arm {
  const settings = THRESHOLDS.map((threshold) => ({ threshold, minMs: STOCK_MIN_MS, maxMs: STOCK_MAX_MS }));
  return binaryArm('v1-mini', settings);
}

/** The best that one score and two delays can do: all three are swept. */
export function tunedV1MiniArm(): Arm {
  const settings = TUNED_MIN_MS.flatMap((minMs) =>
    TUNED_MAX_MS.filter((maxMs) => maxMs > minMs).flatMap((maxMs) =>
      THRESHOLDS.map((threshold) => ({ threshold, minMs, maxMs })),
    ),
  );
  return binaryArm('v1-mini-tuned', settings);
}

interface BinarySetting {
  readonly threshold: number;
  readonly minMs: number;
  readonly maxMs: number;
}

function binaryArm(name: string, settings: readonly BinarySetting[]): Arm {
  return {
    name,
    settings: settings.map(({ threshold, minMs, maxMs }) => `${threshold} (${minMs}, ${maxMs} ms)`),
    decide: async (hearing) => {
      const scored = await Promise.all(
        silencesBy('vad-silero', hearing.trace).map(async (silence) => {
          const askedAtMs = silence.fromMs + Math.ceil(SCORE_SILENCE_MS / WINDOW_MS) * WINDOW_MS;
          const isAsked = askedAtMs < Math.min(silence.resumedAtMs, hearing.trace.endMs);
          return { silence, askedAtMs, score: isAsked ? await hearing.trace.score(askedAtMs) : undefined };
        }),
      );
      return settings.map(({ threshold, minMs, maxMs }) =>
        commitsOf(
          hearing,
          scored.flatMap(({ silence, askedAtMs, score }) => {
            if (score === undefined) return [];
            const dueMs = silence.fromMs + (score < threshold ? maxMs : minMs);
            const decidedAtMs = Math.max(dueMs, askedAtMs + SCORE_LATENCY_MS);
            return [{ silence, decidedAtMs, finalizeAtMs: silence.fromMs + FINALIZE_SILENCE_MS }];
          }),
        ),
      );
    },
  };
}

function silencesBy(name: 'vad-silero' | 'vad-inference' | 'vad-webrtc', trace: Trace): Silence[] {
  switch (name) {
    case 'vad-silero':
      return silencesOf(trace.windows);
    case 'vad-inference':
      return silencesOf(
        trace.windows.map(({ atMs }, index) => ({ atMs, probability: trace.inferenceVad[index] ?? 0 })),
      );
    case 'vad-webrtc':
      return binarySilencesOf(trace.webrtc, WEBRTC_FRAME_MS);
  }
}

interface Decision {
  readonly silence: Silence;
  readonly decidedAtMs: number;
  readonly finalizeAtMs: number;
}

/** The commits of all silences that were long enough for their decision. */
function commitsOf({ words, trace }: Hearing, decisions: readonly Decision[]): Commits {
  const inTime = (atMs: number, { resumedAtMs }: Silence): number[] =>
    atMs < resumedAtMs && atMs <= trace.endMs ? [atMs] : [];
  return {
    withFinal: decisions.flatMap(({ silence, decidedAtMs, finalizeAtMs }) =>
      inTime(Math.max(decidedAtMs, finalAtMs(words, finalizeAtMs)), silence),
    ),
    alone: decisions.flatMap(({ silence, decidedAtMs }) => inTime(decidedAtMs, silence)),
  };
}
