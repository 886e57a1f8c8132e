/** Where the time of a turn went, as lines of text. Pure. */
import { STAGE_NAMES, type TurnStages } from '../../wire/turn.js';

const BAR_COLUMNS = 40;

export interface WaterfallOptions {
  readonly stages: TurnStages;
  /** End of speech to first sound, by the worker's clock. */
  readonly responseMs?: number | undefined;
  /** The same in the listener's ear. */
  readonly heardResponseMs?: number | undefined;
}

/**
 * One line a stage that cost time, each bar beginning where the one before ended; at the end what lies between the worker and the ear.
 * @returns Lines without line breaks.
 */
export function waterfall({ stages, responseMs, heardResponseMs }: WaterfallOptions): string[] {
  // What cost nothing is no line of its own.
  const rows = STAGE_NAMES.map(([key, name]) => ({ name, durationMs: stages[key] })).filter(
    ({ durationMs }) => durationMs > 0,
  );
  const explainedMs = responseMs ?? rows.reduce((sum, { durationMs }) => sum + durationMs, 0);
  if (heardResponseMs !== undefined && heardResponseMs > explainedMs) {
    rows.push({ name: 'way to the ear', durationMs: heardResponseMs - explainedMs });
  }
  const totalMs = rows.reduce((sum, { durationMs }) => sum + durationMs, 0);
  const columnsOf = (ms: number): number => (totalMs === 0 ? 0 : Math.round((ms / totalMs) * BAR_COLUMNS));
  let beforeMs = 0;
  return rows.map(({ name, durationMs }) => {
    const from = columnsOf(beforeMs);
    beforeMs += durationMs;
    const bar = `${' '.repeat(from)}${'█'.repeat(columnsOf(beforeMs) - from)}`.padEnd(BAR_COLUMNS);
    return `${name.padEnd(14)} ${bar} ${String(Math.round(durationMs)).padStart(5)} ms`;
  });
}
