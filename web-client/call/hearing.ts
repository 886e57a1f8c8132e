/** What lies between the agent's own figure of a turn and what was heard of it, for people. */
import type { HeardReport } from '../../wire/turn.js';

export interface Hearing {
  readonly heardMs: number;
  /** The way to the ear in parts that add up to what was heard later; the last one is what nothing accounts for. */
  readonly way: ReadonlyArray<{ readonly label: string; readonly durationMs: number }>;
  /** From there to the loudspeaker: comes on top of what was heard. */
  readonly playoutMs?: number;
}

export function hearingOf({ heardResponseMs, ...way }: HeardReport, responseMs: number): Hearing {
  const { roundTripMs, jitterBufferMs, playoutMs } = way;
  const known = [
    ...(roundTripMs === undefined ? [] : [{ label: 'network', durationMs: Math.round(roundTripMs) }]),
    ...(jitterBufferMs === undefined ? [] : [{ label: 'jitter buffer', durationMs: Math.round(jitterBufferMs) }]),
  ];
  const heardMs = Math.round(heardResponseMs);
  const laterMs = heardMs - Math.round(responseMs);
  const restMs = laterMs - known.reduce((sum, { durationMs }) => sum + durationMs, 0);
  return {
    heardMs,
    way: [...known, { label: 'the rest', durationMs: restMs }],
    ...(playoutMs !== undefined && { playoutMs: Math.round(playoutMs) }),
  };
}

/** One sentence: what the ear waited, and for what beyond the agent's own time. */
export function explainHearing({ heardMs, way, playoutMs }: Hearing): string {
  const parts = way.map(({ label, durationMs }) => `${label} ${signed(durationMs)}`);
  const then = playoutMs === undefined ? '' : `; then to the loudspeaker ${playoutMs}`;
  return `Heard after ${heardMs} ms: on the way ${parts.join(', ')}${then}`;
}

function signed(ms: number): string {
  return ms < 0 ? `−${-ms}` : String(ms);
}
