/**
 * When a sample was spoken, told from how many came before it. Audio instants come from sample counts, anchored to the
 * lowest delay that any frame arrived with lately, so that a stalled event loop shows as lag and not as a later (or faster)
 * caller.
 */
export interface AudioClock {
  /** Instant of sample 0, in ms; `undefined` before the first frame. */
  readonly originAtMs: number | undefined;
  /** Arrivals that may yet be the lowest, oldest first; ascending in both fields. */
  readonly arrivals: readonly Arrival[];
  /** When frames came again after none had for long, while it is not known yet whether they make up for that. */
  readonly resumedAtMs?: number | undefined;
}

interface Arrival {
  readonly atMs: number;
  /** Arrival less the length of all sound before it. */
  readonly originAtMs: number;
}

export const UNANCHORED: AudioClock = Object.freeze({ originAtMs: undefined, arrivals: [] });

/**
 * How long an arrival counts for the anchor, in ms: long against any stall, short against the drift of two clocks, and against
 * a call in which samples were lost for good, which makes all later sound come earlier than its count.
 */
const ANCHOR_WINDOW_MS = 10_000;
/** Lag that no jitter or stall explains, in ms: the stream itself paused (a muted track), and time went on without samples. */
const GAP_MS = 2_000;
/** Without a frame for so long the stream may have paused, in ms: what was dealt with meanwhile must not be dated behind it. */
const SILENT_MS = 500;
/** What was only held up comes in a burst, within this time, in ms; lag that is left by then is time without samples. */
const CATCH_UP_MS = 300;

/**
 * Takes one frame's arrival in.
 * @param arrivedAtMs - When the frame came.
 * @param endMs - Audio received up to the frame's end, in ms of samples.
 */
export function anchor(clock: AudioClock, arrivedAtMs: number, endMs: number): AudioClock {
  const originAtMs = arrivedAtMs - endMs;
  const lagMs = originAtMs - (clock.originAtMs ?? originAtMs);
  const silentMs = arrivedAtMs - (clock.arrivals.at(-1)?.atMs ?? arrivedAtMs);
  const resumedAtMs = silentMs > SILENT_MS ? arrivedAtMs : clock.resumedAtMs;
  const isKnown = resumedAtMs !== undefined && arrivedAtMs - resumedAtMs >= CATCH_UP_MS;
  const isGap = lagMs > GAP_MS || (isKnown && lagMs > CATCH_UP_MS);
  const earlier = isGap
    ? []
    : clock.arrivals.filter((one) => one.originAtMs < originAtMs && one.atMs > arrivedAtMs - ANCHOR_WINDOW_MS);
  const arrivals = [...earlier, { atMs: arrivedAtMs, originAtMs }];
  return { originAtMs: arrivals[0]?.originAtMs, arrivals, resumedAtMs: isKnown ? undefined : resumedAtMs };
}

/** The instant of a position in the stream. @throws RangeError before the first frame. */
export function instantOf(clock: AudioClock, positionMs: number): number {
  if (clock.originAtMs === undefined) throw new RangeError('No frame has arrived yet: anchor the audio clock first.');
  return clock.originAtMs + positionMs;
}
