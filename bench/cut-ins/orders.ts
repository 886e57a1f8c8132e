/** Recorded orders in which the speaker paused by nature, ready to be spoken into calls. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Stretch } from '../audio/levels.js';
import { CallError } from '../caller/errors.js';
import { lengthMs, prepareRecording, type SpokenRecording } from '../spoken-recording.js';
import { shuffled } from '../statistics.js';
import type { Recording } from '../turns/recording.js';
import { defaultFolders, loadRecordings } from '../turns/recordings.js';

/** Pauses that count, in ms: below are the closures of plosives, above a person may well be taken to have finished. */
export const PAUSE_MS = { least: 150, most: 500 } as const;

export type PausedOrder = SpokenRecording;

/**
 * @param folders - Data folders; undefined: those of the project that hold recorded orders.
 * @returns `limit` orders in an order that the seed decides. Where there are fewer, they come again, in another order.
 * @throws CallError `BAD_INPUT` when no order has a pause.
 */
export async function readPausedOrders(
  folders: readonly string[] = defaultFolders().filter((folder) => existsSync(join(folder, 'orders.json'))),
  { limit, seed }: { readonly limit: number; readonly seed: number },
): Promise<PausedOrder[]> {
  const orders = withoutCopies((await loadRecordings({ folders })).filter(isPausedOrder));
  if (orders.length === 0) {
    const where = folders.join(', ');
    const range = `${PAUSE_MS.least} to ${PAUSE_MS.most} ms`;
    throw new CallError('BAD_INPUT', `No complete order in ${where} has words and an inner pause of ${range}.`);
  }
  const rounds = Math.ceil(limit / orders.length);
  const all = Array.from({ length: rounds }, (_, round) => shuffled(orders, seed + round)).flat();
  return all.slice(0, limit).map((order) => prepareRecording(order, counts));
}

/**
 * Whether this is a person's whole order with at least one such pause and none above: after a longer one an answer would be
 * no cut-in by this measure, and yet spoil what comes next.
 */
export function isPausedOrder({ file, isHuman, isComplete, words, pauses }: Recording): boolean {
  const isOrder = file.startsWith('orders/') && isHuman && isComplete === true && words !== undefined;
  return isOrder && pauses.some(counts) && pauses.every((pause) => lengthMs(pause) <= PAUSE_MS.most);
}

/** Of recordings that differ in their noise alone the first: one pause heard twice says no more than heard once. */
export function withoutCopies(recordings: readonly Recording[]): Recording[] {
  const byForm = new Map<string, Recording>();
  for (const recording of recordings.toReversed()) {
    const { samples, words, speech, pauses } = recording;
    byForm.set(JSON.stringify([samples.length, words, speech, pauses]), recording);
  }
  return recordings.filter((recording) => [...byForm.values()].includes(recording));
}

function counts(pause: Stretch): boolean {
  return lengthMs(pause) >= PAUSE_MS.least && lengthMs(pause) <= PAUSE_MS.most;
}
