/** A run as it is told: as JSON, and as a table for the terminal. Pure. */
import type { ProviderCounters } from '../scripted-providers.js';
import { type Comparisons, LEAST } from './compare.js';
import { type ExtraRequests, extraLine } from './extra-requests.js';
import { type ArmFigures, ENOUGH_TURNS, isTimely, type MeasuredTurn } from './figures.js';
import { pairedComparisons, pairedLines } from './paired.js';
import { type Comparison, callsOf, differenceOf, type Interval, ratioOf, type Sample, samplesOf } from './samples.js';
import type { Counts } from './worker-counters.js';

export interface ArmReport extends ArmFigures {
  /** Calls that could not be held. */
  readonly failedCalls: number;
  /** How busy the machine's processors were in its calls with turns, 0 to 1; the median of them, null of none. */
  readonly busyShare?: number | null;
  /** What the providers were asked between greetings and last answers, disturbed turns included. */
  readonly requests: ProviderCounters;
  /** What our worker counted; absent for others. */
  readonly counters?: Counts;
  /** Of them: requests that waited for a handshake. */
  readonly coldConnections?: number;
  /** Second requests among all. */
  readonly extraRequests?: ExtraRequests;
  readonly each: readonly MeasuredTurn[];
}

export interface LatencyReport {
  readonly roundTripMs: number;
  /** What was asked for. */
  readonly settings: Readonly<Record<string, string | number>>;
  readonly arms: Readonly<Record<string, ArmReport>>;
  /** Arms that could not be measured, and why. */
  readonly failed: Readonly<Record<string, string>>;
}

/** Of more left out it is not known whether the turns that count are like them. */
const DISTURBED_SHARE = 0.5;
/** From here on programs wait for each other. */
const BUSY_SHARE = 0.8;
/** A bootstrap over fewer makes intervals that are too narrow. */
const ENOUGH_CALLS = LEAST.calls;

const PERCENTILES = [
  ['P50', 0.5],
  ['P95', 0.95],
] as const;
const COMPARED = ['stock', 'tuned', 'tuned-patient', 'livekit-python', 'pipecat'] as const;
const CAMEL: Readonly<Record<(typeof COMPARED)[number], string>> = {
  stock: 'stock',
  tuned: 'tuned',
  'tuned-patient': 'tunedPatient',
  'livekit-python': 'livekitPython',
  pipecat: 'pipecat',
};

/** `stockToOursP50` and so on: how many times as long as ours each other worker takes to its first sound. */
export function ratiosOf(arms: LatencyReport['arms']): Readonly<Record<string, Comparison>> {
  const { ours } = arms;
  if (ours === undefined) return {};
  const ratios: Record<string, Comparison> = {};
  for (const other of COMPARED) {
    const arm = arms[other];
    if (arm === undefined) continue;
    for (const [name, share] of PERCENTILES) {
      const ratio = ratioOf(heardOf(arm), heardOf(ours), share);
      if (ratio !== undefined) ratios[`${CAMEL[other]}ToOurs${name}`] = ratio;
    }
  }
  return ratios;
}

/**
 * How much later than ours each other arm is first heard, in ms, by the name of the percentile.
 * @param samples - What is compared: the first sound, or that of the answer itself.
 */
export function differencesOf(
  arms: LatencyReport['arms'],
  samples: (arm: Pick<ArmReport, 'each'>) => Sample[] = heardOf,
): Readonly<Record<string, Record<string, Comparison>>> {
  const { ours, ...others } = arms;
  if (ours === undefined) return {};
  const compared = Object.entries(others).map(([name, arm]) => {
    const shares = [...PERCENTILES, ['P99', 0.99] as const];
    const differences = shares.flatMap(([percentile, share]) => {
      const difference = differenceOf(samples(arm), samples(ours), share);
      return difference === undefined ? [] : [[percentile, difference] as const];
    });
    return [name, Object.fromEntries(differences)] as const;
  });
  return Object.fromEntries(compared);
}

/** The document of `--json`; durations are rounded to a tenth of a millisecond. */
export function latencyJson(report: LatencyReport, command: string, comparison?: Comparisons): string {
  const ratios = Object.entries(ratiosOf(report.arms));
  const document = {
    schema: 1,
    command,
    roundTripMs: report.roundTripMs,
    settings: report.settings,
    arms: report.arms,
    ratios: Object.fromEntries(ratios.map(([name, { value }]) => [name, value])),
    ratioCis: Object.fromEntries(ratios.map(([name, { ci }]) => [name, ci])),
    laterThanOursMs: differencesOf(report.arms),
    answersLaterThanOursMs: differencesOf(report.arms, answersOf),
    oursPairedWith: pairedComparisons(report.arms),
    intervals: 'bootstrap, 95 %, whole calls drawn, those at once together; cutInRateCi by Wilson',
    failed: report.failed,
    comparison,
  };
  return tidyJson(document);
}

