/** Sounds that are no speech, made from noise and resonances: coughs, knocks, keys and the like. */
import { RATE_HZ } from './audio.mjs';
import { between, wholeBetween } from './random.mjs';

const samplesOf = (ms) => Math.round((ms * RATE_HZ) / 1000);
const tone = (index, hz) => Math.sin((2 * Math.PI * hz * index) / RATE_HZ);

function mixed(ms, layers) {
  const sound = new Float64Array(samplesOf(ms));
  for (const { atMs, layer } of layers) {
    const from = samplesOf(atMs);
    for (let index = 0; index < layer.length && from + index < sound.length; index++) sound[from + index] += layer[index];
  }
  return sound;
}

const noise = (random, ms, envelope) =>
  Float64Array.from({ length: samplesOf(ms) }, (_, index) => (random() * 2 - 1) * envelope((index * 1000) / RATE_HZ, ms));

const attackDecay = (attackMs, decayMs) => (atMs) => Math.min(1, atMs / attackMs) * Math.exp(-Math.max(0, atMs - attackMs) / decayMs);

const swell = (atMs, ms) => Math.sin((Math.PI * atMs) / ms) ** 2;

/** Two-pole resonator: what a cavity does to noise. */
function resonated(sound, hz, widthHz) {
  const radius = Math.exp((-Math.PI * widthHz) / RATE_HZ);
  const feedback = 2 * radius * Math.cos((2 * Math.PI * hz) / RATE_HZ);
  let last = 0;
  let before = 0;
  return sound.map((sample) => {
    const next = (1 - radius) * sample + feedback * last - radius * radius * before;
    before = last;
    last = next;
    return next;
  });
}

const added = (...sounds) => sounds[0].map((_, index) => sounds.reduce((sum, sound) => sum + (sound[index] ?? 0), 0));

function scaled(sound, peak) {
  const loudest = sound.reduce((most, sample) => Math.max(most, Math.abs(sample)), 1e-9);
  return sound.map((sample) => (sample * peak) / loudest);
}

/** One cough: a burst as the glottis opens, breath through the open tract, and in some a voiced end. */
function oneCough(random) {
  const burstMs = between(random, 25, 60);
  const breathMs = between(random, 90, 260);
  const tract = between(random, 0.85, 1.2);
  const through = (sound) =>
    added(
      resonated(sound, 650 * tract, 250),
      resonated(sound, 1500 * tract, 300),
      resonated(sound, between(random, 2400, 3300) * tract, 500),
    );
  const burst = scaled(through(noise(random, burstMs + 60, attackDecay(between(random, 2, 6), burstMs / 2))), 1);
  const breath = scaled(through(noise(random, breathMs, attackDecay(15, breathMs / 2.5))), between(random, 0.25, 0.6));
  const layers = [
    { atMs: 0, layer: burst },
    { atMs: burstMs * 0.8, layer: breath },
  ];
  let endMs = burstMs + breathMs;
  if (random() < 0.6) {
    const voicedMs = between(random, 70, 180);
    const hz = between(random, 110, 280);
    const pulses = Float64Array.from({ length: samplesOf(voicedMs) }, (_, index) => {
      const fall = 1 - (0.35 * index) / samplesOf(voicedMs);
      const cycle = ((index * hz * fall) / RATE_HZ) % 1;
      return ((cycle < 0.1 ? 1 : -0.1) + 0.3 * (random() - 0.5)) * swell((index * 1000) / RATE_HZ, voicedMs);
    });
    layers.push({ atMs: endMs * 0.75, layer: scaled(through(pulses), between(random, 0.2, 0.6)) });
    endMs = endMs * 0.75 + voicedMs;
  }
  return mixed(endMs + 40, layers);
}

/** @returns One to three coughs, as people cough. */
export function cough(random) {
  const times = random() < 0.55 ? 1 : random() < 0.7 ? 2 : 3;
  const layers = [];
  let atMs = 0;
  for (let count = 0; count < times; count++) {
    const layer = scaled(oneCough(random), between(random, 0.6, 1));
    layers.push({ atMs, layer });
    atMs += (layer.length * 1000) / RATE_HZ + between(random, 60, 300);
  }
  return mixed(atMs, layers);
}

const struck = (random, hz, decayMs, ms) => {
  const partials = [1, between(random, 1.4, 1.8), between(random, 2.1, 2.9)];
  return Float64Array.from({ length: samplesOf(ms) }, (_, index) =>
    partials.reduce((sum, ratio, order) => sum + (tone(index, hz * ratio) * Math.exp((-index * 1000 * (order + 1)) / RATE_HZ / decayMs)) / (order + 1), 0),
  );
};

const repeated = (random, times, gapLowMs, gapHighMs, make) => {
  const layers = [];
  let atMs = 0;
  for (let count = 0; count < times; count++) {
    layers.push({ atMs, layer: make() });
    atMs += between(random, gapLowMs, gapHighMs);
  }
  return mixed(atMs + 120, layers);
};

const click = (random) => resonated(noise(random, 25, attackDecay(0.5, between(random, 2, 6))), between(random, 1500, 4500), 1500);

export const NOISES = {
  knock: (random) =>
    repeated(random, wholeBetween(random, 1, 4), 110, 220, () => struck(random, between(random, 90, 260), between(random, 15, 45), 150)),
  keys: (random) => repeated(random, wholeBetween(random, 3, 9), 60, 190, () => scaled(click(random), between(random, 0.4, 1))),
  click: (random) => repeated(random, wholeBetween(random, 1, 2), 90, 180, () => click(random)),
  rustle: (random) => {
    const ms = between(random, 300, 900);
    const hz = between(random, 6, 18);
    return resonated(noise(random, ms, (at) => swell(at, ms) * (0.4 + 0.6 * Math.abs(tone(at * 16, hz)))), between(random, 2500, 5500), 3000);
  },
  slam: (random) =>
    mixed(500, [
      { atMs: 0, layer: struck(random, between(random, 45, 110), between(random, 60, 140), 450) },
      { atMs: 0, layer: scaled(noise(random, 120, attackDecay(2, 25)), 0.6) },
    ]),
  dishes: (random) =>
    repeated(random, wholeBetween(random, 1, 5), 40, 250, () => struck(random, between(random, 1200, 3800), between(random, 20, 90), 250)),
  breath: (random) => {
    const ms = between(random, 250, 800);
    return resonated(noise(random, ms, swell), between(random, 300, 1200), 1800);
  },
  hum: (random) => {
    const ms = between(random, 500, 1100);
    const hz = random() < 0.5 ? 50 : 60;
    return Float64Array.from({ length: samplesOf(ms) }, (_, index) =>
      [1, 2, 3, 5, 7].reduce((sum, order) => sum + tone(index, hz * order) / order, 0) * Math.min(1, swell((index * 1000) / RATE_HZ, ms) * 4),
    );
  },
  beep: (random) => {
    const hz = between(random, 450, 2200);
    return repeated(random, wholeBetween(random, 1, 3), 160, 300, () =>
      Float64Array.from({ length: samplesOf(120) }, (_, index) => tone(index, hz) * Math.min(1, swell((index * 1000) / RATE_HZ, 120) * 3)),
    );
  },
  drop: (random) => {
    const first = between(random, 90, 220);
    const layers = [1, 0.55, 0.3].map((size, bounce) => ({
      atMs: first * [0, 1, 1.55][bounce],
      layer: scaled(struck(random, between(random, 300, 900), between(random, 10, 40), 140), size),
    }));
    return mixed(first * 2 + 150, layers);
  },
};
