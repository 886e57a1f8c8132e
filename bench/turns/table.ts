/** The figures of a run for people. Pure. */
import type { WaitsAt } from './curve.js';
import { RATE_NAMES, type Ratio } from './ratios.js';
import type { ArmReport, OperatingPoint, SetReport, TurnsReport } from './report.js';

/** One line a figure; sets follow each other. */
export function turnsTable({ sets }: TurnsReport): string[] {
  return Object.entries(sets).flatMap(([name, set]) => [...setLines(name, set), '']);
}

function setLines(name: string, set: SetReport): string[] {
  const { recordings, speakers, pauses, turns, disputed, isEnough } = set;
  const lines = [
    `${name}: ${recordings} recordings (${speakers} speakers or recordings apart), ${pauses} pauses, ${turns} complete turns`,
  ];
  if (!isEnough) lines.push('  Too few pauses or turns for a claim.');
  if (disputed.length > 0)
    lines.push(
      `  ${disputed.length} are left out, since their pauses and ends cannot be told by level: ${disputed.join(', ')}`,
    );
  if (pauses === 0 || turns === 0) return lines;
  lines.push(`  wait in ms at     ${columns('5 % cut-ins', '10 % cut-ins', 'decision alone at 5 %')}`);
  for (const [arm, report] of Object.entries(set.arms)) {
    const alone: ArmReport | undefined = set.decisionAlone[arm];
    lines.push(`  ${arm.padEnd(34)}${columns(waits(report.at5), waits(report.at10), alone ? waits(alone.at5) : '-')}`);
  }
  lines.push('  at the setting that cuts in at most 5 % of the time in human-natural:');
  for (const [arm, { at5 }] of Object.entries(set.operating))
    lines.push(`  ${arm.padEnd(34)}${operating(at5, pauses)}`);
  for (const ratio of set.ratios) lines.push(`  ${ratioLine(ratio)}`);
  return lines;
}

function columns(...texts: readonly string[]): string {
  return texts.map((text) => text.padEnd(28)).join('');
}

function waits({ meanWaitMs, p50WaitMs, p95WaitMs }: WaitsAt): string {
  if (meanWaitMs === null) return 'never so few';
  const ms = (value: number | null): string => (value === null ? '-' : String(Math.round(value)));
  return `${ms(meanWaitMs)} mean ${ms(p50WaitMs)} P50 ${ms(p95WaitMs)} P95`;
}

function operating(point: OperatingPoint | null, pauses: number): string {
  if (point === null) return 'never so few';
  const [low, high] = point.cutInInterval.map((share) => `${(share * 100).toFixed(1)}`);
  const rate = `${point.cutIns} of ${pauses} pauses cut into (${low} to ${high} %)`;
  return `${rate}, ${point.cutInsInSpeech} in speech, mean ${Math.round(point.meanWaitMs)}, P95 ${Math.round(point.p95WaitMs)} ms`;
}

export function ratioLine({ arm, against, at, measure, ratio, interval }: Ratio): string {
  const rate = at === RATE_NAMES[0] ? '5 %' : '10 %';
  const what = measure === 'p95WaitMs' ? 'P95 wait' : 'mean wait';
  const value = ratio === null ? 'has none: one of them never cuts in so rarely' : ratio.toFixed(2);
  const range = interval === null ? 'no interval' : `${interval[0].toFixed(2)} to ${interval[1].toFixed(2)}`;
  return `${arm} / ${against}, ${what} at ${rate}: ${value} (${range})`;
}
