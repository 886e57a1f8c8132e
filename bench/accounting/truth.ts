/**
 * What a caller must have heard, from the ear of a second participant who hears caller and agent on one clock. Pure, over
 * windows of levels.
 */
import type { HeardWindow } from '../interruptions/heard-levels.js';
import { wayMs } from '../interruptions/witness.js';

/** A window is audible from this level on, in dBFS: the rule by which callers hear, too. */
const AUDIBLE_DBFS = -50;
/** A click is no voice: of this stretch from a first audible window on, in ms, half must be audible. */
const VOICE_MS = 60;
/** How much of the end of what was said is looked for, in ms. */
const END_MS = 600;

/** What the caller said, and when by the caller's own account. */
export interface SaidTurn {
  /** The recording from its first sound to its end of speech, in windows as wide as those heard. */
  readonly levelsDbfs: readonly number[];
  /** Instant of the end of speech: the last 10 ms within 30 dB of the recording's peak. */
  readonly endedAtMs: number;
  /** Width of a window, in ms. */
  readonly windowMs: number;
}

/** A turn in the ear of the second participant, on that ear's clock. */
export interface WitnessedTurn {
  readonly callerEndedAtMs: number;
  readonly agentBeganAtMs: number;
  /** How long the caller's end of speech was on its way, by the caller's own account of when it left. */
  readonly wayMs: number;
}

/** @returns undefined where the end of the caller's speech or the agent's voice was not made out, or the agent cut in. */
export function witnessTurn(
  caller: readonly HeardWindow[],
  agent: readonly HeardWindow[],
  { levelsDbfs, endedAtMs, windowMs }: SaidTurn,
): WitnessedTurn | undefined {
  const end = levelsDbfs.slice(-Math.round(END_MS / windowMs));
  const beganAtMs = endedAtMs - end.length * windowMs;
  const way = wayMs(caller, end, beganAtMs);
  if (way === undefined) return undefined;
  const callerEndedAtMs = endedAtMs + way;
  const agentBeganAtMs = voiceFrom(agent, callerEndedAtMs, windowMs);
  return agentBeganAtMs === undefined ? undefined : { callerEndedAtMs, agentBeganAtMs, wayMs: way };
}

/**
 * From the caller's last sound to the agent's first in the caller's own ear: the caller's end reached the witness one way
 * late, the agent's voice reaches both alike.
 * @param oneWayMs - From the caller's mouth to the witness, calibrated over more than this turn.
 */
export function truthMs(
  { callerEndedAtMs, agentBeganAtMs }: Pick<WitnessedTurn, 'callerEndedAtMs' | 'agentBeganAtMs'>,
  oneWayMs: number,
): number {
  return agentBeganAtMs - callerEndedAtMs + oneWayMs;
}

/** @returns The beginning of the first voice from an instant on; undefined when there is none, or one goes on from before. */
export function voiceFrom(windows: readonly HeardWindow[], fromMs: number, windowMs: number): number | undefined {
  const width = Math.round(VOICE_MS / windowMs);
  const isAudible = (window: HeardWindow | undefined): boolean =>
    (window?.levelDb ?? Number.NEGATIVE_INFINITY) >= AUDIBLE_DBFS;
  const isVoice = (first: number): boolean =>
    isAudible(windows[first]) && windows.slice(first, first + width).filter(isAudible).length * 2 >= width;
  const from = windows.findIndex(({ atMs }) => atMs >= fromMs);
  if (from < 0 || (from > 0 && isVoice(from) && isVoice(from - 1))) return undefined;
  for (let index = from; index < windows.length; index += 1) if (isVoice(index)) return windows[index]?.atMs;
  return undefined;
}
