/** The turns of a browser's call, from the page's own sound, the second participant's ear and the worker's call log. Pure. */
import { type FollowedSound, slipMs } from '../interruptions/followed-sound.js';
import type { BufferReading } from '../interruptions/jitter-buffers.js';
import { ANSWER_MS, type PlannedTurn } from './browser-microphone.js';
import { findSaid } from './browser-sound.js';
import type { LoggedTurn } from './call-log.js';
import { ownEndMs } from './own-end.js';
import { type FollowedTurn, followTurn, LOST_MAX_MS, voiceFrom, type WitnessSound } from './truth.js';

/** A turn's first instant by the worker may come so much before the recording's first sound by its level, in ms. */
const SOONER_MAX_MS = 1_000;

export interface BrowserTurn extends FollowedTurn {
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
  /** End of the recording to the agent's first sound, both in the page's tracks by the bench's tap, in ms. */
  readonly inPageMs?: number;
  /** The same from the end of speech by the rule in the page's microphone track (`own-end.ts`). */
  readonly inPageOwnMs?: number;
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
  /** Of the page's jitter buffer before the agent's voice. */
  readonly pageBuffer: readonly BufferReading[];
  readonly witness: WitnessSound;
}

export function followTurns(call: string, planned: readonly PlannedTurn[], sound: CallSound): BrowserTurn[] {
  const { microphone, agentInPage, pageBuffer, witness } = sound;
  const { windowMs } = microphone;
  // The file begins with the track; where the microphone skipped time, all that follows comes later.
  let originMs = microphone.windows[0]?.atMs ?? Number.NaN;
  return planned.map(({ file, fromMs, untilMs, levelsDbfs }, index): BrowserTurn => {
    const found = findSaid(microphone, levelsDbfs, originMs + fromMs);
    if (found === undefined) return { call, index, file, slippedMs: 0 };
    originMs = found.fromMs - fromMs;
    const nextFromMs = originMs + (planned[index + 1]?.fromMs ?? untilMs + ANSWER_MS);
    const answeredAtMs = voiceFrom(agentInPage.windows, found.endedAtMs, agentInPage.windowMs);
    const utterance = { fromMs: found.fromMs, untilMs: found.endedAtMs };
    const ownEndedAtMs = answeredAtMs === undefined ? undefined : ownEndMs(microphone, { ...utterance, answeredAtMs });
    return {
      ...{ call, index, file, said: { fromMs: found.fromMs, nextFromMs } },
      slippedMs: slipMs(microphone, found.fromMs, found.endedAtMs),
      swallowedMs: found.swallowedMs,
      ...followTurn(witness, { ...found, windowMs }, { buffers: pageBuffer, answeredAtMs }),
      ...(answeredAtMs !== undefined && { inPageMs: answeredAtMs - found.endedAtMs }),
      ...(answeredAtMs !== undefined && ownEndedAtMs !== undefined && { inPageOwnMs: answeredAtMs - ownEndedAtMs }),
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
