/**
 * `npm run bench -- accounting`: whether the worker's account of its calls is true, complete, exact and cheap. Over a real SFU,
 * with scripted providers, recorded callers, a real browser among them, and a second participant.
 */
import { messageOf } from '../caller/errors.js';
import { runCost } from './cost-part.js';
import { runCounts } from './counts-part.js';
import { verdictLines } from './figure.js';
import { runInjection } from './injection-part.js';
import type { PartOptions, PartReport } from './part.js';
import { openSystem } from './system.js';
import { runTruth } from './truth-part.js';

export const PARTS = ['truth', 'browser', 'counts', 'injection', 'cost'] as const;
export type PartName = (typeof PARTS)[number];

/** Call processes held ready: as many as there are calls at once, and one more while another is loaded. */
const WARM_PROCESSES = { counts: { whole: 5, quick: 3 }, others: 2 } as const;

export interface AccountingOptions extends Omit<PartOptions, 'system'> {
  /** Absent: all. */
  readonly parts?: readonly PartName[] | undefined;
  /** Turns of each arm, or of all calls; absent: what the part needs. */
  readonly turns?: number | undefined;
}

export type AccountingReport = Readonly<Partial<Record<PartName, PartReport>>>;

/** @throws when the system does not start; CallError `BAD_INPUT` without usable recordings. */
export async function runAccounting(options: AccountingOptions): Promise<AccountingReport> {
  const { parts = PARTS, turns, quick, signal } = options;
  const report: Partial<Record<PartName, PartReport>> = {};
  const inCalls = parts.filter((part) => part !== 'cost');
  if (inCalls.length > 0) {
    const browser = inCalls.includes('browser') ? await findBrowserPart(options) : undefined;
    const { counts, others } = WARM_PROCESSES;
    const warm = inCalls.includes('counts') ? counts[quick ? 'quick' : 'whole'] : others;
    const system = await openSystem(warm, signal);
    try {
      const all = { ...options, system };
      if (inCalls.includes('truth')) report.truth = await runTruth(all, turns);
      if (browser !== undefined) report.browser = await browser.runBrowser(all, turns);
      if (inCalls.includes('counts')) report.counts = await runCounts(all);
      if (inCalls.includes('injection')) report.injection = await runInjection(all, turns);
    } finally {
      await system.close();
    }
  }
  // It opens a system of its own, of two arms.
  if (parts.includes('cost')) report.cost = await runCost(options, turns);
  return report;
}

/**
 * Imported only here because Playwright is for development alone, and asked before the system starts and calls are held.
 * @returns undefined where there is no browser, and nobody asked for one by name.
 */
async function findBrowserPart({
  parts,
  tell,
}: AccountingOptions): Promise<typeof import('./browser-part.js') | undefined> {
  const part = await import('./browser-part.js');
  try {
    part.chromiumPath();
  } catch (error) {
    if (parts !== undefined) throw error;
    tell(`browser: left out. ${messageOf(error)}`);
    return undefined;
  }
  return part;
}

/** @param list - As on the command line: names with commas between. @throws RangeError naming the parts there are. */
export function planParts(list: string): PartName[] {
  const names = list.split(',').flatMap((name) => name.trim() || []);
  const parts = PARTS.filter((part) => names.includes(part));
  if (names.length === 0 || parts.length !== new Set(names).size) {
    throw new RangeError(`The parts are ${PARTS.join(', ')}.`);
  }
  return parts;
}

export function accountingTable(report: AccountingReport): string[] {
  return PARTS.flatMap((part) => {
    const of = report[part];
    return of === undefined ? [] : [part, ...verdictLines(of.verdicts).map(indented), ...of.remarks.map(indented), ''];
  });
}

/** The document of `--json`, by part; durations are rounded to a tenth of a millisecond. */
export function accountingJson(report: AccountingReport, command: string): string {
  const tidy = (_key: string, value: unknown): unknown =>
    typeof value === 'number' && !Number.isInteger(value) ? Number(value.toFixed(1)) : value;
  return `${JSON.stringify({ schema: 1, command, arms: { ours: report } }, tidy, 1)}\n`;
}

function indented(line: string): string {
  return `  ${line}`;
}
