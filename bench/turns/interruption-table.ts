/** The interruption part of the report as text. Pure. */

import type { InterruptionResult } from './interruption.js';
import type { ClassFigures, Times } from './interruption-figures.js';

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const ms = (value: number | null): string => (value === null ? '-' : `${Math.round(value)}`);
const times = ({ p50Ms, p95Ms }: Times): string => `${ms(p50Ms)}/${ms(p95Ms)}`;

/** @returns Lines, without their ends. */
export function interruptionTable(result: InterruptionResult): string[] {
  const { vadOnly, human, arms, classes, withoutHumanAudio, half } = result;
  const vad = ({ voiceMs, recall, falseStopRate }: InterruptionResult['vadOnly']['stock']): string =>
    `voice for ${voiceMs} ms: recall ${percent(recall)}, false stops ${percent(falseStopRate)}`;
  return [
    `Interruptions (${half}): recall ${percent(result.recall)}, false stops ${percent(result.falseStopRate)}`,
    `  VAD only, at that recall: ${vad(vadOnly.equalRecall)}`,
    `  VAD only, stock:          ${vad(vadOnly.stock)}`,
    `  people alone: recall ${percent(human.recall.rate)} (${interval(human.recall)}), false stops ` +
      `${percent(human.falseStopRate)}, VAD only ${percent(human.falseStopRateVadOnly)}`,
    `  classes without human audio: ${withoutHumanAudio.join(', ') || 'none'}`,
    '  by recogniser (times: ms since the first audible sample of an interruption, P50/P95):',
    ...Object.entries(arms).map(
      ([name, arm]) =>
        `    ${name.padEnd(16)} recall ${percent(arm.recall)}, false stops ${percent(arm.falseStopRate)}, hushed of ` +
        `what is harmless ${percent(arm.hushRateOfHarmless)}, hush ${times(arm.hushTimes)}, verdict ${times(arm.verdictTimes)}`,
    ),
    '  by class:',
    ...classes.map(classLine),
  ];
}

function classLine(row: ClassFigures): string {
  const { stopped, verdicts, vadOnlyStopped } = row;
  const judged = Object.entries(verdicts)
    .sort(([, a], [, b]) => b - a)
    .map(([verdict, count]) => `${verdict} ${count}`)
    .join(', ');
  return (
    `    ${`${row.class}, ${row.source}, ${row.kind}`.padEnd(38)} stopped ${percent(stopped.rate)} (${interval(stopped)}; ` +
    `${stopped.scenes} scenes of ${stopped.recordings} recordings); VAD ${percent(vadOnlyStopped.equalRecall)}, stock ` +
    `${percent(vadOnlyStopped.stock)}; hushed ${percent(row.hushRate)} at ${times(row.hushTimes)}, judged at ` +
    `${times(row.verdictTimes)}; ${judged}`
  );
}

function interval({ wilson95: [low, high] }: { readonly wilson95: readonly [number, number] }): string {
  return `${percent(low)} to ${percent(high)}`;
}
