/**
 * What of a conversation the language model is told. The prompt only grows, turn after turn, so that the provider's cache of its
 * beginning holds; when it has become too long, it is cut once by a large step instead of a little every turn.
 */

/** What a conversation's item needs to show; the framework's items do. */
export interface WindowItem {
  readonly id: string;
  /** `message`, `function_call`, `function_call_output` and what else there may be. */
  readonly type: string;
  readonly role?: string;
  /** Of a tool's call and of its result. */
  readonly callId?: string;
}

export interface WindowSettings<Item> {
  /**
   * Items above which the window is cut, and about how many are kept then: a few more, where that lets it begin with the caller's
   * words. Leading system messages do not count.
   */
  readonly mostItems: number;
  readonly leastItems: number;
  /** The same in characters of text. */
  readonly mostCharacters: number;
  readonly leastCharacters: number;
  readonly charactersOf: (item: Item) => number;
  /**
   * Whether what is cut is summarised first: then the window goes on growing until the summary is there, up to twice its bounds.
   */
  readonly summarises: boolean;
}

/** What was said up to an item, in short. */
export interface Summary<Item> {
  readonly item: Item;
  /** Id of the last item that it covers. */
  readonly untilId: string;
}

/**
 * The items that the model is told, in order: leading system messages, the summary if there is one, and the last items. A tool's
 * call and its result are both in it or both not, it never begins with a result, and the caller's last words are in it: one turn
 * that is longer than the bounds is told all the same.
 * @param items - The whole conversation, oldest first.
 */
export function windowOf<Item extends WindowItem>(
  items: readonly Item[],
  settings: WindowSettings<Item>,
  summary?: Summary<Item>,
): Item[] {
  const { pinned, talk } = parted(items);
  const covered = coveredBy(talk, summary);
  const start = settings.summarises ? startWithSummary(talk, settings, covered) : startOf(talk, settings);
  const told = talk.slice(safeFrom(talk, Math.max(start, covered)));
  return [...pinned, ...(summary === undefined ? [] : [summary.item]), ...told];
}

/**
 * The items that wait to be summarised, oldest first: those that the next step of the window leaves out and no summary covers yet.
 * Empty when there are none. A new summary is to take in what the last one says.
 */
export function needsSummary<Item extends WindowItem>(
  items: readonly Item[],
  settings: WindowSettings<Item>,
  summary?: Summary<Item>,
): readonly Item[] {
  if (!settings.summarises) return [];
  const { talk } = parted(items);
  return talk.slice(coveredBy(talk, summary), startOf(talk, settings));
}

/** System messages that everything begins with, and the rest. */
function parted<Item extends WindowItem>(items: readonly Item[]): { pinned: readonly Item[]; talk: readonly Item[] } {
  const first = items.findIndex(({ type, role }) => type !== 'message' || (role !== 'system' && role !== 'developer'));
  const count = first === -1 ? items.length : first;
  return { pinned: items.slice(0, count), talk: items.slice(count) };
}

function coveredBy<Item extends WindowItem>(talk: readonly Item[], summary: Summary<Item> | undefined): number {
  return talk.findIndex(({ id }) => id === summary?.untilId) + 1;
}

/** Until it is summarised, what is left out is still told, unless it has become twice too long. */
function startWithSummary<Item extends WindowItem>(
  talk: readonly Item[],
  settings: WindowSettings<Item>,
  covered: number,
): number {
  const characters = talk.slice(covered).reduce((sum, item) => sum + settings.charactersOf(item), 0);
  const isTooLong = talk.length - covered > settings.mostItems * 2 || characters > settings.mostCharacters * 2;
  return isTooLong ? startOf(talk, settings) : covered;
}

/**
 * Where the window begins after all the steps that the conversation has made it take: it is gone through from its beginning, so
 * that the same conversation always has the same window and nothing needs to be kept between turns.
 */
function startOf<Item extends WindowItem>(talk: readonly Item[], settings: WindowSettings<Item>): number {
  const { mostItems, mostCharacters, charactersOf } = settings;
  const lengths = talk.map(charactersOf);
  const safe = safeStarts(talk);
  let start = 0;
  let characters = 0;
  for (let end = 1; end <= talk.length; end += 1) {
    characters += lengths[end - 1] ?? 0;
    if (end - start <= mostItems && characters <= mostCharacters) continue;
    const next = stepFrom(start, end, talk, lengths, safe, settings);
    for (; start < next; start += 1) characters -= lengths[start] ?? 0;
  }
  return start;
}

/** Where the window goes on when it has become too long at an end: with the caller's words, if any are in reach. */
function stepFrom<Item extends WindowItem>(
  start: number,
  end: number,
  talk: readonly Item[],
  lengths: readonly number[],
  safe: readonly boolean[],
  { mostItems, mostCharacters, leastItems, leastCharacters }: WindowSettings<Item>,
): number {
  // What is being answered always stays, whatever its tools have said.
  const lastUserAt = talk.slice(0, end).findLastIndex(({ role }) => role === 'user');
  const latest = lastUserAt === -1 ? end - 1 : lastUserAt;
  let wanted = end;
  let kept = 0;
  let earliest = end;
  let characters = 0;
  for (let at = end - 1; at > start; at -= 1) {
    characters += lengths[at] ?? 0;
    if (end - at <= mostItems && characters <= mostCharacters) earliest = at;
    if (end - at <= Math.max(1, leastItems) && (characters <= leastCharacters || kept === 0)) {
      wanted = at;
      kept += 1;
    }
  }
  const isUser = (at: number): boolean => safe[at] === true && talk[at]?.role === 'user';
  wanted = Math.min(wanted, latest);
  for (let at = wanted; at >= Math.min(earliest, latest) && at > start; at -= 1) if (isUser(at)) return at;
  for (let at = wanted; at <= latest; at += 1) if (isUser(at)) return at;
  for (let at = wanted; at <= latest; at += 1) if (safe[at] === true) return at;
  for (let at = wanted; at > start; at -= 1) if (safe[at] === true) return at;
  return start;
}

/** The nearest place at or before one where a window may begin; behind a result at the very beginning, whose call is not there. */
function safeFrom<Item extends WindowItem>(talk: readonly Item[], from: number): number {
  const safe = safeStarts(talk);
  let at = from;
  while (at > 0 && at < talk.length && safe[at] !== true) at -= 1;
  while (talk[at]?.type === 'function_call_output') at += 1;
  return at;
}

/** For each item, whether a window may begin with it: it is no result, and no call stands before it whose result does not. */
function safeStarts<Item extends WindowItem>(talk: readonly Item[]): boolean[] {
  const lastOf = new Map<string, number>();
  for (const [at, { callId }] of talk.entries()) if (callId !== undefined) lastOf.set(callId, at);
  let openUntil = -1;
  return talk.map(({ type, callId }, at) => {
    const isSafe = at > openUntil && type !== 'function_call_output';
    if (callId !== undefined) openUntil = Math.max(openUntil, lastOf.get(callId) ?? at);
    return isSafe;
  });
}
