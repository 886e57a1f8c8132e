/** Whether the worker's counts are those of its callers: to the turn, soon, and in spite of a call that is killed. */
import { systemClock } from '../clock.js';
import { percentile } from '../statistics.js';
import type { AccountedTurn } from './call.js';
import { type CheckedCount, checkCounts, expectedCounts, type Happened, nameOf } from './expected-counts.js';
import { bucketIndex, bucketQuantile, bucketsBetween, bucketsOf, type Exposition } from './exposition.js';
import { exactly, largestOf, type Verdict, verdictOf } from './figure.js';
import { killOne } from './killed-call.js';
import { holdCalls, type PartOptions, type PartReport, readOrders } from './part.js';
import { visibleAfterMs } from './visibility.js';
import { watchScrapes } from './watch-scrapes.js';

const CALLS = { whole: 4, quick: 2 } as const;
const TURNS_A_CALL = { whole: 10, quick: 2 } as const;
/** The aim, in ms. */
const VISIBLE_MS = 2_000;
/** Longest wait for the last figures after a call's end, in ms. */
const SETTLED_MS = 5_000;
/** Longer than anything that a call has told is on its way, in ms. */
const SETTLED_AGAIN_MS = 1_500;
/** Of turns that are typed there is no end of speech, and so no response. */
const TYPED = 'And what is in a flat white?';
const HEARD = 'turnwise_heard_response_seconds';
const PLAN = { profile: 'good', without: [] } as const;

export async function runCounts(options: PartOptions): Promise<PartReport> {
  const { system, quick, seed, signal, tell } = options;
  const size = quick ? 'quick' : 'whole';
  const recordings = await readOrders(options, TURNS_A_CALL[size]);
  const watch = watchScrapes(system, signal);
  try {
    const before = await system.scrape(signal);
    const held = await holdCalls(options, {
      ...{ plan: PLAN, recordings, callers: CALLS[size], witness: false, number: seed * 1_000, typed: TYPED },
    });
    const turns = held?.turns ?? [];
    const expected = expectedCounts(happened(CALLS[size], turns));
    const isSettled = (scrape: Exposition): boolean =>
      checkCounts(expected, before, scrape).every(({ counted, expected: count }) => counted === count);
    await watch.until(isSettled, SETTLED_MS);
    // What was counted twice would be so by now.
    await systemClock.sleep(SETTLED_AGAIN_MS, signal);
    const after = await system.scrape(signal);
    const checked = checkCounts(expected, before, after);
    tell(`${turns.length} turns of ${CALLS[size]} calls counted`);
    const killed = await killOne(options, watch);
    return {
      verdicts: [
        exactly('series that count what callers know', checked.filter(isRight).length, checked.length),
        ...heardQuantile(before, after, turns),
        visibility(turns, watch.scrapes),
        ...killed.verdicts,
        exactly('series that went back', watch.wentBack.size, 0),
      ],
      remarks: [
        `${CALLS[size]} calls at once, ${turns.length} turns, ${turns.filter(({ heardMs }) => heardMs !== undefined).length} of them heard answered`,
        ...checked
          .filter((one) => !isRight(one))
          .map((one) => `${nameOf(one)}: ${one.counted} instead of ${one.expected}`),
        ...(held?.problems ?? []),
        ...killed.remarks,
        ...[...watch.wentBack].map((series) => `went back: ${series}`),
      ],
      data: { counts: checked, turns, scrapes: watch.scrapes.length, killed: killed.data },
    };
  } finally {
    await watch.stop();
  }
}

/** What callers know: they were answered, and reported what they heard. */
export function happened(calls: number, turns: readonly AccountedTurn[]): Happened {
  const answered = turns.filter(({ heardMs }) => heardMs !== undefined);
  const spoken = answered.filter(({ kind }) => kind === 'spoken');
  const reports = turns.flatMap(({ report }) => report ?? []);
  return {
    calls,
    spoken: spoken.length,
    typed: answered.length - spoken.length,
    speculated: spoken.filter(({ document }) => document?.hidden !== undefined).length,
    reports: {
      heardResponseMs: reports.length,
      roundTripMs: reports.filter(({ roundTripMs }) => roundTripMs !== undefined).length,
      jitterBufferMs: reports.filter(({ jitterBufferMs }) => jitterBufferMs !== undefined).length,
      wholeWay: reports.filter(
        ({ roundTripMs, jitterBufferMs }) => roundTripMs !== undefined && jitterBufferMs !== undefined,
      ).length,
    },
  };
}

function isRight({ counted, expected }: CheckedCount): boolean {
  return counted === expected;
}

/** How many buckets the quantile of the histogram is from that of what the callers heard. */
function heardQuantile(before: Exposition, after: Exposition, turns: readonly AccountedTurn[]): Verdict[] {
  const buckets = bucketsBetween(bucketsOf(before, HEARD), bucketsOf(after, HEARD));
  const heard = turns.flatMap(({ report }) => report?.heardResponseMs ?? []);
  const told = bucketQuantile(buckets, 0.95);
  const exact = percentile(heard, 0.95);
  if (told === undefined || exact === undefined) return [];
  const apart = Math.abs(bucketIndex(buckets, told) - bucketIndex(buckets, exact / 1_000));
  const figure = { n: heard.length, calls: 0, value: apart, ci: null };
  return [
    verdictOf("buckets between the histogram's P95 of heard responses and the callers'", figure, { to: 1, unit: '' }),
  ];
}

function visibility(turns: readonly AccountedTurn[], scrapes: Parameters<typeof visibleAfterMs>[1]): Verdict {
  const sounds = turns.flatMap(({ firstSoundAtMs }) => firstSoundAtMs ?? []);
  const lags = visibleAfterMs(sounds, scrapes, scrapes[0]?.count ?? 0);
  const samples = lags.map((lagMs) => ({ call: '', ms: lagMs ?? Number.POSITIVE_INFINITY }));
  return verdictOf('from the first sound of a turn to a scrape with it, longest', largestOf(samples), {
    to: VISIBLE_MS,
  });
}
