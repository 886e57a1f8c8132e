/**
 * What a second participant, who hears caller and agent on one clock, heard of a turn. Pure, over windows of levels. What the
 * caller must have heard of it, `truths.ts` says.
 */
import { type FollowedSound, slipMs } from '../interruptions/followed-sound.js';
import type { HeardWindow } from '../interruptions/heard-levels.js';
import { type BufferReading, bufferedMs } from '../interruptions/jitter-buffers.js';
import { wayMs } from '../interruptions/witness.js';
import { ownEndMs } from './own-end.js';

/** A window is audible from this level on, in dBFS: the rule by which callers hear, too. */
const AUDIBLE_DBFS = -50;
/** A click is no voice: of this stretch from a first audible window on, in ms, half must be audible. */
const VOICE_MS = 60;
/** How much of the end of what was said is looked for, in ms. */
const END_MS = 600;
/** Time that a track may skip in a turn, in ms: a piece of 10, which its arrivals tell to some tenths. */
export const LOST_MAX_MS = 11;

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
  /** The end of the recording, aligned by its levels. */
  readonly callerEndedAtMs: number;
  /** The end of speech by this ear's own recording (`own-end.ts`); absent where that has none. */
  readonly ownEndedAtMs?: number;
  readonly agentBeganAtMs: number;
  /** How long the caller's end of speech was on its way, by the caller's own account of when it left. */
  readonly wayMs: number;
}

/** Everything that the second participant heard in a call. */
export interface WitnessSound {
  readonly caller: FollowedSound;
  readonly agent: FollowedSound;
  /** Of its jitter buffers. */
  readonly buffers: readonly BufferReading[];
}

/** The caller's own ear. */
export interface CallerEar {
  /** Of the jitter buffer before the agent's voice. */
  readonly buffers: readonly BufferReading[];
  /** The agent's first sound there, as it left that buffer; absent where none came. */
  readonly answeredAtMs?: number | undefined;
}

/** What is known of a turn beside what the caller reported of it. */
export interface FollowedTurn {
  /** How far the second participant's samples fell behind, of caller or agent, while it heard the one end and the other begin; in ms. */
  readonly witnessSlippedMs?: number;
  /** What the second participant heard, if it missed nothing there. */
  readonly witnessed?: WitnessedTurn;
  /** What the beginning of the answer had waited in the jitter buffers of caller and second participant, in ms. */
  readonly bufferedMs?: { readonly caller: number; readonly witness: number };
}

/** A loss harms the turn that it is in, and none after it. */
export function followTurn({ caller, agent, buffers }: WitnessSound, said: SaidTurn, ear: CallerEar): FollowedTurn {
  const witnessed = witnessTurn(caller, agent, said);
  const fromMs = Math.min(said.endedAtMs, witnessed?.ownEndedAtMs ?? said.endedAtMs);
  // Near sound that was missed nobody knows when something was heard.
  const untilMs = witnessed?.agentBeganAtMs ?? said.endedAtMs;
  const witnessSlippedMs = Math.max(...[caller, agent].map((heard) => slipMs(heard, fromMs, untilMs)));
  const inEarMs = ear.answeredAtMs === undefined ? undefined : bufferedMs(ear.buffers, ear.answeredAtMs);
  const atWitnessMs = witnessed === undefined ? undefined : bufferedMs(buffers, witnessed.agentBeganAtMs);
  return {
    witnessSlippedMs,
    ...(witnessed && witnessSlippedMs <= LOST_MAX_MS && { witnessed }),
    ...(inEarMs !== undefined &&
      atWitnessMs !== undefined && { bufferedMs: { caller: inEarMs, witness: atWitnessMs } }),
  };
}

/** @returns undefined where the end of the caller's speech or the agent's voice was not made out, or the agent cut in. */
export function witnessTurn(
  caller: FollowedSound,
  agent: FollowedSound,
  { levelsDbfs, endedAtMs, windowMs }: SaidTurn,
): WitnessedTurn | undefined {
  const end = levelsDbfs.slice(-Math.round(END_MS / windowMs));
  const way = wayMs(caller.windows, end, endedAtMs - end.length * windowMs);
  if (way === undefined) return undefined;
  const callerEndedAtMs = endedAtMs + way;
  const agentBeganAtMs = voiceFrom(agent.windows, callerEndedAtMs, windowMs);
  if (agentBeganAtMs === undefined) return undefined;
  const fromMs = callerEndedAtMs - levelsDbfs.length * windowMs;
  const utterance = { fromMs, untilMs: callerEndedAtMs, answeredAtMs: agentBeganAtMs };
  const ownEndedAtMs = ownEndMs(caller, utterance);
  return { callerEndedAtMs, ...(ownEndedAtMs !== undefined && { ownEndedAtMs }), agentBeganAtMs, wayMs: way };
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
