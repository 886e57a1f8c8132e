/** Changes the sample rate of speech with a windowed-sinc low-pass, so that nothing folds back below half the rate. */

/** Zero crossings of the sinc on either side; 16 give a transition band of about a tenth of the cut-off. */
const ZERO_CROSSINGS = 16;
/** Cut-off as a part of half the lower rate: the rest is room for the transition band. */
const PASS_BAND = 0.94;
/** Shape of the Kaiser window; 8 keeps what is filtered away about 80 dB down. */
const KAISER_BETA = 8;

/** @returns The samples at the other rate; the same array when the rates are equal. */
export function resample(samples: Int16Array, fromHz: number, toHz: number): Int16Array {
  if (fromHz === toHz || samples.length === 0) return samples;
  const divisor = greatestCommonDivisor(fromHz, toHz);
  const up = toHz / divisor;
  const down = fromHz / divisor;
  const filter = filterBank(up, down);
  const result = new Int16Array(Math.ceil((samples.length * up) / down));
  for (let index = 0; index < result.length; index++) {
    const position = index * down;
    const centre = Math.floor(position / up);
    const taps = filter[position % up];
    if (taps === undefined) continue;
    const half = (taps.length - 1) / 2;
    let sum = 0;
    const first = Math.max(0, half - centre);
    const last = Math.min(taps.length, samples.length - centre + half);
    for (let tap = first; tap < last; tap++) sum += (samples[centre + tap - half] ?? 0) * (taps[tap] ?? 0);
    result[index] = Math.max(-32768, Math.min(32767, Math.round(sum)));
  }
  return result;
}

/** Filters made before: the rates of a protocol are few, and making one takes longer than using it on a phrase. */
const FILTER_BANKS = new Map<string, readonly Float64Array[]>();

/** One set of taps for each place between two input samples that an output sample can fall on. */
function filterBank(up: number, down: number): readonly Float64Array[] {
  const known = FILTER_BANKS.get(`${up}/${down}`);
  if (known !== undefined) return known;
  const made = makeFilterBank(up, down);
  FILTER_BANKS.set(`${up}/${down}`, made);
  return made;
}

function makeFilterBank(up: number, down: number): readonly Float64Array[] {
  const cutoff = Math.min(1, up / down) * PASS_BAND;
  const half = Math.ceil(ZERO_CROSSINGS / cutoff);
  return Array.from({ length: up }, (_, phase) => {
    const taps = new Float64Array(2 * half + 1);
    let sum = 0;
    for (let tap = 0; tap < taps.length; tap++) {
      const distance = tap - half - phase / up;
      const value = cutoff * sinc(cutoff * distance) * kaiser(distance / (half + 1));
      taps[tap] = value;
      sum += value;
    }
    // Each phase passes a constant unchanged; otherwise the phases' small differences would hum.
    return taps.map((value) => value / sum);
  });
}

function sinc(x: number): number {
  return x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x);
}

function kaiser(x: number): number {
  return Math.abs(x) >= 1 ? 0 : besselI0(KAISER_BETA * Math.sqrt(1 - x * x)) / besselI0(KAISER_BETA);
}

/** Modified Bessel function of the first kind, order 0, by its power series. */
function besselI0(x: number): number {
  let sum = 1;
  let term = 1;
  for (let k = 1; term > sum * 1e-12; k++) {
    term *= (x / (2 * k)) ** 2;
    sum += term;
  }
  return sum;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
