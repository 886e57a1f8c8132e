/** What a browser's caller says in one call: one file, since a browser's fake microphone plays a file and takes no orders. Pure. */
import { CALL_RATE_HZ } from '../caller/clip.js';
import { levelsFrom } from '../interruptions/heard-levels.js';
import type { SpokenRecording } from '../spoken-recording.js';

/** Silence before the first recording, in ms: the agent comes (some 3 s, twice that on a busy machine) and greets (3 s) meanwhile. */
const LEAD_MS = 12_000;
/** Silence after each, in ms: for the wait (1 to 2 s), the longest scripted reply (5 s) and the page's report of it. */
export const ANSWER_MS = 9_000;

/** A recording in the file. */
export interface PlannedTurn {
  /** Name of the recording. */
  readonly file: string;
  /** First sound and end of speech, the last 10 ms within 30 dB of the recording's peak; in ms from the file's first sample. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Levels from the one to the other, in windows as wide as those heard. */
  readonly levelsDbfs: readonly number[];
}

export interface MicrophonePlan {
  /** At {@link CALL_RATE_HZ}. */
  readonly samples: Int16Array;
  readonly turns: readonly PlannedTurn[];
}

export function planMicrophone(recordings: readonly Pick<SpokenRecording, 'file' | 'clip'>[]): MicrophonePlan {
  const gapSamples = samplesIn(ANSWER_MS);
  const leadSamples = samplesIn(LEAD_MS);
  const length = recordings.reduce((sum, { clip }) => sum + clip.samples.length + gapSamples, leadSamples);
  const samples = new Int16Array(length);
  let next = leadSamples;
  const turns = recordings.map(({ file, clip }): PlannedTurn => {
    samples.set(clip.samples, next);
    const originMs = (next / CALL_RATE_HZ) * 1_000;
    next += clip.samples.length + gapSamples;
    const { startMs, endMs } = clip.utterances[0];
    const levelsDbfs = levelsFrom(clip, startMs, endMs);
    return { file, fromMs: originMs + startMs, untilMs: originMs + endMs, levelsDbfs };
  });
  return { samples, turns };
}

function samplesIn(ms: number): number {
  return Math.round((ms * CALL_RATE_HZ) / 1_000);
}
