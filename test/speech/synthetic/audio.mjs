/** Sound as samples in [-1, 1] at 16 kHz: writing it, and finding the speech in it. */
import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';

export const RATE_HZ = 16000;

/** Windows and thresholds are those of the recorded rows; see README.md. */
const WINDOW = 320;
const HOP = 160;
const HOP_MS = 10;
const BELOW_PEAK_DB = 30;
const PAUSE_MIN_MS = 100;
/** Samples are rounded to 12 bits: a floor like a quiet room, and half the size. */
const STEP = 16;

/** @param samples - In [-1, 1]. Writes 16 kHz mono FLAC, 16 bit; needs the `flac` command. */
export function writeFlac(file, samples) {
  const pcm = Buffer.alloc(samples.length * 2);
  samples.forEach((sample, index) => {
    const step = Math.round((sample * 32768) / STEP);
    pcm.writeInt16LE(Math.max(-32768, Math.min(32767 - STEP, step * STEP)), index * 2);
  });
  mkdirSync(dirname(file), { recursive: true });
  const raw = ['--force-raw-format', '--endian=little', '--sign=signed', '--channels=1', '--bps=16', '--sample-rate=16000'];
  execFileSync('flac', ['-8', '-s', '-f', '--no-padding', '--no-seektable', ...raw, '-o', file, '-'], { input: pcm });
}

/** @returns The sounds one after the other, over a floor of a step or two: digital silence is not what a microphone gives. */
export function joined(random, parts, peak) {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const sound = new Float64Array(length);
  let at = 0;
  let loudest = 1e-9;
  for (const part of parts) {
    part.forEach((sample, index) => {
      sound[at + index] = sample;
      loudest = Math.max(loudest, Math.abs(sample));
    });
    at += part.length;
  }
  return sound.map((sample) => (sample * peak) / loudest + ((random() - 0.5) * 3 * STEP) / 32768);
}

export const silence = (ms) => new Float64Array(Math.round((ms * RATE_HZ) / 1000));

/** @returns First and last loud window and the silences of at least 100 ms between, in ms. */
export function measure(samples) {
  const levels = [];
  for (let at = 0; at + WINDOW <= samples.length; at += HOP) {
    let energy = 0;
    for (let index = at; index < at + WINDOW; index++) energy += samples[index] ** 2;
    levels.push(10 * Math.log10(energy / WINDOW + 1e-12));
  }
  const threshold = levels.reduce((a, b) => Math.max(a, b), -200) - BELOW_PEAK_DB;
  const loud = levels.flatMap((level, index) => (level > threshold ? [index] : []));
  const pausesMs = [];
  for (let index = 1; index < loud.length; index++) {
    const startMs = loud[index - 1] * HOP_MS + HOP_MS;
    const endMs = loud[index] * HOP_MS;
    if (endMs - startMs >= PAUSE_MIN_MS) pausesMs.push([startMs, endMs]);
  }
  return {
    durationMs: Math.floor((samples.length * 1000) / RATE_HZ),
    speechStartMs: loud[0] * HOP_MS,
    speechEndMs: loud.at(-1) * HOP_MS + HOP_MS,
    pausesMs,
  };
}
