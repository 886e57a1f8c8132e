/** A recording made ready to be spoken into a call. */
import { AudioFrame, AudioResampler, AudioResamplerQuality } from '@livekit/rtc-node';
import { type Stretch, splitUtterances } from '../audio/levels.js';
import type { MonoAudio } from '../audio/wav.js';
import { CallError } from './errors.js';

/** Sample rate of the microphone, in Hz: the one of Opus in WebRTC, so that nothing is resampled twice. */
export const CALL_RATE_HZ = 48_000;

export interface Clip {
  /** At {@link CALL_RATE_HZ}. */
  readonly samples: Int16Array<ArrayBuffer>;
  readonly durationMs: number;
  /** At least one, in order. */
  readonly utterances: readonly [Stretch, ...Stretch[]];
}

/**
 * Resamples a recording and finds the utterances in it.
 * @param gapMs - Silence that parts two utterances, in ms; infinite: there is one.
 * @throws CallError `BAD_INPUT` when the recording is silent.
 */
export function prepareClip(audio: MonoAudio, gapMs?: number): Clip {
  const [first, ...others] = splitUtterances(audio, gapMs);
  if (first === undefined) throw new CallError('BAD_INPUT', 'There is nothing but silence in this recording.');
  return {
    samples: resample(audio, CALL_RATE_HZ),
    durationMs: (audio.samples.length / audio.sampleRateHz) * 1000,
    utterances: [first, ...others],
  };
}

/** Resamples mono audio; the result is as long as the original, to the sample. */
export function resample({ samples, sampleRateHz }: MonoAudio, toRateHz: number): Int16Array<ArrayBuffer> {
  if (sampleRateHz === toRateHz) return samples;
  const resampler = new AudioResampler(sampleRateHz, toRateHz, 1, AudioResamplerQuality.HIGH);
  const resampled = new Int16Array(Math.round((samples.length * toRateHz) / sampleRateHz));
  let written = 0;
  const keep = (frames: readonly AudioFrame[]): void => {
    for (const { data } of frames) {
      resampled.set(data.subarray(0, resampled.length - written), written);
      written = Math.min(resampled.length, written + data.length);
    }
  };
  try {
    const stepSamples = Math.round(sampleRateHz / 10);
    for (let start = 0; start < samples.length; start += stepSamples) {
      const step = samples.slice(start, start + stepSamples);
      keep(resampler.push(new AudioFrame(step, sampleRateHz, 1, step.length)));
    }
    keep(resampler.flush());
  } finally {
    resampler.close();
  }
  return resampled;
}
