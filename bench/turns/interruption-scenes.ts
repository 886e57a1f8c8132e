/** A clip in a call: somewhere over the agent's speech, at some level, over some room's noise. Pure, and repeated by its seed. */
import type { LevelAt } from '../../agent/turn/echo.js';
import { seededRandom } from '../../local-providers/random.js';
import { windowLevels } from '../audio/levels.js';
import type { AgentSpeech } from './interruption-agent.js';
import type { OverlapClip } from './interruption-clips.js';
import { SAMPLE_RATE_HZ, type TimedWord } from './recording.js';

export interface OverlapScene {
  readonly clip: OverlapClip;
  /** The caller's microphone. */
  readonly samples: Int16Array;
  /** First audible sample of the clip, in ms from the scene's first. */
  readonly startMs: number;
  /** What is said in it, in ms from the scene's first sample. */
  readonly words: readonly TimedWord[];
  readonly agentText: string;
  /** The agent's levels as they are played, in ms from the scene's first sample. */
  readonly played: readonly LevelAt[];
  readonly seed: string;
}

/** Room's noise before and after the clip, in ms: Silero settles; what is not judged 0.9 s after its end goes by. */
const LEAD_MS = 320;
const TAIL_MS = 900;
/** Loud parts of a clip, in dBFS. */
const LEVEL_DB = [-32, -16] as const;
/** Noise under the loud parts, in dB. */
const SNR_DB = [12, 40] as const;
/** Echo under the agent's own level, its delay in ms, and the noise under it in dB: a loudspeaker on a desk, badly cancelled. */
const ECHO_DB = [-30, -20] as const;
const ECHO_DELAY_MS = [80, 300] as const;
const ECHO_SNR_DB = [10, 25] as const;
const AGENT_LEVEL_DB = -18;

/** @param variant - 0, 1, …: another position, level, noise and agent's sentence each. */
export function sceneOf(
  clip: OverlapClip,
  variant: number,
  speeches: readonly AgentSpeech[],
  seed: number,
): OverlapScene {
  const key = `${seed}/${clip.fingerprint}/${variant}`;
  const random = seededRandom(key);
  const between = ([low, high]: readonly [number, number]): number => low + random() * (high - low);
  const leadMs = LEAD_MS + between([0, 32]);
  const levelDb = between(LEVEL_DB);
  const samples = placed(clip.samples, { leadMs, levelDb, noiseDb: levelDb - between(SNR_DB), random });
  const speech = speeches[Math.floor(random() * speeches.length)];
  // The agent has spoken for some time when the clip begins, and goes on.
  const agentFromMs = leadMs - between([300, 1_500]);
  return {
    clip,
    samples,
    startMs: leadMs + clip.startMs,
    words: shifted(clip.words, leadMs),
    agentText: speech?.text ?? '',
    played: playedFrom(speech, agentFromMs),
    seed: key,
  };
}

/** The agent's speech as it comes back into the microphone of a caller who says nothing. */
export function echoSceneOf(clip: OverlapClip, speech: AgentSpeech, variant: number, seed: number): OverlapScene {
  const key = `${seed}/${clip.fingerprint}/${variant}`;
  const random = seededRandom(key);
  const between = ([low, high]: readonly [number, number]): number => low + random() * (high - low);
  const delayMs = between(ECHO_DELAY_MS);
  const levelDb = AGENT_LEVEL_DB + between(ECHO_DB);
  const leadMs = LEAD_MS + delayMs;
  return {
    clip,
    samples: placed(dulled(clip.samples), { leadMs, levelDb, noiseDb: levelDb - between(ECHO_SNR_DB), random }),
    startMs: leadMs + clip.startMs,
    words: shifted(speech.words, leadMs),
    agentText: speech.text,
    played: playedFrom(speech, LEAD_MS),
    seed: key,
  };
}

function playedFrom(speech: AgentSpeech | undefined, fromMs: number): LevelAt[] {
  const levels = speech?.levels ?? [];
  const gainDb = AGENT_LEVEL_DB - loudDb(levels.map((level) => level.levelDb));
  return levels.map(({ atMs, levelDb }) => ({ atMs: atMs + fromMs, levelDb: levelDb + gainDb }));
}

function shifted(words: readonly TimedWord[], byMs: number): TimedWord[] {
  return words.map(({ text, startMs, endMs }) => ({ text, startMs: startMs + byMs, endMs: endMs + byMs }));
}

interface Placing {
  readonly leadMs: number;
  readonly levelDb: number;
  readonly noiseDb: number;
  readonly random: () => number;
}

function placed(clip: Int16Array, { leadMs, levelDb, noiseDb, random }: Placing): Int16Array {
  const lead = Math.round((leadMs / 1000) * SAMPLE_RATE_HZ);
  const scene = new Int16Array(lead + clip.length + (TAIL_MS / 1000) * SAMPLE_RATE_HZ);
  const gain = 10 ** ((levelDb - loudDb(windowLevels(clip, SAMPLE_RATE_HZ))) / 20);
  // Uniform noise through one pole: as much more low than high as rooms have. Its level after the pole is scaled back.
  const pole = 0.7;
  const amplitude = 0x8000 * 10 ** (noiseDb / 20) * Math.sqrt(3 * (1 - pole ** 2));
  let noise = 0;
  for (let i = 0; i < scene.length; i += 1) {
    noise = pole * noise + amplitude * (2 * random() - 1);
    const value = Math.round((clip[i - lead] ?? 0) * gain + noise);
    scene[i] = Math.max(-0x8000, Math.min(0x7fff, value));
  }
  return scene;
}

/** Level that a tenth of the audible windows exceed, in dBFS. */
function loudDb(levels: readonly number[]): number {
  const sorted = levels.filter((level) => level > -70).sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length * 0.9)] ?? AGENT_LEVEL_DB;
}

/** A small loudspeaker and a room: no highs, and one reflection. */
function dulled(samples: Int16Array): Int16Array {
  const reflection = Math.round(0.023 * SAMPLE_RATE_HZ);
  let low = 0;
  return samples.map((sample, index) => {
    low += 0.6 * (sample - low);
    return Math.round(0.7 * low + 0.25 * (samples[index - reflection] ?? 0));
  });
}
