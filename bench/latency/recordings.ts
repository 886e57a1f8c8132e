/** What callers say: people's orders, and read sentences, whose ends are harder to tell. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Stretch } from '../audio/levels.js';
import { CallError } from '../caller/errors.js';
import { withoutCopies } from '../cut-ins/orders.js';
import { lengthMs, prepareRecording, type SpokenRecording } from '../spoken-recording.js';
import { shuffled } from '../statistics.js';
import type { Recording } from '../turns/recording.js';
import { defaultFolders, loadRecordings } from '../turns/recordings.js';

export const RECORDING_SETS = ['orders', 'sentences', 'all'] as const;
export type RecordingSet = (typeof RECORDING_SETS)[number];

/**
 * Pauses in which an answer is a cut-in, in ms, as in the suite `cut-ins`. After a longer one an answer would be none by this
 * measure, and yet spoil what comes next: such recordings are left out.
 */
export const PAUSE_MS = { least: 150, most: 500 } as const;

/** LibriVox's reader, in Debian's `pocketsphinx-testdata`. */
const SENTENCES = /(^|\/)(read_)?austen_\w+\.\w+$/;

export interface Said extends SpokenRecording {
  readonly set: Exclude<RecordingSet, 'all'>;
}

/**
 * @param folders - Data folders; undefined: those of the project.
 * @returns `turns` recordings in an order that the seed decides; where there are fewer, they come again in another order.
 *   Half of each set have pauses that count, where there are such; of `all`, half are orders.
 * @throws CallError `BAD_INPUT` when the folders hold none.
 */
export async function readRecordings(
  folders: readonly string[] | undefined,
  { set, turns, seed }: { readonly set: RecordingSet; readonly turns: number; readonly seed: number },
): Promise<Said[]> {
  const all = withoutCopies((await loadRecordings({ folders: folders ?? foldersOf(set) })).filter(isUsable));
  const named = all.flatMap((recording) => {
    const name = setOf(recording);
    return name !== undefined && (set === 'all' || set === name) ? [{ recording, name }] : [];
  });
  if (named.length === 0) {
    const where = (folders ?? foldersOf(set)).join(', ');
    throw new CallError('BAD_INPUT', `No complete, transcribed recording for --set ${set} is in ${where}.`);
  }
  const kindOf = ({ recording, name }: (typeof named)[number]): string =>
    `${name} ${recording.pauses.some(counts) ? 'with' : 'without'} pauses`;
  const chosen = choose(named, kindOf, { turns, seed });
  const prepared = new Map<Recording, Said>();
  return chosen.map(({ recording, name }) => {
    const said = prepared.get(recording) ?? { ...prepareRecording(recording, counts), set: name };
    prepared.set(recording, said);
    return said;
  });
}

/**
 * Takes turns between the kinds, each in an order of its own that changes when they come again. Pure.
 * @returns So many of them; none of none.
 */
export function choose<T>(
  items: readonly T[],
  kindOf: (item: T) => string,
  { turns, seed }: { readonly turns: number; readonly seed: number },
): T[] {
  const kinds = [...new Set(items.map(kindOf))].sort();
  const lists = kinds.map((kind) => {
    const those = items.filter((item) => kindOf(item) === kind);
    const rounds = Math.ceil(turns / those.length);
    return Array.from({ length: rounds }, (_, round) => shuffled(those, seed + round)).flat();
  });
  return Array.from({ length: lists.length === 0 ? 0 : turns }, (_, turn) => {
    return lists[turn % lists.length]?.[Math.floor(turn / lists.length)] as T;
  });
}

function isUsable({ isHuman, isComplete, words, pauses }: Recording): boolean {
  if (!isHuman || isComplete !== true || words === undefined || words.length === 0) return false;
  return pauses.every((pause) => lengthMs(pause) <= PAUSE_MS.most);
}

function setOf({ file }: Recording): Said['set'] | undefined {
  if (SENTENCES.test(file)) return 'sentences';
  return file.startsWith('orders/') ? 'orders' : undefined;
}

function counts(pause: Stretch): boolean {
  return lengthMs(pause) >= PAUSE_MS.least && lengthMs(pause) <= PAUSE_MS.most;
}

/** The folders with orders hold no sentences with times of their words, and the other one is the slower to read. */
function foldersOf(set: RecordingSet): string[] {
  const withOrders = (folder: string): boolean => existsSync(join(folder, 'orders.json'));
  const all = defaultFolders();
  if (set === 'all') return all;
  return all.filter((folder) => withOrders(folder) === (set === 'orders'));
}
