import type { Clock } from '../clock.js';
import type { SynthesisChunk, Synthesiser, SynthesisOptions } from '../engine.js';
import { drawLatencyMs } from './latency.js';
import type { ScriptStore } from './script-store.js';

/** Pitch of the first voice, in Hz, and how far voices lie apart. */
const PITCH_HZ = 110;
const PITCH_SPREAD_HZ = 60;
/** Formants of a neutral vowel, in Hz, each with its share of the sound. */
const FORMANTS = [
  [500, 1],
  [1_500, 0.4],
  [2_500, 0.15],
] as const;
/** Peak of the signal: loud enough to hear, far from clipping. */
const AMPLITUDE = 9_000;
/** Share of a word's time that sounds; the rest parts it from the next. */
const SOUNDING_SHARE = 0.85;
/** Below this the fade at a word's edges clicks, in ms. */
const FADE_MS = 8;

/**
 * A voice-like signal whose length follows the text: a pulse of harmonics under three formants for each word, with gaps
 * between words. The same text sounds the same, sample for sample.
 */
export class ScriptedSynthesiser implements Synthesiser {
  readonly #clock: Clock;
  readonly #scripts: ScriptStore;

  constructor(clock: Clock, scripts: ScriptStore) {
    this.#clock = clock;
    this.#scripts = scripts;
  }

  async *speak(options: SynthesisOptions, signal: AbortSignal): AsyncGenerator<SynthesisChunk, void, undefined> {
    const { timing } = this.#scripts.of(options.callKey);
    const random = this.#scripts.randomForRequest(options.callKey, 'tts', (draws) => draws.spokenAbout(options.text));
    const latencyMs = drawLatencyMs(timing.ttsTtfb, random);
    const dueAtMs = (options.requestedAtMs ?? this.#clock.nowMs()) + latencyMs;
    try {
      await this.#clock.sleep(Math.max(0, dueAtMs - this.#clock.nowMs()), signal);
    } catch (error) {
      if (!signal.aborted) throw error;
      return;
    }
    const { sampleRateHz } = options;
    const leadMs = options.precededBy !== undefined ? 0 : timing.ttsLeadingSilenceMs;
    if (leadMs > 0) yield { kind: 'audio', samples: new Int16Array(samplesIn(leadMs, sampleRateHz)) };
    let atMs = leadMs;
    let sentSamples = samplesIn(leadMs, sampleRateHz);
    for (const word of options.text.match(/\S+\s*/g) ?? []) {
      if (signal.aborted) return;
      const startMs = atMs;
      atMs += (word.length * 1_000) / timing.ttsCharactersPerSecond;
      // Counted from the beginning, so that rounding does not add up over a long text.
      const samples = voiceWord(samplesIn(atMs, sampleRateHz) - sentSamples, sampleRateHz, pitchOf(options.voiceId));
      sentSamples += samples.length;
      yield { kind: 'word', word: word.trim(), startMs, endMs: startMs + (atMs - startMs) * SOUNDING_SHARE };
      yield { kind: 'audio', samples };
    }
  }
}

function samplesIn(durationMs: number, sampleRateHz: number): number {
  return Math.round((durationMs * sampleRateHz) / 1_000);
}

function pitchOf(voiceId: string): number {
  const sum = [...voiceId].reduce((total, character) => total + (character.codePointAt(0) ?? 0), 0);
  return PITCH_HZ + (sum % PITCH_SPREAD_HZ);
}

function voiceWord(count: number, sampleRateHz: number, pitchHz: number): Int16Array {
  const period = makePeriod(sampleRateHz, pitchHz);
  const sounding = Math.floor(count * SOUNDING_SHARE);
  const fade = Math.max(1, Math.min(samplesIn(FADE_MS, sampleRateHz), sounding >> 1));
  const samples = new Int16Array(count);
  for (let index = 0; index < sounding; index += 1) {
    const edge = Math.min(1, index / fade, (sounding - index) / fade);
    samples[index] = Math.round((period[index % period.length] ?? 0) * edge);
  }
  return samples;
}

const periods = new Map<string, Int16Array>();

/** One period of the voice: all harmonics below 3.5 kHz, weighted by the formants. */
function makePeriod(sampleRateHz: number, pitchHz: number): Int16Array {
  const key = `${sampleRateHz} ${pitchHz}`;
  const known = periods.get(key);
  if (known !== undefined) return known;
  const length = Math.round(sampleRateHz / pitchHz);
  const wave = new Float64Array(length);
  for (let harmonic = 1; harmonic * pitchHz < Math.min(3_500, sampleRateHz / 2); harmonic += 1) {
    const hz = harmonic * pitchHz;
    const weight = FORMANTS.reduce(
      (total, [formantHz, share]) => total + share / (1 + ((hz - formantHz) / 150) ** 2),
      0.02,
    );
    for (let index = 0; index < length; index += 1) {
      wave[index] = (wave[index] ?? 0) + weight * Math.sin((2 * Math.PI * harmonic * index) / length + harmonic ** 2);
    }
  }
  const peak = wave.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const period = Int16Array.from(wave, (value) => Math.round((value / peak) * AMPLITUDE));
  // Bounded by the voices and rates there are; a client that invents voices must not fill the memory.
  if (periods.size < 1_000) periods.set(key, period);
  return period;
}
