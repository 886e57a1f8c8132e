/** Who answered in a turn, which need not be who was asked first: a hedge or a fallback may be somebody else. Pure. */
import type { TurnTimeline } from './timeline.js';

export interface Named {
  readonly provider: string;
  readonly model: string;
}

/** The request whose answer was used. */
export interface AnsweredBy extends Named {
  /** On the call's clock, in ms. */
  readonly askedAtMs: number;
}

/** Whose words were understood, and whose answer and voice were heard; absent where nobody's was. */
export interface Answerers {
  readonly stt?: Named;
  readonly llm?: Named;
  readonly tts?: Named;
}

/** What may come again until something else has: a request before its answer, a byte before anything could be heard. */
const AGAIN_BEFORE: Partial<Record<keyof TurnTimeline, keyof TurnTimeline>> = {
  llmRequestedAtMs: 'firstTokenAtMs',
  llmWinnerRequestedAtMs: 'firstTokenAtMs',
  ttsWinnerRequestedAtMs: 'firstAudibleAtMs',
  firstByteAtMs: 'firstAudibleAtMs',
  // A tool that ran after the first sound kept nobody waiting for it.
  toolsEndedAtMs: 'playoutStartedAtMs',
};

/** Whether something that happens now is the one that counts: mostly the first time does. */
export function counts(instant: keyof TurnTimeline, timeline: TurnTimeline): boolean {
  if (timeline[instant] === undefined || instant === 'playoutEndedAtMs') return true;
  const until = AGAIN_BEFORE[instant];
  return until !== undefined && timeline[until] === undefined;
}

/** The same of who answers: whoever does last before there is anything of the answer. */
export function replaces(leg: keyof Answerers, answerers: Answerers, timeline: TurnTimeline): boolean {
  if (answerers[leg] === undefined) return true;
  const until = leg === 'llm' ? 'firstTokenAtMs' : 'firstAudibleAtMs';
  return leg !== 'stt' && timeline[until] === undefined;
}
