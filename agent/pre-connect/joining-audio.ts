/**
 * One stream out of two: what the caller's page recorded while it joined, and the live audio, which begins before that recording
 * has arrived. Live audio is held until then, for a bounded time, so that the past comes first and nothing comes twice.
 */
import { findSeam, isQuiet, JOIN_SAMPLE_RATE_HZ, type Seam } from './seam.js';

/** Live audio held for a recording that does not come, in ms; it goes on without the recording then. */
const HOLD_MS = 1_500;

/** Live audio that a comparison needs, in ms. */
const COMPARE_MS = 300;

/** Live audio after which the sound is not asked any more and time decides, in ms: of a recording that goes on, of a whole one. */
const COMPARE_UNTIL_MS = 1_200;
const COMPARE_WHOLE_UNTIL_MS = 700;

/** Longest overlap that is believed of times alone, in ms. */
const LONGEST_TIMED_MS = 1_000;

/** The seam's length, in ms: the recording fades into the same sound of another encoding. */
const SEAM_MS = 5;

/** Samples come out in pieces of this length at most, in ms, so that nobody is given ten seconds at once. */
const PIECE_MS = 50;

/**
 * How the joining went. `matched`: at the place found in the sound. `timed`: at the place told by the times. `late`: the recording
 * came too late and was left out. `none`: there was none.
 */
export type JoinOutcome = 'matched' | 'timed' | 'late' | 'none';

/** A recording as far as it has come. */
export interface GivenRecording {
  /** 16 kHz mono, from its first sample. */
  readonly samples: Int16Array;
  /** How long the live audio had been coming when this much was recorded, in ms: decides where the sound does not tell. */
  readonly overlapMs: number;
  /** Whether no more of it will come. */
  readonly isWhole: boolean;
}

/** Holds and joins. Its clock is the live audio itself: it does nothing while none comes, until {@link flush}. */
export class JoiningAudio {
  #outcome: JoinOutcome | undefined;
  #held: Int16Array[] = [];
  #heldSamples = 0;
  #given: GivenRecording | undefined;
  /** Samples still to come that the recording holds already. */
  #skip = 0;

  /** `undefined` while live audio is held. */
  get outcome(): JoinOutcome | undefined {
    return this.#outcome;
  }

  /** Live audio held, in ms: nobody has heard yet what is said in it. */
  get heldMs(): number {
    return (this.#heldSamples * 1_000) / JOIN_SAMPLE_RATE_HZ;
  }

  /**
   * Takes live audio.
   * @param live - 16 kHz mono; kept while held, so not to be written to afterwards.
   * @returns what goes on, oldest first; empty while audio is held.
   */
  push(live: Int16Array): Int16Array[] {
    if (this.#outcome !== undefined) return this.#withoutDoubled(live);
    this.#held.push(live);
    this.#heldSamples += live.length;
    const until = this.#given?.isWhole ? COMPARE_WHOLE_UNTIL_MS : COMPARE_UNTIL_MS;
    if (this.#given !== undefined && this.heldMs >= until) return this.#joinByTime(this.#given);
    return this.heldMs < HOLD_MS ? [] : this.flush();
  }

  /**
   * Takes the recording, or more of it: each time the whole of what has come, until something goes on.
   * @param given - `undefined` where there is none to wait for.
   * @returns what goes on, oldest first; empty while the place is not found yet.
   */
  give(given: GivenRecording | undefined): Int16Array[] {
    if (this.#outcome !== undefined) return [];
    if (given === undefined || given.samples.length === 0)
      return this.#given === undefined ? this.#go('none', [], 0) : [];
    this.#given = given;
    if (this.heldMs < COMPARE_MS) return [];
    const live = joined(this.#held);
    const seam = findSeam(given.samples, live);
    if (seam !== undefined) return this.#go('matched', [upTo(seam, given.samples, live)], seam.liveAt);
    // Where nobody speaks, nothing can be found, and nothing is lost by a few ms.
    const isOver = given.isWhole && this.heldMs >= COMPARE_WHOLE_UNTIL_MS;
    return isOver || isQuiet(given.samples, live) ? this.#joinByTime(given) : [];
  }

  /** Ends the holding: with the recording if it is there, without it if not. @returns what was held. */
  flush(): Int16Array[] {
    if (this.#outcome !== undefined) return [];
    return this.#given === undefined ? this.#go('late', [], 0) : this.#joinByTime(this.#given);
  }

  #joinByTime({ samples, overlapMs }: GivenRecording): Int16Array[] {
    const believedMs = Number.isFinite(overlapMs) ? Math.min(LONGEST_TIMED_MS, Math.max(0, overlapMs)) : 0;
    return this.#go('timed', [samples], Math.min(samples.length, Math.round(samplesOf(believedMs))));
  }

  /** @param doubled - Samples at the beginning of the live audio that the past holds already. */
  #go(outcome: JoinOutcome, past: readonly Int16Array[], doubled: number): Int16Array[] {
    const live = joined(this.#held);
    this.#outcome = outcome;
    this.#held = [];
    this.#heldSamples = 0;
    this.#given = undefined;
    this.#skip = doubled;
    return [...past.flatMap(pieces), ...this.#withoutDoubled(live)];
  }

  #withoutDoubled(live: Int16Array): Int16Array[] {
    const skipped = Math.min(this.#skip, live.length);
    this.#skip -= skipped;
    return pieces(live.subarray(skipped));
  }
}

/** The recording up to the seam, its last moment turning into the live audio of the same moment. */
function upTo({ recordedAt, liveAt }: Seam, recorded: Int16Array, live: Int16Array): Int16Array {
  const past = recorded.slice(0, recordedAt);
  const length = Math.min(samplesOf(SEAM_MS), recordedAt, liveAt);
  for (let index = 0; index < length; index += 1) {
    const at = recordedAt - length + index;
    const share = (index + 1) / (length + 1);
    const now = live[liveAt - length + index] ?? 0;
    past[at] = Math.round((recorded[at] ?? 0) * (1 - share) + now * share);
  }
  return past;
}

function samplesOf(ms: number): number {
  return (ms * JOIN_SAMPLE_RATE_HZ) / 1_000;
}

function joined(parts: readonly Int16Array[]): Int16Array {
  const whole = new Int16Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

function pieces(samples: Int16Array): Int16Array[] {
  const length = samplesOf(PIECE_MS);
  const count = Math.ceil(samples.length / length);
  return Array.from({ length: count }, (_, index) => samples.subarray(index * length, (index + 1) * length));
}
