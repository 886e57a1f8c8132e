/** One recording said in a call and its answer waited for, with every moment at which the agent took the floor too soon. */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { TurnDocument } from '../wire/turn.js';
import type { CallerTurn, SimulatedCaller } from './caller/simulated-caller.js';
import { systemClock } from './clock.js';
import { type Attribution, attributeToPauses } from './cut-ins/attribution.js';
import type { SpokenRecording } from './spoken-recording.js';

/** States in which an agent has taken the floor. */
export const DECIDED_STATES: ReadonlySet<string> = new Set(['thinking', 'speaking']);

/** After a cut-in a second answer may come, as late as the first, in ms: it must be none of what is said next. */
export const SECOND_ANSWER_MS = 3_500;

/** Later than this the caller's own voice leaves in bursts, and what was a pause is none any more; in ms. */
export const OWN_LAG_MAX_MS = 60;

/** Sampling of this program's own lag, in ms. */
const LAG_RESOLUTION_MS = 10;
/** How long the end of a recording may be waited for beyond its length, in ms. */
const END_TIMEOUT_MS = 30_000;

export interface SpokenTurn {
  /** The agent's first sounds in the caller's ear while the recording went on. */
  readonly heard: Attribution;
  /** The same by the agent's own state, `thinking` or `speaking`: what was decided too soon, whether or not it was heard. */
  readonly decided: Attribution;
  readonly turn: CallerTurn;
  /** What the agent told of its turns since the recording began; the stock agent tells nothing. */
  readonly documents: readonly TurnDocument[];
  /** Last sound of the recording, on the caller's clock. */
  readonly speechEndedAtMs: number;
  /** How late this program itself was at worst, in ms: what the caller did not send in time sounds like a longer pause. */
  readonly lagMs: number;
}

/**
 * @param decisionsAtMs - When the agent's state became one of {@link DECIDED_STATES}, on the caller's clock; may grow.
 * @throws RangeError when there is no speech in the recording, or the caller is speaking already.
 */
export async function sayRecording(
  caller: SimulatedCaller,
  recording: SpokenRecording,
  decisionsAtMs: readonly number[],
  answerTimeoutMs: number,
): Promise<SpokenTurn> {
  const lag = monitorEventLoopDelay({ resolution: LAG_RESOLUTION_MS });
  lag.enable();
  const turnsBefore = caller.turnDocuments.length;
  const saying = caller.startSaying(recording.clip);
  const [utterance] = saying.utterances;
  if (utterance === undefined) throw new RangeError(`${recording.file} holds no speech.`);
  const originMs = utterance.startedAtMs - recording.clip.utterances[0].startMs;
  const sounds = soundsUntil(caller, utterance.endedAtMs);
  const [turn, soundsAtMs] = await Promise.all([saying.reply({ timeoutMs: answerTimeoutMs }), sounds, saying.finished]);
  lag.disable();
  const place = (instants: readonly number[]): Attribution =>
    attributeToPauses(
      recording,
      instants.map((atMs) => atMs - originMs),
    );
  // A sound is noticed some windows after it began: one so short before the end is known to the caller alone.
  const isLate = turn.cutIn && soundsAtMs.length === 0;
  return {
    heard: place(isLate ? [utterance.endedAtMs - 1] : soundsAtMs),
    decided: place(decisionsAtMs),
    turn,
    documents: caller.turnDocuments.slice(turnsBefore),
    speechEndedAtMs: utterance.endedAtMs,
    lagMs: Math.max(0, lag.max / 1e6 - LAG_RESOLUTION_MS),
  };
}

/** When the agent began to sound, up to an instant. */
async function soundsUntil(caller: SimulatedCaller, untilMs: number): Promise<number[]> {
  const beganAtMs: number[] = [];
  let wasSounding = caller.agentSounding;
  const probe = (): true | undefined => {
    const nowMs = systemClock.nowMs();
    if (nowMs >= untilMs) return true;
    if (caller.agentSounding && !wasSounding) beganAtMs.push(nowMs);
    wasSounding = caller.agentSounding;
    return undefined;
  };
  await caller.until(probe, 'the end of the recording', {
    timeoutMs: untilMs - systemClock.nowMs() + END_TIMEOUT_MS,
  });
  return beganAtMs;
}

/** Whether the agent took the floor before the recording was over. */
export function tookTheFloor({ heard, decided }: Pick<SpokenTurn, 'heard' | 'decided'>): boolean {
  return [heard, decided].some(({ cutIn, elsewhere }) => elsewhere > 0 || cutIn.includes(true));
}
