/** Sound like a voice, the same for the same seed: pulses of a wandering pitch through wandering resonances, in syllables. */
import { JOIN_SAMPLE_RATE_HZ } from '../../../agent/pre-connect/seam.js';
import { noise } from '../../support/sounds.js';

export const RATE_HZ = JOIN_SAMPLE_RATE_HZ;

/** Samples of so many ms. */
export function ms(durationMs: number): number {
  return (durationMs * RATE_HZ) / 1_000;
}

export function voice(durationMs: number, seed = 1): Int16Array {
  // Slow random walks, one for each thing that wanders.
  const walks = [0, 1, 2].map((at) => noise(durationMs / 40, { sampleRateHz: RATE_HZ, seed: seed * 3 + at }));
  const walk = (at: number, sample: number) => {
    const [position, values] = [sample / ms(40), walks[at] ?? new Int16Array()];
    const index = Math.floor(position);
    const share = position - index;
    return ((values[index] ?? 0) * (1 - share) + (values[index + 1] ?? 0) * share) / 0x2000;
  };
  let phase = 0;
  const resonators = [0, 1].map(() => ({ last: 0, before: 0 }));
  return Int16Array.from({ length: ms(durationMs) }, (_, sample) => {
    phase += (150 + 40 * walk(0, sample)) / RATE_HZ;
    const pulse = phase >= 1 ? 1 : 0;
    phase %= 1;
    const formants = [500 + 250 * walk(1, sample), 1_500 + 500 * walk(2, sample)];
    const sound = resonators.reduce((sum, resonator, at) => {
      const decay = 0.97;
      const next =
        pulse +
        2 * decay * Math.cos((2 * Math.PI * (formants[at] ?? 0)) / RATE_HZ) * resonator.last -
        decay ** 2 * resonator.before;
      resonator.before = resonator.last;
      resonator.last = next;
      return sum + next;
    }, 0);
    const syllable = 0.6 + 0.4 * Math.sin((2 * Math.PI * 4 * sample) / RATE_HZ);
    return Math.max(-0x7fff, Math.min(0x7fff, Math.round(1_500 * syllable * sound)));
  });
}

/** The same sound as another encoder and the network leave it: quieter, with noise. */
export function likeOverTheAir(samples: Int16Array, seed = 1): Int16Array {
  const hiss = noise((samples.length * 1_000) / RATE_HZ, { sampleRateHz: RATE_HZ, amplitude: 0.01, seed });
  return samples.map((sample, index) => Math.round(sample * 0.8) + (hiss[index] ?? 0));
}
