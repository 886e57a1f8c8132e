/** One call, and many, for people. Pure. */
import { z } from 'zod';
import { TurnWaiting } from '../../wire/turn.js';
import type { ShownTurn } from './read.js';
import { minuteOf, whole } from './report-text.js';
import { alignTable } from './table.js';
import { type CallRowRead, outcomeOf, stagesOf } from './turn-row.js';
import { waterfall } from './waterfall.js';

/** @returns Lines; durations in ms, times in UTC. */
export function callLines(call: CallRowRead, turns: readonly ShownTurn[], nowUnixMs: number): string[] {
  return [
    `Call ${call.call_id}, ${minuteOf(call.started_at_unix_ms)} (UTC), ${lengthOf(call)}, ${outcomeOf(call, nowUnixMs)}; ` +
      `profile ${call.profile ?? 'unknown'}, region ${call.region}. Durations in ms.`,
    ...turns.flatMap((turn) => turnLines(turn, call)),
  ];
}

function turnLines(turn: ShownTurn, call: CallRowRead): string[] {
  const { response_ms: responseMs, heard_ms: heardMs, answer_ms: answerMs, started_at_unix_ms: at } = turn;
  const stages = stagesOf(turn);
  const facts = [
    turn.outcome ?? 'never told by the worker',
    ...(responseMs === null ? [] : [`first sound after ${whole(responseMs)}`]),
    ...(heardMs === null ? [] : [`heard after ${whole(heardMs)}`]),
    ...(answerMs === null ? [] : [`the answer itself after ${whole(answerMs)}`]),
    ...(turn.speculated === 1 ? ['speculated'] : []),
    ...(turn.interrupted === 1 ? ['spoken over'] : []),
    ...(turn.continues === null ? [] : [`goes on with turn ${turn.continues}`]),
    ...(turn.superseded_by === null ? [] : [`answered too soon; turn ${turn.superseded_by} goes on`]),
  ];
  const providers = [
    [turn.stt_provider, turn.stt_model],
    [turn.llm_provider, turn.llm_model],
    [turn.tts_provider, turn.tts_model],
  ].flatMap(([provider, model]) => (provider ? [`${provider}/${model ?? ''}`] : []));
  const seconds = at === null ? '' : `, ${((at - call.started_at_unix_ms) / 1_000).toFixed(1)} s into the call`;
  return [
    '',
    `Turn ${turn.turn}${seconds}: ${facts.join(', ')}`,
    ...(turn.said === null ? [] : [`  caller: ${oneLine(turn.said)}`]),
    ...(turn.reply === null ? [] : [`  agent:  ${oneLine(turn.reply)}`]),
    ...(providers.length === 0 ? [] : [`  ${providers.join(' · ')}`]),
    ...(stages === undefined
      ? []
      : waterfall({
          stages,
          responseMs: responseMs ?? undefined,
          heardResponseMs: heardMs ?? undefined,
        }).map((line) => `  ${line}`)),
    ...waitingLines(turn.waiting),
  ];
}

function waitingLines(json: string | null): string[] {
  const waiting = TurnWaiting.safeParse(parsed(json)).data;
  if (waiting === undefined) return [];
  const pieces = Object.entries(waiting.contributions)
    .toSorted(([, a], [, b]) => Math.abs(b) - Math.abs(a))
    .map(([name, ms]) => `${name} ${ms < 0 ? '' : '+'}${whole(ms)}`);
  return [`  waited for ${whole(waiting.waitMs)} of silence${pieces.length === 0 ? '' : `: ${pieces.join(', ')}`}`];
}

export interface ListedCall {
  readonly call: CallRowRead;
  readonly turns: number;
}

/** The last calls, newest first. */
export function listLines(calls: readonly ListedCall[], nowUnixMs: number): string[] {
  if (calls.length === 0) return ['No calls in that time.'];
  return alignTable(
    [
      ['call', 'began (UTC)', 'profile', 'how it ended', 'length', 'turns'],
      ...calls.map(({ call, turns }) => [
        call.call_id,
        minuteOf(call.started_at_unix_ms),
        call.profile ?? '-',
        outcomeOf(call, nowUnixMs),
        lengthOf(call),
        String(turns),
      ]),
    ],
    4,
  );
}

function lengthOf(call: CallRowRead): string {
  const endMs = call.ended_at_unix_ms ?? call.last_sign_at_unix_ms;
  return `${Math.max(0, Math.round((endMs - call.started_at_unix_ms) / 1_000))} s`;
}

/** What people said, without anything that a terminal would obey. */
function oneLine(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').trim();
}

const Json = z.string().transform((text, context) => {
  try {
    const value: unknown = JSON.parse(text);
    return value;
  } catch {
    context.addIssue('is not JSON');
    return z.NEVER;
  }
});

/** The same as data: JSON within it is JSON in it. */
export function shownAsData(call: CallRowRead, turns: readonly ShownTurn[]): object {
  return {
    schema: 1,
    call,
    turns: turns.map(({ overlaps, waiting, instants, ...turn }) => ({
      ...turn,
      overlaps: parsed(overlaps),
      waiting: parsed(waiting),
      instants: parsed(instants),
    })),
  };
}

/** @returns undefined for what is not JSON. */
function parsed(json: string | null): unknown {
  return Json.safeParse(json).data;
}
