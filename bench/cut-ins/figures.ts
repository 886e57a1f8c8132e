/** What the calls of one arm come to, and the table of both. Pure. */
import { type Summary, summary } from '../interruptions/intervals.js';
import { OWN_LAG_MAX_MS } from '../spoken-turn.js';
import { wilsonInterval } from '../statistics.js';
import type { PlayedOrder } from './calls.js';

/** Fewer pauses say nothing about a difference. */
const FEW_PAUSES = 30;

/** Pauses are told apart by length, from these on, in ms. */
const LENGTHS_FROM_MS = [150, 200, 300] as const;

export const ARM_NAMES = ['ours', 'stock'] as const;
export type ArmName = (typeof ARM_NAMES)[number];

interface Count {
  readonly pauses: number;
  readonly cutIns: number;
}

export interface CutInsArm extends Count {
  /** Wilson interval of cut-ins per pause, 95 %. */
  readonly cutInRate: { readonly from: number; readonly to: number };
  /** Pauses in which the agent's state said it had taken the floor, whether or not it was heard. */
  readonly earlyDecisions: number;
  /** Cut-ins before the first pause that counts. */
  readonly cutInsElsewhere: number;
  readonly byLength: readonly (Count & { readonly fromMs: number })[];
  readonly turns: number;
  readonly unanswered: number;
  readonly heardP50Ms: number | null;
  readonly heardP95Ms: number | null;
  /** The same with bootstrap intervals. */
  readonly heardMs: Summary;
  /** Different recordings among the turns. */
  readonly recordings: number;
  /** Orders that this program was too busy to say in time; in no figure above. */
  readonly disturbed: number;
  readonly failedCalls: number;
  readonly each: readonly PlayedOrder[];
}

export type CutInsArms = Readonly<Record<ArmName, CutInsArm>>;

export function summarise(played: readonly PlayedOrder[], failedCalls: number): CutInsArm {
  const timely = played.filter(({ lagMs }) => lagMs <= OWN_LAG_MAX_MS);
  const pauses = timely.flatMap(({ pausesMs, heard, decided }) =>
    pausesMs.map((pauseMs, index) => ({ pauseMs, heard: heard.cutIn[index], decided: decided.cutIn[index] })),
  );
  const cutIns = pauses.filter(({ heard }) => heard).length;
  const [from, to] = wilsonInterval(cutIns, pauses.length);
  const heardMs = summary(timely.flatMap(({ heardResponseMs }) => heardResponseMs ?? []));
  return {
    pauses: pauses.length,
    cutIns,
    cutInRate: { from, to },
    earlyDecisions: pauses.filter(({ heard, decided }) => heard || decided).length,
    cutInsElsewhere: timely.reduce((sum, { heard }) => sum + heard.elsewhere, 0),
    byLength: LENGTHS_FROM_MS.map((fromMs, index) => {
      const toMs = LENGTHS_FROM_MS[index + 1] ?? Number.POSITIVE_INFINITY;
      const those = pauses.filter(({ pauseMs }) => pauseMs >= fromMs && pauseMs < toMs);
      return { fromMs, pauses: those.length, cutIns: those.filter(({ heard }) => heard).length };
    }),
    turns: timely.length,
    unanswered: timely.filter(({ outcome }) => outcome === 'unanswered').length,
    heardP50Ms: heardMs.p50?.value ?? null,
    heardP95Ms: heardMs.p95?.value ?? null,
    heardMs,
    recordings: new Set(timely.map(({ file }) => file)).size,
    disturbed: played.length - timely.length,
    failedCalls,
    each: played,
  };
}

/** A table of both arms, a line a figure. */
export function cutInsTable(arms: CutInsArms): string[] {
  const line = (name: string, figure: (arm: CutInsArm) => string): string =>
    `${name.padEnd(26)}${ARM_NAMES.map((arm) => figure(arms[arm]).padEnd(34)).join('')}`.trimEnd();
  const { ours, stock } = arms;
  const most = Math.max(ours.pauses, stock.pauses);
  return [
    `${''.padEnd(26)}${ARM_NAMES.map((name) => name.padEnd(34)).join('')}`.trimEnd(),
    line('pauses of 150 to 500 ms', ({ pauses, recordings }) => `${pauses} in ${recordings} recordings`),
    line('cut-ins', ({ cutIns, pauses, cutInRate }) => shareOf(cutIns, pauses, cutInRate)),
    ...LENGTHS_FROM_MS.map((fromMs, index) =>
      line(`  from ${fromMs} ms`, ({ byLength }) => `${byLength[index]?.cutIns} of ${byLength[index]?.pauses}`),
    ),
    line('decided too soon', ({ earlyDecisions, pauses }) => `${earlyDecisions} of ${pauses}`),
    line('cut-ins elsewhere', ({ cutInsElsewhere }) => `${cutInsElsewhere}`),
    line('unanswered', ({ unanswered, turns }) => `${unanswered} of ${turns}`),
    line('heard response P50', ({ heardMs }) => inMs(heardMs.p50)),
    line('heard response P95', ({ heardMs }) => inMs(heardMs.p95)),
    line('disturbed, not counted', ({ disturbed }) => `${disturbed}`),
    line('calls that failed', ({ failedCalls }) => `${failedCalls}`),
    `no more cut-ins than stock: ${isNoMore(ours, stock) ? 'kept' : 'NOT KEPT'}`,
    ...(most < FEW_PAUSES ? [`${most} pauses are too few to claim anything.`] : []),
  ];
}

/** Whether ours cut in at no greater share of its pauses; false where either arm has none. */
export function isNoMore(ours: Count, stock: Count): boolean {
  return ours.pauses > 0 && stock.pauses > 0 && ours.cutIns * stock.pauses <= stock.cutIns * ours.pauses;
}

function shareOf(count: number, of: number, { from, to }: { readonly from: number; readonly to: number }): string {
  const percent = (share: number): string => `${(share * 100).toFixed(1)} %`;
  return of === 0 ? '-' : `${count} (${percent(from)}..${percent(to)})`;
}

function inMs(figure: Summary['p50']): string {
  if (figure === undefined) return '-';
  return `${Math.round(figure.value)} ms (${Math.round(figure.from)}..${Math.round(figure.to)})`;
}
