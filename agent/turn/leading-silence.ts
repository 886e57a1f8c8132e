/**
 * The silence with which a synthesised voice begins, left out: vendors give 20 to 200 ms of it, and the caller waits for
 * each of them. A pure state machine over samples; what it does depends on no borders of chunks.
 */

/** Level from which a window is heard: RMS of 16-bit samples, -50 dBFS. Breath and the softest fricatives lie above it. */
const AUDIBLE_RMS = 104;
/** Long enough that one stray sample of the decoder is no sound, short enough to lose nothing by. */
const WINDOW_MS = 5;
/** Kept before the first heard window, in ms: a soft onset begins below the threshold. */
const KEPT_MS = 15;
/** Rise of what is kept, so that cutting into noise does not click, in ms; the heard window itself is never touched. */
const FADE_MS = 5;
/** Silence for longer than this is meant, or is not silence: from here on all passes, in ms. */
const LONGEST_TRIM_MS = 300;

export interface LeadingSilence {
  readonly sampleRateHz: number;
  /** Whether all further samples pass. */
  readonly isOver: boolean;
  /** Samples left out so far. */
  readonly droppedSamples: number;
  /** Not yet given on: what is kept of the silence, then less than one window that is not judged yet. */
  readonly held: Int16Array;
  /** How many of the held samples are judged silent. */
  readonly judgedSamples: number;
}

export function startOfVoice(sampleRateHz: number): LeadingSilence {
  return { sampleRateHz, isOver: false, droppedSamples: 0, held: new Int16Array(0), judgedSamples: 0 };
}

/** @returns The samples to give on now, perhaps none; those of `samples` themselves once the silence is over. */
export function trimSilence(
  state: LeadingSilence,
  samples: Int16Array,
): { readonly state: LeadingSilence; readonly samples: Int16Array } {
  if (state.isOver) return { state, samples };
  const { windowSamples, keptSamples, longestSamples } = inSamples(state.sampleRateHz);
  const joined = join(state.held, samples);
  let judged = state.judgedSamples;
  while (joined.length - judged >= windowSamples) {
    const isHeard = rms(joined, judged, judged + windowSamples) >= AUDIBLE_RMS;
    if (isHeard || state.droppedSamples + judged >= longestSamples) return open(state, joined, judged);
    judged += windowSamples;
  }
  const drop = Math.max(0, judged - keptSamples);
  return {
    state: {
      ...state,
      droppedSamples: state.droppedSamples + drop,
      held: joined.slice(drop),
      judgedSamples: judged - drop,
    },
    samples: new Int16Array(0),
  };
}

/** The voice ends: what was held back, when nothing was heard until here. */
export function endOfVoice(state: LeadingSilence): {
  readonly state: LeadingSilence;
  readonly samples: Int16Array;
} {
  return state.isOver ? { state, samples: new Int16Array(0) } : open(state, state.held, state.judgedSamples);
}

/** Whether something in it is heard; windows are counted from its own beginning. */
export function isHeard(samples: Int16Array, sampleRateHz: number): boolean {
  const { windowSamples } = inSamples(sampleRateHz);
  for (let at = 0; at < samples.length; at += windowSamples) {
    if (rms(samples, at, Math.min(samples.length, at + windowSamples)) >= AUDIBLE_RMS) return true;
  }
  return false;
}

function open(
  state: LeadingSilence,
  joined: Int16Array,
  judged: number,
): { readonly state: LeadingSilence; readonly samples: Int16Array } {
  const { keptSamples, fadeSamples } = inSamples(state.sampleRateHz);
  const drop = Math.max(0, judged - keptSamples);
  const droppedSamples = state.droppedSamples + drop;
  const kept = joined.slice(drop);
  // A voice of which nothing was cut begins as it was given.
  const fade = droppedSamples === 0 ? 0 : Math.min(fadeSamples, judged - drop);
  for (let at = 0; at < fade; at += 1) kept[at] = Math.round(((kept[at] ?? 0) * at) / fade);
  return {
    state: { ...state, isOver: true, droppedSamples, held: new Int16Array(0), judgedSamples: 0 },
    samples: kept,
  };
}

function inSamples(sampleRateHz: number) {
  const samples = (ms: number) => Math.round((sampleRateHz * ms) / 1_000);
  return {
    windowSamples: samples(WINDOW_MS),
    keptSamples: samples(KEPT_MS),
    fadeSamples: samples(FADE_MS),
    longestSamples: samples(LONGEST_TRIM_MS),
  };
}

function rms(samples: Int16Array, from: number, to: number): number {
  let sum = 0;
  for (let at = from; at < to; at += 1) sum += (samples[at] ?? 0) ** 2;
  return Math.sqrt(sum / Math.max(1, to - from));
}

function join(left: Int16Array, right: Int16Array): Int16Array {
  const joined = new Int16Array(left.length + right.length);
  joined.set(left);
  joined.set(right, left.length);
  return joined;
}
