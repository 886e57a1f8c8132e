/** A report for people. Pure. */
import { STAGE_NAMES } from '../../wire/turn.js';
import type { Quantiles } from './figures.js';
import type { Report, SlowTurn } from './report.js';
import { alignTable } from './table.js';
import { waterfall } from './waterfall.js';

const NAMES = new Map(STAGE_NAMES);
const PERCENTILES = ['turns', 'P50', 'P90', 'P95', 'P99'];

/** @returns Lines; durations in ms, times and days in UTC. */
export function reportLines(report: Report): string[] {
  const { sinceUnixMs, untilUnixMs, profile, calls, turns, all, days, profiles, ear, slowest } = report;
  const of = profile === undefined ? '' : `, profile ${profile}`;
  const lines = [
    `Calls from ${minuteOf(sinceUnixMs)} to ${minuteOf(untilUnixMs)} (UTC)${of}. Durations in ms.`,
    `Calls  ${calls.total}${list(calls.outcomes)}`,
    `Turns  ${turns.total}${list({
      ...turns.outcomes,
      'answered too soon': turns.answeredTooSoon,
      'spoken over': turns.interrupted,
      speculated: turns.speculated,
    })}`,
  ];
  if (all.turns === 0) return lines;
  return [
    ...lines,
    ...section('End of speech to first sound, by the worker’s clock and in the caller’s ear', [
      ['day', ...PERCENTILES, 'heard', ...PERCENTILES.slice(1)],
      ...days.map((day) => [day.day, ...cells(day.response), ...cells(day.heard)]),
      ...(days.length > 1 ? [['all', ...cells(all.response), ...cells(all.heard)]] : []),
    ]),
    ...section('What was waited for: stages of the response, which they add up to', [
      ['stage', ...PERCENTILES],
      ...all.stages.map(({ stage, waited }) => [nameOf(stage), ...cells(waited)]),
    ]),
    ...section(
      'What each provider took by itself, waited for or not',
      [
        ['figure', 'provider', ...PERCENTILES, 'expected', 'drift'],
        ...all.providers.map(({ figure, provider, model, took, expectedMs, driftMs }) => [
          ...[figure, `${provider}/${model}`, ...cells(took)],
          ...[expectedMs === undefined ? '-' : whole(expectedMs), driftMs === undefined ? '-' : signed(driftMs)],
        ]),
      ],
      2,
    ),
    ...section(
      'Where the time of each profile goes',
      [
        ['profile', 'mostly', 'of the time', 'longest in', ...PERCENTILES],
        ...profiles.map(({ profile: name, dominant, response }) => [
          name,
          dominant === undefined ? '-' : nameOf(dominant.name),
          dominant === undefined ? '-' : percent(dominant.share),
          dominant === undefined ? '-' : `${percent(dominant.shareOfTurns)} of turns`,
          ...cells(response),
        ]),
      ],
      2,
    ),
    ...(ear.heard === undefined
      ? ['', 'No client has told what it heard.']
      : section('Heard against reported, for turns that both told of', [
          ['', ...PERCENTILES],
          ...EAR_ROWS.map(([name, label]) => [label, ...cells(ear[name])]),
        ])),
    ...(slowest.length === 0 ? [] : ['', 'Slowest turns']),
    ...slowest.flatMap(slowLines),
  ];
}

const EAR_ROWS = [
  ['heard', 'heard by the caller'],
  ['reported', 'reported by the worker'],
  ['difference', 'difference'],
  ['roundTrip', 'network, there and back'],
  ['jitterBuffer', 'jitter buffer'],
  ['playout', 'loudspeaker'],
  ['unexplained', 'unexplained, either way'],
] as const;

function slowLines({ callId, turn, startedAtUnixMs, profile, responseMs, heardMs, stages }: SlowTurn): string[] {
  const heard = heardMs === undefined ? '' : `, heard after ${whole(heardMs)}`;
  return [
    '',
    `${callId}, turn ${turn}, ${minuteOf(startedAtUnixMs)}, ${profile ?? 'unknown profile'}: ${whole(responseMs)}${heard}`,
    ...(stages === undefined
      ? []
      : waterfall({ stages, responseMs, heardResponseMs: heardMs }).map((line) => `  ${line}`)),
  ];
}

function section(title: string, rows: readonly (readonly string[])[], left = 1): string[] {
  return rows.length < 2 ? [] : ['', title, ...alignTable(rows, left)];
}

function cells(found: Quantiles | undefined): string[] {
  return found === undefined
    ? PERCENTILES.map(() => '-')
    : [String(found.turns), ...[found.p50, found.p90, found.p95, found.p99].map(whole)];
}

function nameOf(stage: Parameters<typeof NAMES.get>[0]): string {
  return NAMES.get(stage) ?? stage;
}

/** Figures of any size in a column: nobody reads the digits of 1e300 ms. */
export function whole(ms: number): string {
  return Math.abs(ms) < 1e9 ? String(Math.round(ms)) : ms.toExponential(1);
}

/** `+12`, `-3`: which way it went. */
function signed(ms: number): string {
  return ms > 0 ? `+${whole(ms)}` : whole(ms);
}

/** `2026-11-21 12:00`, in UTC. */
export function minuteOf(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, 16).replace('T', ' ');
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}

function list(counts: Readonly<Record<string, number>>): string {
  const parts = Object.entries(counts).filter(([, count]) => count > 0);
  return parts.length === 0 ? '' : `: ${parts.map(([name, count]) => `${count} ${name}`).join(', ')}`;
}