/** Durations to a tenth of a millisecond, the rest to four digits. */
export function tidyJson(document: object): string {
  const tidy = (key: string, value: unknown): unknown => {
    if (typeof value !== 'number' || Number.isInteger(value)) return value;
    return Number(value.toFixed(key.endsWith('Ms') ? 1 : 4));
  };
  return `${JSON.stringify(document, tidy, 1)}\n`;
}

/** A line an arm, and what has to be said about them. */
export function latencyTable(report: LatencyReport): string[] {
  const names = Object.keys(report.arms);
  const width = Math.max(6, ...names.map((name) => name.length)) + 2;
  const head = ['turns', 'P50 ms (95 %)', 'P95 ms (95 %)', 'excess P50', 'excess P95', 'cut-ins', 'greeting P50/P95'];
  const rows = Object.entries(report.arms).map(([name, arm]) => [name, ...cellsOf(arm)]);
  const columns = ['', ...head].map((title, column) =>
    Math.max(column === 0 ? width : title.length + 2, ...rows.map((row) => (row[column]?.length ?? 0) + 2)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, column) => cell.padEnd(columns[column] ?? 0))
      .join('')
      .trimEnd();
  return [
    `round trip ${Math.round(report.roundTripMs)} ms; first sound from the caller's last; intervals by bootstrap over calls`,
    line(['', ...head]),
    ...rows.map(line),
    ...Object.entries(report.arms).flatMap(([name, arm]) => notesOf(name, arm)),
    ...Object.entries(ratiosOf(report.arms)).map(([name, { value, ci }]) => {
      return `${name} ${value.toFixed(2)}${ci === null ? '' : ` (${ci[0].toFixed(2)}..${ci[1].toFixed(2)})`}`;
    }),
    ...Object.entries(differencesOf(report.arms)).flatMap(([name, later]) => {
      const said = Object.entries(later).map(
        ([percentile, { value, ci }]) => `${percentile} ${withInterval(value, ci)}`,
      );
      return said.length === 0 ? [] : [`${name} is heard later than ours by ${said.join(', ')} ms`];
    }),
    ...pairedLines(pairedComparisons(report.arms)),
    ...Object.entries(report.failed).map(([name, reason]) => `${name}: not measured (${reason})`),
    ...tooFew(report),
  ];
}

function cellsOf(arm: ArmReport): string[] {
  const { turns, answered, cutIns, pauses, greetingP50Ms, greetingP95Ms } = arm;
  return [
    answered === turns ? `${turns}` : `${answered} of ${turns}`,
    withInterval(arm.p50Ms, arm.p50CiMs),
    withInterval(arm.p95Ms, arm.p95CiMs),
    withInterval(arm.excessP50Ms, arm.excessP50CiMs),
    withInterval(arm.excessP95Ms, arm.excessP95CiMs),
    `${cutIns} of ${pauses}`,
    `${ms(greetingP50Ms)}/${ms(greetingP95Ms)} (n ${arm.greetings})`,
  ];
}

/** What stands in no column because few arms have it. */
function notesOf(name: string, arm: ArmReport): string[] {
  const { openings, failedCalls, lateHandshakesPerCall, cutInsElsewhere, premature } = arm;
  const { llm, tts } = arm.requests;
  const extra = arm.extraRequests && extraLine(name, arm.extraRequests);
  return [
    ...(openings === undefined
      ? []
      : [
          `${name}: something was said before the answer in ${openings.turns} of ${arm.turns} turns; the answer itself ` +
            `P50 ${withInterval(arm.answerP50Ms, arm.answerP50CiMs)}, P95 ${withInterval(arm.answerP95Ms, arm.answerP95CiMs)}, ` +
            `P99 ${withInterval(arm.answerP99Ms, arm.answerP99CiMs)} ms ` +
            `(excess ${ms(arm.answerExcessP50Ms)}, ${ms(arm.answerExcessP95Ms)}); ` +
            `gap before it P95 ${ms(openings.gapP95Ms)} ms played, ${ms(openings.heardGapP95Ms)} ms heard`,
        ]),
    ...(lateHandshakesPerCall === undefined
      ? []
      : [
          `${name}: first turns P50 ${ms(arm.firstTurnP50Ms)} ms, later ones ${ms(arm.laterTurnsP50Ms)} ms; ` +
            `excess ${ms(arm.firstTurnExcessP50Ms)} against ${ms(arm.laterTurnsExcessP50Ms)}, ` +
            `more by ${withInterval(arm.firstTurnExcessMoreP50Ms, arm.firstTurnExcessMoreP50CiMs)} ms; ` +
            `${lateHandshakesPerCall.toFixed(1)} connections a call begun after the caller's first word, spares included` +
            (arm.coldConnections === undefined ? '' : `; ${arm.coldConnections} requests in all waited for one`),
        ]),
    `${name}: P99 ${withInterval(arm.p99Ms, arm.p99CiMs)} ms; requests a turn: LLM ${perTurn(llm.requests, arm)}, ` +
      `TTS ${perTurn(tts.requests, arm)}`,
    ...(extra === undefined ? [] : [extra]),
    ...Object.entries(arm.bySet ?? {}).map(
      ([set, { turns, p50Ms, p50CiMs, p95Ms, p95CiMs, excessP50Ms, excessP95Ms }]) =>
        `${name}, ${set}: ${turns} turns, P50 ${withInterval(p50Ms, p50CiMs)}, P95 ${withInterval(p95Ms, p95CiMs)} ms ` +
        `(excess ${ms(excessP50Ms)}, ${ms(excessP95Ms)})`,
    ),
    ...(cutInsElsewhere > 0
      ? [`${name}: ${cutInsElsewhere} times heard inside the speech and outside those pauses`]
      : []),
    ...(premature > 0
      ? [`${name}: ${premature} turns without a wait: first heard sooner than the road there and back takes`]
      : []),
    ...(arm.answered < arm.turns
      ? [`${name}: ${arm.turns - arm.answered} turns were not answered and have no wait`]
      : []),
    ...disturbedNote(name, arm),
    ...busyNote(name, arm),
    ...(failedCalls > 0 ? [`${name}: ${failedCalls} calls failed`] : []),
  ];
}

