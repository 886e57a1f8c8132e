/** The turns of a browser's call, from the page's own sound, the second participant's ear and the worker's call log. Pure. */
import { type FollowedSound, slipMs } from '../interruptions/followed-sound.js';
import { type BufferReading, bufferedMs } from '../interruptions/jitter-buffers.js';
import { ANSWER_MS, type PlannedTurn } from './browser-microphone.js';
import { findSaid } from './browser-sound.js';
import type { LoggedTurn } from './call-log.js';
import { voiceFrom, type WitnessedTurn, witnessTurn } from './truth.js';

/** Time that a track may skip in a turn, in ms: a piece of 10, which its arrivals tell to some tenths. */
const LOST_MAX_MS = 11;
/** A turn's first instant by the worker may come so much before the recording's first sound by its level, in ms. */
const SOONER_MAX_MS = 1_000;

export interface BrowserTurn {
  /** Names the call. */
  readonly call: string;
  /** Position in its call, from 0. */
  readonly index: number;
  /** Recording that was said. */
  readonly file: string;
  /** First sound in the page's microphone track, and what would be the next one's; absent where it was not made out. */
  readonly said?: { readonly fromMs: number; readonly nextFromMs: number };
  /** How far the microphone's samples fell behind meanwhile, in ms. */
  readonly slippedMs: number;
  /** How far the second participant's did, of caller or agent, while it heard the one end and the other begin; in ms. */
  readonly witnessSlippedMs?: number;
  /** What the second participant heard, if it missed nothing there. */
  readonly witnessed?: WitnessedTurn;
  /** End of speech to the agent's first sound, both in the page's tracks by the bench's tap, in ms. */
  readonly inPageMs?: number;
  /** What the beginning of the answer had waited in the jitter buffers of page and second participant, in ms. */
  readonly bufferedMs?: { readonly page: number; readonly witness: number };
  /** How much of the end of speech the page's microphone did not have any more, in ms. */
  readonly swallowedMs?: number;
  /** What the page reported, as the call log has it. */
  readonly heardMs?: number;
  readonly heardUnexplainedMs?: number;
}

/** Everything that was heard in a call, all on one clock. */
export interface CallSound {
  /** In the page. */
  readonly microphone: FollowedSound;
  readonly agentInPage: FollowedSound;
  /** By the second participant. */
  readonly caller: FollowedSound;
  readonly agent: FollowedSound;
  /** Of the page's jitter buffer before the agent's voice, and of those of the second participant. */
  readonly pageBuffer: readonly BufferReading[];
  readonly witnessBuffers: readonly BufferReading[];
}

export function followTurns(call: string, planned: readonly PlannedTurn[], sound: CallSound): BrowserTurn[] {
  const { microphone, agentInPage, caller, agent, pageBuffer, witnessBuffers } = sound;
  // The file begins with the track; where the microphone skipped time, all that follows comes later.
  let originMs = microphone.windows[0]?.atMs ?? Number.NaN;
  return planned.map(({ file, fromMs, untilMs, levelsDbfs }, index): BrowserTurn => {
    const found = findSaid(microphone, levelsDbfs, originMs + fromMs);
    if (found === undefined) return { call, index, file, slippedMs: 0 };
    originMs = found.fromMs - fromMs;
    const nextFromMs = originMs + (planned[index + 1]?.fromMs ?? untilMs + ANSWER_MS);
    const witnessed = witnessTurn(caller.windows, agent.windows, { ...found, windowMs: microphone.windowMs });
    const answeredAtMs = witnessed?.agentBeganAtMs ?? found.endedAtMs;
    // Near sound that was missed nobody knows when something was heard.
    const witnessSlippedMs = Math.max(...[caller, agent].map((heard) => slipMs(heard, found.endedAtMs, answeredAtMs)));
    const inPageAtMs = voiceFrom(agentInPage.windows, found.endedAtMs, agentInPage.windowMs);
    const inPage = inPageAtMs === undefined ? undefined : bufferedMs(pageBuffer, inPageAtMs);
    const atWitness = witnessed === undefined ? undefined : bufferedMs(witnessBuffers, witnessed.agentBeganAtMs);
    return {
      ...{ call, index, file, said: { fromMs: found.fromMs, nextFromMs } },
      slippedMs: slipMs(microphone, found.fromMs, found.endedAtMs),
      swallowedMs: found.swallowedMs,
      witnessSlippedMs,
      ...(witnessed && witnessSlippedMs <= LOST_MAX_MS && { witnessed }),
      ...(inPageAtMs !== undefined && { inPageMs: inPageAtMs - found.endedAtMs }),
      ...(inPage !== undefined && atWitness !== undefined && { bufferedMs: { page: inPage, witness: atWitness } }),
    };
  });
}

/** Whether the microphone said it as it was recorded. */
export function isUnbroken({ slippedMs }: BrowserTurn): boolean {
  return slippedMs <= LOST_MAX_MS;
}

/**
 * Gives each turn of a call the report that the worker logged of it: the one report on a turn that began while it was said or
 * answered, and after those of the turns before it. Two in one place belong to none.
 * @param logged - May hold turns of other calls, at other times.
 * @param originUnixMs - Wall time at the origin of the turns' clock.
 */
export function pairReports(
  turns: readonly BrowserTurn[],
  logged: readonly LoggedTurn[],
  originUnixMs: number,
): BrowserTurn[] {
  let before: LoggedTurn | undefined;
  return turns.map((turn) => {
    const { said } = turn;
    if (said === undefined) return turn;
    const [row, other] = logged.filter(({ heardMs, startedAtUnixMs = Number.NaN }) => {
      const atMs = startedAtUnixMs - originUnixMs + SOONER_MAX_MS;
      return heardMs !== undefined && atMs >= said.fromMs && atMs < said.nextFromMs;
    });
    const isNext = before === undefined || (row?.callId === before.callId && row.turn > before.turn);
    if (row?.heardMs === undefined || other !== undefined || !isNext) return turn;
    before = row;
    const { heardMs, heardUnexplainedMs } = row;
    return { ...turn, heardMs, ...(heardUnexplainedMs !== undefined && { heardUnexplainedMs }) };
  });
}
