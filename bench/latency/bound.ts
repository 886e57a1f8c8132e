/**
 * The least that a worker could take, given its providers and the network: nobody knows the last word before the recogniser
 * shows it, no voice speaks before it has a first clause. Pure.
 */
import { type Latency, PRESETS, type PresetName } from '../../local-providers/scripted/latency.js';

/** Providers' times by their medians, in ms. */
export interface ProviderTimes {
  readonly sttMs: number;
  readonly ttftMs: number;
  readonly perTokenMs: number;
  readonly ttfbMs: number;
}

export interface BoundOf {
  /** From the caller's mouth to another's ear and back, measured in the run. */
  readonly roundTripMs: number;
  /** End of the last labelled word, from the recording's first sample. */
  readonly lastWordEndMs: number;
  /** Last window of 10 ms within 30 dB of the recording's peak. */
  readonly speechEndMs: number;
  readonly firstClauseTokens: number;
}

/**
 * The bound of docs/sources.md. Each token of the first clause counts its pause: that it is over is known when the next one comes.
 * @returns From the last sound of the caller to the first one of the answer, in ms.
 */
export function boundMs(times: ProviderTimes, clip: BoundOf): number {
  const lastWordMs = Math.max(0, clip.lastWordEndMs - clip.speechEndMs + times.sttMs);
  return clip.roundTripMs + lastWordMs + times.ttftMs + clip.firstClauseTokens * times.perTokenMs + times.ttfbMs;
}

export function providerTimes(preset: PresetName): ProviderTimes {
  const { sttLatency, llmTtft, llmPerToken, ttsTtfb } = PRESETS[preset];
  return {
    sttMs: medianMs(sttLatency),
    ttftMs: medianMs(llmTtft),
    perTokenMs: medianMs(llmPerToken),
    ttfbMs: medianMs(ttsTtfb),
  };
}

function medianMs(latency: Latency): number {
  if (latency.kind === 'fixed') return latency.ms;
  if (latency.kind === 'log-normal') return latency.p50Ms;
  const above = latency.points.findIndex(([share]) => share >= 0.5);
  const [right, left] = [latency.points.at(above), latency.points[above - 1]];
  if (right === undefined) return 0;
  if (left === undefined || right[0] === left[0]) return right[1];
  return left[1] + ((0.5 - left[0]) / (right[0] - left[0])) * (right[1] - left[1]);
}
