/**
 * How long a person waited for an answer, measured on the sound itself: from the last loud moment of their microphone to the
 * first loud moment of the agent's voice as it leaves the jitter buffer. What sound cards add on both ends is not in it.
 */

import type { Levels } from './levels.js';

/** Level above which somebody speaks: RMS of full scale, about -46 dB; noise suppression leaves less than that of a room. */
const YOU_RMS = 0.005;

/** The agent's voice is digital silence when it is silent, so that less will do: about -54 dB. */
const AGENT_RMS = 0.002;

/** Quiet that must precede an answer, in ms; shorter gaps are pauses within one. */
const QUIET_BEFORE_MS = 300;

/** Longest gap between samples, in ms, at which instants are still exact enough; hidden tabs are sampled once a second. */
const MAX_GAP_MS = 60;

/** Longest wait that is taken for one, in ms; the same bound as the agent's. */
const MAX_HEARD_MS = 60_000;

export interface LevelSample extends Levels {
  /** Monotonic. */
  readonly nowMs: number;
}

export interface HeardMeter {
  sample(sample: LevelSample): void;
  /** The wait before the latest answer in ms, once; undefined when none was measured since. */
  take(): number | undefined;
}

export function createHeardMeter(): HeardMeter {
  let sampledAtMs: number | undefined;
  let spokeAtMs: number | undefined;
  let agentLoudAtMs = Number.NEGATIVE_INFINITY;
  let heardMs: number | undefined;
  return {
    sample({ nowMs, youRms, agentRms }) {
      // Nobody knows what was said in a gap.
      if (sampledAtMs !== undefined && nowMs - sampledAtMs > MAX_GAP_MS) spokeAtMs = undefined;
      sampledAtMs = nowMs;
      const agentLoud = agentRms >= AGENT_RMS;
      const answerBegins = agentLoud && nowMs - agentLoudAtMs > QUIET_BEFORE_MS;
      if (agentLoud) agentLoudAtMs = nowMs;
      if (answerBegins && spokeAtMs !== undefined && nowMs > spokeAtMs && nowMs - spokeAtMs <= MAX_HEARD_MS) {
        heardMs = nowMs - spokeAtMs;
        spokeAtMs = undefined;
      }
      // While the agent speaks, the microphone may hear the loudspeaker.
      if (youRms >= YOU_RMS && !agentLoud) spokeAtMs = nowMs;
    },
    take() {
      const taken = heardMs;
      heardMs = undefined;
      return taken;
    },
  };
}
