/** One recording said in a call and its answer waited for, with every moment at which the agent took the floor too soon. */
import type { TurnDocument } from '../wire/turn.js';
import { ifTimedOut } from './caller/errors.js';
import type { CallerTurn, SimulatedCaller } from './caller/simulated-caller.js';
import { systemClock } from './clock.js';
import { type Attribution, attributeToPauses } from './cut-ins/attribution.js';
import type { SpokenRecording } from './spoken-recording.js';

/** States in which an agent has taken the floor. */
export const DECIDED_STATES: ReadonlySet<string> = new Set(['thinking', 'speaking']);

/** After a cut-in a second answer may come, as late as the first, in ms: it must be none of what is said next. */
export const SECOND_ANSWER_MS = 3_500;

/**
 * Later than this the caller's own voice leaves in bursts, and what was a pause is none any more; in ms. By so much, and no
 * more, this program makes a wait seem longer than it was in a turn that counts.
 */
export const OWN_LAG_MAX_MS = 60;

/** Frames sent late make the other side's jitter buffer deeper for some time: those so long before the speech count too, in ms. */
const BUFFERED_MS = 1_000;

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
  /**
   * How wrong this program itself may have made the wait, in ms: how late it sent a frame at worst, from a moment before the
   * recording up to the answer's first sound, and how unsure the instant of that sound is. What came late after that is in no
   * figure. Frames sent late are heard late, and an unsure sound is taken for the latest that it may be: the wait seems longer by
   * it, never shorter.
   */
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
  const turnsBefore = caller.turnDocuments.length;
  const saying = caller.startSaying(recording.clip);
  const [utterance] = saying.utterances;
  if (utterance === undefined) throw new RangeError(`${recording.file} holds no speech.`);
  const originMs = utterance.startedAtMs - recording.clip.utterances[0].startMs;
  const sounds = soundsUntil(caller, utterance.endedAtMs);
  const [turn, soundsAtMs] = await Promise.all([saying.reply({ timeoutMs: answerTimeoutMs }), sounds, saying.finished]);
  const { heardResponseMs, unsureMs = 0 } = turn;
  const heardAtMs = heardResponseMs === undefined ? systemClock.nowMs() : utterance.endedAtMs + heardResponseMs;
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
    lagMs: caller.speakingLagMsBetween(originMs - BUFFERED_MS, heardAtMs) + unsureMs,
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
  // An agent that has left changes nothing any more, and the recording ends all the same.
  const limit = { timeoutMs: Math.max(0, untilMs - systemClock.nowMs()) };
  await caller.until(probe, 'the end of the recording', limit).catch(ifTimedOut(undefined));
  return beganAtMs;
}

/** Whether the agent took the floor before the recording was over. */
export function tookTheFloor({ heard, decided }: Pick<SpokenTurn, 'heard' | 'decided'>): boolean {
  return [heard, decided].some(({ cutIn, elsewhere }) => elsewhere > 0 || cutIn.includes(true));
}
