/** Where the time of a turn went, for people. */
import { type HiddenWork, TurnDocument, type TurnStages } from '../../wire/turn.js';
import { explainHearing, hearingOf } from './hearing.js';
import type { HeardTurn } from './use-heard-reports.js';
import { explainWaiting } from './waiting.js';

export type StageKey = keyof TurnStages;

export interface StageShare {
  readonly key: StageKey;
  readonly label: string;
  readonly durationMs: number;
  /** 0 to 1 of the longest response shown, so that bars of several turns can be compared. */
  readonly share: number;
}

export interface TurnTiming {
  /** Of all that are shown: turns are counted anew where another agent takes over. */
  readonly id: string;
  readonly turn: number;
  readonly said: string;
  readonly responseMs: number;
  readonly interrupted: boolean;
  readonly stages: readonly StageShare[];
  /** Why the end was waited for as long as it was, in a sentence; absent where nothing was waited for. */
  readonly waited?: string;
  /** What was done ahead and so cost no time, in a sentence; absent where nothing was. */
  readonly hidden?: string;
  /** What this page heard of it, in a sentence; absent where that was not measured beyond doubt. */
  readonly heard?: string;
}

/** Turns shown at once. */
export const TURNS_SHOWN = 5;

/** The stages in the order in which they happen, in plain words. */
export const STAGE_LABELS: ReadonlyArray<readonly [StageKey, string]> = [
  ['sttMs', 'catching your words'],
  ['endpointingMs', 'knowing you were done'],
  ['llmMs', 'finding words'],
  ['toolsMs', 'looking things up'],
  ['textAggregationMs', 'gathering a clause'],
  ['ttsMs', 'making speech'],
  ['playoutMs', 'starting to play'],
  ['unexplainedMs', 'unaccounted for'],
];

/** Adds one turn's document to those kept. What is not a turn document, or is of an unknown schema, is passed over. */
export function addTurn(turns: readonly TurnDocument[], json: string): readonly TurnDocument[] {
  const document = parseTurn(json);
  if (document === undefined) return turns;
  const others = turns.filter(({ turn, callId }) => turn !== document.turn || callId !== document.callId);
  const calls = [...new Set([...others, document].map(({ callId }) => callId))];
  return [...others, document]
    .toSorted((a, b) => calls.indexOf(a.callId) - calls.indexOf(b.callId) || a.turn - b.turn)
    .slice(-4 * TURNS_SHOWN);
}

/** The last turns that were answered with sound, newest first. The greeting answers nobody and is left out. */
export function recentTimings(turns: readonly TurnDocument[], heard: readonly HeardTurn[] = []): readonly TurnTiming[] {
  const answered = turns
    .filter(({ turn, responseMs }) => turn > 0 && responseMs !== undefined)
    .slice(-TURNS_SHOWN)
    .toReversed();
  const longestMs = Math.max(1, ...answered.map(({ responseMs }) => responseMs ?? 0));
  return answered.map(({ callId, turn, said, responseMs = 0, outcome, stages, waiting, hidden }) => {
    const { report } = heard.findLast((one) => one.callId === callId && one.report.turn === turn) ?? {};
    const ahead = hidden && explainHidden(hidden);
    return {
      id: `${callId} ${turn}`,
      turn,
      said,
      responseMs: Math.round(responseMs),
      interrupted: outcome === 'interrupted',
      stages: stages === undefined ? [] : shares(stages, longestMs),
      ...(waiting !== undefined && { waited: explainWaiting(waiting) }),
      ...(ahead !== undefined && { hidden: ahead }),
      ...(report !== undefined && { heard: explainHearing(hearingOf(report, responseMs)) }),
    };
  });
}

/** @returns undefined where nothing was done ahead. */
function explainHidden(hidden: HiddenWork): string | undefined {
  const parts = STAGE_LABELS.flatMap(([key, label]) => {
    const ms = key === 'llmMs' || key === 'textAggregationMs' || key === 'ttsMs' ? Math.round(hidden[key]) : 0;
    return ms > 0 ? [`${label} ${ms}`] : [];
  });
  return parts.length > 0 ? `Done meanwhile, at no cost: ${parts.join(', ')}` : undefined;
}

/** One turn in a sentence, for those who do not see the bar. */
export function describeTiming({ responseMs, stages }: TurnTiming): string {
  const parts = stages.map(({ label, durationMs }) => `${label} ${Math.round(durationMs)}`);
  return `Answered after ${responseMs} milliseconds${parts.length > 0 ? `: ${parts.join(', ')}` : ''}.`;
}

function shares(stages: TurnStages, longestMs: number): readonly StageShare[] {
  return STAGE_LABELS.map(([key, label]) => ({
    key,
    label,
    durationMs: stages[key],
    share: Math.min(1, stages[key] / longestMs),
  })).filter(({ durationMs }) => durationMs > 0);
}

function parseTurn(json: string): TurnDocument | undefined {
  try {
    const parsed = TurnDocument.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
