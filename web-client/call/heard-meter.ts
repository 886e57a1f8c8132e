/**
 * How long a person waited for an answer, measured on the sound itself and on one clock: from the last voiced moment of their
 * microphone to the first audible one of the agent's voice. Both are tapped in one audio context: the microphone behind
 * capture and its echo canceller, the agent behind the jitter buffer. What the microphone's own hardware adds, and the way
 * from the jitter buffer to the loudspeaker (`playoutMs` of a report), is not in the figure.
 */
import type { LevelBatch } from './level-batch.js';
import { rms } from './levels.js';
import { createVoiceStretch, type LevelWindow } from './voice-stretch.js';

/** Level above which the person may be speaking, in dB of full scale; noise suppression leaves less than that of a room. */
const YOU_FLOOR_DB = -46;

/**
 * Speech ends with the last 10 ms, four windows of a batch, within this many dB of the loudest (docs/sources.md): a breath after
 * the last word is none. Gain control stands before that, and is not taken back: Chromium's begins with some 12 dB too much and
 * takes them back during the first speech, so that a soft end of a first utterance is none either, and its answer's wait longer.
 */
const SPEECH_RANGE_DB = 30;
const RULE_WINDOWS = 4;
/** How finely levels are told apart, in dB. */
const STEP_DB = 0.1;

/** The agent's voice is digital silence when it is silent, so that less will do: -50 dB, as for the callers of the benches. */
const AGENT_RMS = 10 ** (-50 / 20);

/** Shortest wait, in ms: what begins sooner after a word began while the person was speaking, and answered nothing. */
const MIN_WAIT_MS = 50;

/** Longest wait that is taken for one, in ms; the same bound as the agent's. */
const MAX_WAIT_MS = 60_000;

/**
 * Most that the audio clock may fall behind the wall clock over one wait, in ms. While the audio thread is late both sides' samples
 * wait in queues (Chromium's hold some 140 ms at the blocks of `level-tap.ts`), and the wait counted in them stays right; beyond
 * that, samples are lost.
 */
const MAX_SLIP_MS = 100;

/** A wait that was measured; instants in ms on the audio context's clock. */
export interface Wait {
  readonly spokeUntilMs: number;
  readonly heardAtMs: number;
  readonly heardMs: number;
}

export interface HeardMeter {
  /** Whether the agent's voice is heard now, short pauses included. */
  readonly agentSpeaks: boolean;
  /** Takes the next levels. @returns The wait that they end, if they end one. */
  push(batch: LevelBatch): Wait | undefined;
}

export function createHeardMeter(): HeardMeter {
  const you = createVoiceStretch(10 ** (YOU_FLOOR_DB / 20));
  const agent = createVoiceStretch(AGENT_RMS);
  let speech = createSpeech();
  let nextAtMs: number | undefined;
  /** Of the rule's window that is not full yet: levels of the person's windows. */
  let levels: number[] = [];
  /** Wall time less audio time when the person last spoke. */
  let spokeOriginMs = 0;

  const forget = (): void => {
    levels = [];
    you.reset();
    speech = createSpeech();
  };
  const answered = (heardAtMs: number, originMs: number): Wait | undefined => {
    const spokeUntilMs = speech.endMs();
    const wholeClock = Math.abs(originMs - spokeOriginMs) <= MAX_SLIP_MS;
    forget();
    if (spokeUntilMs === undefined || !wholeClock) return undefined;
    const heardMs = heardAtMs - spokeUntilMs;
    return heardMs >= MIN_WAIT_MS && heardMs <= MAX_WAIT_MS ? { spokeUntilMs, heardAtMs, heardMs } : undefined;
  };

  return {
    get agentSpeaks() {
      return agent.sounding;
    },
    push({ sampleRateHz, firstFrame, windowFrames, wallMs, you: yours, agent: agents }) {
      const msOf = (frames: number): number => (frames / sampleRateHz) * 1_000;
      const startMs = msOf(firstFrame);
      const windowMs = msOf(windowFrames);
      // Nobody knows what was said in a gap.
      if (nextAtMs !== undefined && Math.abs(startMs - nextAtMs) > windowMs / 2) {
        forget();
        agent.reset();
      }
      nextAtMs = startMs + yours.length * windowMs;
      const originMs = wallMs - nextAtMs;
      let wait: Wait | undefined;
      for (const [index, yourRms] of yours.entries()) {
        const fromMs = startMs + index * windowMs;
        const toMs = fromMs + windowMs;
        const wasSounding = agent.sounding;
        const [first] = agent.push({ fromMs, toMs, rms: agents[index] ?? 0 });
        if (!wasSounding && first !== undefined) wait = answered(first.fromMs, originMs) ?? wait;
        // While the agent speaks, and for the moment that its sound takes to the loudspeaker and back, the microphone may hear it.
        if (agent.sounding) {
          levels = [];
          you.reset();
          continue;
        }
        levels.push(yourRms);
        if (levels.length < RULE_WINDOWS) continue;
        const level = rms(Float32Array.from(levels));
        levels = [];
        for (const spoken of you.push({ fromMs: toMs - RULE_WINDOWS * windowMs, toMs, rms: level })) {
          speech.add(spoken);
          spokeOriginMs = originMs;
        }
      }
      return wait;
    },
  };
}

/** When what was said ended, by its own loudest moment, which may still come. */
function createSpeech() {
  /** Ends of the last windows that were as loud as this: 0 dB first, a step each. */
  const lastAtMs: number[] = new Array(stepsOf(-YOU_FLOOR_DB) + 1).fill(Number.NEGATIVE_INFINITY);
  return {
    add({ rms, toMs }: LevelWindow): void {
      lastAtMs.fill(toMs, Math.max(0, stepsOf(-20 * Math.log10(rms))));
    },
    endMs(): number | undefined {
      const peak = lastAtMs.findIndex((atMs) => atMs > Number.NEGATIVE_INFINITY);
      return peak < 0 ? undefined : lastAtMs[Math.min(lastAtMs.length - 1, peak + stepsOf(SPEECH_RANGE_DB))];
    },
  };
}

function stepsOf(db: number): number {
  return Math.round(db / STEP_DB);
}
