/** Where a detector hears nobody: what the arms without a policy decide by. Pure. */
import { hearWindow, SILENT } from '../../agent/turn/voice-activity.js';

/** A silence as its detector has it, in ms from the recording's first sample. */
export interface Silence {
  /** End of the last voice before. */
  readonly fromMs: number;
  /** When the detector heard voice again; infinite for the last one. */
  readonly resumedAtMs: number;
}

/** One step of a detector: a window, or a frame, that ends at `atMs`. */
export interface Detection {
  readonly atMs: number;
  readonly probability: number;
}

/** Silences after voice by the worker's own hysteresis over a model's probabilities. */
export function silencesOf(detections: readonly Detection[]): Silence[] {
  const silences: Silence[] = [];
  let voice = SILENT;
  let fromMs: number | undefined;
  for (const { atMs, probability } of detections) {
    const next = hearWindow(voice, atMs, probability);
    if (voice.isSpeaking && !next.isSpeaking) fromMs = next.lastVoicedAtMs;
    if (next.isSpeaking && !voice.isSpeaking && fromMs !== undefined) {
      silences.push({ fromMs, resumedAtMs: atMs });
      fromMs = undefined;
    }
    voice = next;
  }
  if (fromMs !== undefined) silences.push({ fromMs, resumedAtMs: Number.POSITIVE_INFINITY });
  return silences;
}

/** Voiced frames in a row that begin speech for a detector that says only yes or no: 30 ms, as its callers usually ask. */
const ONSET_FRAMES = 3;

/** Silences after voice for a detector that says yes or no of each frame of `frameMs`. */
export function binarySilencesOf(voiced: readonly boolean[], frameMs: number): Silence[] {
  const silences: Silence[] = [];
  let run = 0;
  let lastVoicedAtMs: number | undefined;
  for (const [index, isVoiced] of voiced.entries()) {
    run = isVoiced ? run + 1 : 0;
    const atMs = (index + 1) * frameMs;
    const isSilent = lastVoicedAtMs !== undefined && atMs - frameMs > lastVoicedAtMs;
    if (run < ONSET_FRAMES && (run === 0 || isSilent)) continue;
    if (isSilent && lastVoicedAtMs !== undefined) silences.push({ fromMs: lastVoicedAtMs, resumedAtMs: atMs });
    lastVoicedAtMs = atMs;
  }
  if (lastVoicedAtMs !== undefined) silences.push({ fromMs: lastVoicedAtMs, resumedAtMs: Number.POSITIVE_INFINITY });
  return silences;
}
