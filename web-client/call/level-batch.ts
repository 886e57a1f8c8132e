/** Levels of both sides as the audio thread measures them. */
export interface LevelBatch {
  /** Of the one clock that both sides are measured on: the audio context's. */
  readonly sampleRateHz: number;
  /** Samples of that clock before the first window. */
  readonly firstFrame: number;
  /** Samples a window: 2.5 ms, to a sample. */
  readonly windowFrames: number;
  /** Wall time at the end of the last window, in ms: only to tell whether samples were lost. */
  readonly wallMs: number;
  /** RMS of full scale, a window each. */
  readonly you: Float32Array;
  readonly agent: Float32Array;
}

/** Name under which the audio thread's part is registered. */
export const LEVEL_PROCESSOR = 'turnwise-levels';

/** Its inputs. */
export const YOU_INPUT = 0;
export const AGENT_INPUT = 1;
