/** One of several calls is killed in the middle of a turn: everything else is counted, and nothing that was counted is lost. */
import type { TurnDocument } from '../../wire/turn.js';
import { systemClock } from '../clock.js';
import { AccountedCall, type AccountedTurn, isTimely } from './call.js';
import { callProcesses } from './call-process.js';
import { checkCounts, documentedCounts } from './expected-counts.js';
import { type Exposition, sumOf } from './exposition.js';
import { exactly } from './figure.js';
import { type PartOptions, type PartReport, readOrders, scriptCalls } from './part.js';
import type { AccountedSystem } from './system.js';
import type { ScrapeWatch } from './watch-scrapes.js';

const CALLS = { whole: 4, quick: 2 } as const;
/** Turns that each caller has had before the kill. */
const TURNS_BEFORE = 1;
/** A turn is counted at the latest so long after its first sound, in ms; the one before the kill must be. */
const COUNTED_AFTER_MS = 2_000;
/** Into the words of the turn in which the call is killed, in ms. */
const INTO_TURN_MS = 600;
/** Callers at once begin to speak so far apart, in ms. */
const APART_MS = 700;
/** Longest wait for figures that are on their way, in ms. */
const SETTLED_MS = 10_000;
/** Longest wait for the processes of earlier calls to end, in ms, and how often they are looked at. */
const ALONE_MS = 10_000;
const ALONE_EVERY_MS = 200;
const PLAN = { profile: 'good', without: [] } as const;
/** Above the numbers of all other calls. */
const NUMBER = 900_000;

const COUNTED = ['turnwise_response_seconds_count', 'turnwise_heard_response_seconds_count'] as const;
const ANSWERED = { outcome: 'answered' };
const CRASHED = { outcome: 'crashed' };

export interface KilledCall {
  /** Whether all callers were in time and answered as they should be, so that what they know is what happened. */
  readonly isOrdinary: boolean;
  /** What the agents told of their turns: the killed one before its end, the others all the time. */
  readonly documents: readonly TurnDocument[];
  /** Scrapes before the first and after the last of the calls. */
  readonly before: Exposition;
  readonly after: Exposition;
}

export async function killOne(options: PartOptions, watch: ScrapeWatch): Promise<PartReport & KilledCall> {
  const { system, quick, seed, signal, tell } = options;
  const count = CALLS[quick ? 'quick' : 'whole'];
  const recordings = await readOrders(options, TURNS_BEFORE + 1);
  const [first, second] = recordings;
  if (first === undefined || second === undefined) throw new Error('There are too few orders to kill a call in.');
  await scriptCalls(system, { recordings, number: NUMBER + seed }, signal);
  const calls = Array.from({ length: count }, (_, index) => {
    return new AccountedCall({ system, plan: PLAN, name: `killed-${index}`, witness: false, signal });
  });
  const [victim, ...others] = calls;
  if (victim === undefined) throw new RangeError('There is no call to kill.');
  const before = await system.scrape(signal);
  try {
    // Alone it is known by its process: the one that is connected to the SFU.
    await victim.open();
    const pid = await onlyCallProcess(system, signal);
    await Promise.all(others.map((call) => call.open()));
    await Promise.all(calls.map((call, index) => sayLater(call, first, index, signal)));
    await systemClock.sleep(COUNTED_AFTER_MS, signal);
    const known = victim.documents;
    const ofAll = calls.flatMap(({ documents }) => documents);
    const told = (await watch.until((scrape) => isDocumented(ofAll, before, scrape), SETTLED_MS)) ?? before;
    const lost = victim.say(second).catch(() => undefined);
    const kept = Promise.all(others.map((call, index) => sayLater(call, second, index + 1, signal)));
    // Awaited below; until then nobody hears of its failure.
    kept.catch(() => undefined);
    await systemClock.sleep(second.speech.startMs + INTO_TURN_MS, signal);
    process.kill(pid, 'SIGKILL');
    tell(`killed the process of one of ${count} calls`);
    await victim.close();
    await Promise.all([lost, kept]);
    await Promise.all(others.map((call) => call.close()));
    const turns = [...victim.turns.slice(0, TURNS_BEFORE), ...others.flatMap(({ turns: said }) => said)];
    const heard = turns.filter(({ heardMs }) => heardMs !== undefined).length;
    const grown = (series: string, labels = {}): number => {
      const [was, is] = [before, last].map((scrape) => sumOf(scrape, series, labels));
      return (is ?? 0) - (was ?? 0);
    };
    let last = told;
    const isAll = (): boolean =>
      COUNTED.every((name) => grown(name) >= heard) &&
      grown('turnwise_turns_total', ANSWERED) >= heard &&
      grown('turnwise_calls_total', CRASHED) >= 1;
    await watch.until((scrape) => {
      last = scrape;
      return isAll();
    }, SETTLED_MS);
    const documents = [...known, ...others.flatMap((call) => call.documents)];
    last = (await watch.until((scrape) => isDocumented(documents, before, scrape), SETTLED_MS)) ?? last;
    const reported = turns.filter(({ report }) => report !== undefined).length;
    return {
      verdicts: [
        exactly(`1 of ${count} calls killed: turnwise_response_seconds_count`, grown(COUNTED[0]), heard),
        exactly(`1 of ${count} calls killed: turnwise_heard_response_seconds_count`, grown(COUNTED[1]), reported),
        exactly(
          `1 of ${count} calls killed: turnwise_turns_total, answered`,
          grown('turnwise_turns_total', ANSWERED),
          heard,
        ),
        exactly(`1 of ${count} calls killed: turnwise_calls_total, crashed`, grown('turnwise_calls_total', CRASHED), 1),
      ],
      remarks: missing(turns),
      data: { calls: count, heard, reported, turns },
      isOrdinary: turns.every((turn) => isTimely(turn) && !turn.cutIn && turn.heardMs !== undefined),
      ...{ documents, before, after: last },
    };
  } finally {
    await Promise.all(calls.map((call) => call.close()));
  }
}

/** Whether a scrape counts everything that the agents told, and maybe more. */
function isDocumented(documents: readonly TurnDocument[], before: Exposition, scrape: Exposition): boolean {
  return checkCounts(documentedCounts(documents), before, scrape).every(({ counted, expected }) => counted >= expected);
}

async function sayLater(
  call: AccountedCall,
  recording: Parameters<AccountedCall['say']>[0],
  index: number,
  signal: AbortSignal,
): Promise<void> {
  await systemClock.sleep(index * APART_MS, signal);
  await call.say(recording);
}

function missing(turns: readonly AccountedTurn[]): string[] {
  return turns
    .filter(({ heardMs }) => heardMs === undefined)
    .map(({ call, index, cutIn }) => `turn ${index} of ${call}: ${cutIn ? 'the agent cut in' : 'no answer'}`);
}

/** The process of the only call there is; those of calls before it may still be ending. */
async function onlyCallProcess({ stack, sfu }: AccountedSystem, signal: AbortSignal): Promise<number> {
  const untilMs = systemClock.nowMs() + ALONE_MS;
  for (;;) {
    const holding = callProcesses(stack.process.pid ?? 0, Number(new URL(sfu.url).port));
    const [pid] = holding;
    if (pid !== undefined && holding.length === 1) return pid;
    if (systemClock.nowMs() > untilMs) throw new Error(`${holding.length} processes hold a call instead of one.`);
    await systemClock.sleep(ALONE_EVERY_MS, signal);
  }
}