/** How many turns do not count, and what to do where that is so many that the rest may be a choice among them. */
function disturbedNote(name: string, { disturbed, turns }: ArmReport): string[] {
  if (disturbed === 0) return [];
  const said = `${name}: ${disturbed} turns left out, this program was late itself`;
  const isMany = disturbed > (turns + disturbed) * DISTURBED_SHARE;
  return [
    isMany
      ? `${said}: too many, so that this arm is not measured. End what else runs, call fewer at once (--calls), take a machine ` +
        'with more cores, or run it as root, so that callers come first'
      : said,
  ];
}

/** An agent that waits for a processor answers later: that is true here, and nothing of the agent where there are more. */
function busyNote(name: string, { busyShare = null }: ArmReport): string[] {
  if (busyShare === null || busyShare < BUSY_SHARE) return [];
  return [
    `${name}: the processors were ${Math.round(100 * busyShare)} % busy in its calls, and what it waited for one is in its figures: ` +
      'fewer at once (--calls), or more cores, show the agent by itself',
  ];
}

function perTurn(requests: number, { each }: ArmReport): string {
  return each.length === 0 ? '-' : (requests / each.length).toFixed(2);
}

/** Which percentiles so few turns cannot carry. */
export function tooFew({ arms }: Pick<LatencyReport, 'arms'>): string[] {
  const { p95, p99 } = ENOUGH_TURNS;
  const leastOf = (count: (arm: ArmReport) => number): number => Math.min(...Object.values(arms).map(count));
  const [turns, greetings] = [leastOf((arm) => arm.turns), leastOf((arm) => arm.greetings)];
  const said = turns < p95 ? 'P95 or a P99' : 'P99';
  return [
    ...(turns < p99
      ? [`${turns} turns in the smallest arm are too few to claim a ${said} (${p95} for P95, ${p99} for P99).`]
      : []),
    ...Object.entries(arms).flatMap(([name, { each, p50CiMs }]) => {
      const calls = callsOf(each.filter(isTimely)).length;
      return p50CiMs !== null && calls < ENOUGH_CALLS
        ? [`${name}: intervals over ${calls} calls, those at once counted as one, are too narrow (${ENOUGH_CALLS}).`]
        : [];
    }),
    ...Object.entries(arms).flatMap(([name, { p50Ms, p50CiMs }]) =>
      p50Ms !== null && p50CiMs === null
        ? [
            `${name}: all its turns are of one call, or of calls at once: no interval. More --turns, or fewer --turns-a-call.`,
          ]
        : [],
    ),
    ...(greetings < p95 ? [`${greetings} greetings are too few to claim a P95 of theirs (${p95}).`] : []),
  ];
}

/** First sound of the answer itself, past openings and fillers. */
export function answersOf(arm: Pick<ArmReport, 'each'>): Sample[] {
  return samplesOf(arm.each.filter(isTimely), ({ answerMs, heardMs }) => answerMs ?? heardMs);
}

export function heardOf(arm: Pick<ArmReport, 'each'>): Sample[] {
  return samplesOf(arm.each.filter(isTimely), ({ heardMs }) => heardMs);
}

export function withInterval(value: number | null, interval: Interval): string {
  if (value === null) return '-';
  return interval === null ? ms(value) : `${ms(value)} (${ms(interval[0])}..${ms(interval[1])})`;
}

export function ms(value: number | null): string {
  return value === null ? '-' : String(Math.round(value));
}
