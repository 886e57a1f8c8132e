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

/** When that of the requests was made that was answered. */
export const WINNER_INSTANTS = { llm: 'llmWinnerRequestedAtMs', tts: 'ttsWinnerRequestedAtMs' } as const;

/** Whether something that happens now is the one that counts: mostly the first time does. */
export function counts(instant: keyof TurnTimeline, timeline: TurnTimeline): boolean {
  if (timeline[instant] === undefined || instant === 'playoutEndedAtMs') return true;
  return mayComeAgain(instant, timeline);
}

/** The same of who answers: whoever does last before there is anything of the answer. */
export function replaces(leg: 'llm' | 'tts', answerers: Answerers, timeline: TurnTimeline): boolean {
  return answerers[leg] === undefined || mayComeAgain(WINNER_INSTANTS[leg], timeline);
}

function mayComeAgain(instant: keyof TurnTimeline, timeline: TurnTimeline): boolean {
  const until = AGAIN_BEFORE[instant];
  return until !== undefined && timeline[until] === undefined;
}
