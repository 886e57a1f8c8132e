/**
 * When a sample was spoken, told from how many came before it. Audio instants come from sample counts, anchored to the
 * lowest delay any frame arrived with, so that a stalled event loop shows as lag and not as a later (or faster) caller.
 */
export interface AudioClock {
  /** Instant of sample 0, in ms; `undefined` before the first frame. */
  readonly originAtMs: number | undefined;
}

export const UNANCHORED: AudioClock = Object.freeze({ originAtMs: undefined });

/** Lag that no jitter or stall explains, in ms: the stream itself paused (a muted track), and time went on without samples. */
const GAP_MS = 2_000;

/**
 * Takes one frame's arrival in.
 * @param arrivedAtMs - When the frame came.
 * @param endMs - Audio received up to the frame's end, in ms of samples.
 */
export function anchor(clock: AudioClock, arrivedAtMs: number, endMs: number): AudioClock {
  const originAtMs = arrivedAtMs - endMs;
  const isEarlier = clock.originAtMs === undefined || originAtMs < clock.originAtMs;
  const isGap = clock.originAtMs !== undefined && originAtMs - clock.originAtMs > GAP_MS;
  return isEarlier || isGap ? { originAtMs } : clock;
}

/** The instant of a position in the stream. @throws RangeError before the first frame. */
export function instantOf(clock: AudioClock, positionMs: number): number {
  if (clock.originAtMs === undefined) throw new RangeError('No frame has arrived yet: anchor the audio clock first.');
  return clock.originAtMs + positionMs;
}
