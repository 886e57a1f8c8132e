/** Whether a reply was heard whole although someone spoke over it, compared with the same reply undisturbed. Pure. */
import { HEARD_WINDOW_MS, type HeardWindow } from './heard-levels.js';

/** A voice turned down by 14 dB sounds still; the gaps between words do not. dB below the loudest. */
const SOUNDS_DB = 30;
/** Two sounds closer than this are one, in ms; the gap behind a word of two letters has 22. */
const SAME_SOUND_MS = 10;
/** Longest difference in the length of a word that a jitter buffer may make, in ms (as the 20 ms of lost sound). */
export const TOLERATED_MS = 20;

export interface Burst {
  readonly startMs: number;
  readonly endMs: number;
}

export interface Continuity {
  /** Words of the undisturbed reply. */
  readonly words: number;
  /** Those whose whole sound was heard once: lengths within the tolerance. */
  readonly whole: number;
  /** Those of which less than half was heard, and those of which half or more was heard twice. */
  readonly lost: number;
  readonly repeated: number;
  /** The largest difference of a word's length, in ms: more is sound said twice, less is sound lost. */
  readonly worstMs: number;
  /** How much longer the reply took, in ms, and how much of it the longer gaps explain. */
  readonly shiftMs: number;
  readonly pausesMs: number;
}

/** The words of a reply as stretches of sound, in ms. */
export function burstsOf(windows: readonly HeardWindow[]): Burst[] {
  const loudest = windows.reduce((most, { levelDb }) => Math.max(most, levelDb), Number.NEGATIVE_INFINITY);
  const bursts: { startMs: number; endMs: number }[] = [];
  for (const { atMs, levelDb } of windows) {
    if (levelDb < loudest - SOUNDS_DB) continue;
    const last = bursts.at(-1);
    if (last !== undefined && atMs - last.endMs < SAME_SOUND_MS) last.endMs = atMs + HEARD_WINDOW_MS;
    else bursts.push({ startMs: atMs, endMs: atMs + HEARD_WINDOW_MS });
  }
  return bursts;
}

/** Share of a word's time that sounds in the scripted voice; the rest parts it from the next. */
const SOUNDING_SHARE = 0.85;

/** A reply as the scripted voice says it, undisturbed: a word takes the time of its letters and one space. */
export function scriptedBursts(text: string, charactersPerSecond: number): Burst[] {
  let startMs = 0;
  return text.split(' ').map((word) => {
    const durationMs = ((word.length + 1) * 1_000) / charactersPerSecond;
    const burst = { startMs, endMs: startMs + durationMs * SOUNDING_SHARE };
    startMs += durationMs;
    return burst;
  });
}

/**
 * Matches the words of two renderings in order; a word that a pause parted counts with all its parts.
 * @param heard - What was heard while someone spoke over it.
 * @param reference - The same reply undisturbed.
 */
export function compareReplies(heard: readonly Burst[], reference: readonly Burst[]): Continuity {
  let next = 0;
  const differences: { readonly share: number; readonly ms: number }[] = [];
  let pausesMs = 0;
  for (const [index, word] of reference.entries()) {
    const wantedMs = lengthMs(word);
    const [before, first] = [heard[next - 1], heard[next]];
    const gapBeforeMs = word.startMs - (reference[index - 1]?.endMs ?? word.startMs);
    if (before !== undefined && first !== undefined) pausesMs += longerBy(first.startMs - before.endMs, gapBeforeMs);
    let gotMs = 0;
    for (let part = heard[next]; part !== undefined; part = heard[next]) {
      // A part belongs to the word that it brings closer to its length.
      if (Math.abs(gotMs + lengthMs(part) - wantedMs) >= Math.abs(gotMs - wantedMs)) break;
      if (gotMs > 0) pausesMs += part.startMs - (heard[next - 1]?.endMs ?? part.startMs);
      gotMs += lengthMs(part);
      next += 1;
    }
    differences.push({ share: gotMs / wantedMs, ms: gotMs - wantedMs });
  }
  // Sound behind the last word was said twice.
  for (const extra of heard.slice(next)) differences.push({ share: 2, ms: lengthMs(extra) });
  return {
    words: reference.length,
    whole: differences.filter(({ ms }) => Math.abs(ms) <= TOLERATED_MS).length,
    lost: differences.filter(({ share }) => share < 0.5).length,
    repeated: differences.filter(({ share }) => share >= 1.5).length,
    worstMs: differences.reduce((worst, { ms }) => (Math.abs(ms) > Math.abs(worst) ? ms : worst), 0),
    shiftMs: spanMs(heard) - spanMs(reference),
    pausesMs,
  };
}

function longerBy(gapMs: number, thanMs: number): number {
  return Math.max(0, gapMs - thanMs - TOLERATED_MS) > 0 ? gapMs - thanMs : 0;
}

function lengthMs({ startMs, endMs }: Burst): number {
  return endMs - startMs;
}

function spanMs(bursts: readonly Burst[]): number {
  return (bursts.at(-1)?.endMs ?? 0) - (bursts[0]?.startMs ?? 0);
}
