/** How one speaker pauses, learnt in the call: who pauses long in mid-sentence is given longer, and so is who was cut short. */

export interface SpeakerHabits {
  /** This speaker's own pauses within turns, in ms, the latest last. */
  readonly pausesMs: readonly number[];
  /** Patience owed for premature responses, in ms. */
  readonly patienceMs: number;
}

export const UNKNOWN_SPEAKER: SpeakerHabits = Object.freeze({ pausesMs: [], patienceMs: 0 });

/** Pauses remembered. */
const KEPT = 16;
/** Pauses below say nothing: closures of plosives, in ms. */
const SHORTEST_MS = 150;
/** Pauses from which a habit is believed. */
const ENOUGH = 3;
/** The 80th percentile of pauses within turns in the recordings that the weights were fitted on, in ms. */
const USUAL_MS = 300;
/** How much of what a speaker's pauses are longer than usual is waited for. */
const SHARE = 0.5;
const MOST_MS = 300;
/** What a premature response adds to every wait of this speaker, and a turn that was none takes back, in ms. */
const ADDED_MS = 200;
const TAKEN_BACK_MS = 25;
const MOST_PATIENT_MS = 600;

/** @param pauseMs - Silence in the middle of a turn, after which this speaker went on. */
export function notePause(speaker: SpeakerHabits, pauseMs: number): SpeakerHabits {
  if (!(pauseMs >= SHORTEST_MS && Number.isFinite(pauseMs))) return speaker;
  return { ...speaker, pausesMs: [...speaker.pausesMs.slice(1 - KEPT), pauseMs] };
}

/** Takes in how a turn ended: cut short by a premature response, or rightly. */
export function noteTurn(speaker: SpeakerHabits, wasPremature: boolean): SpeakerHabits {
  const changedMs = speaker.patienceMs + (wasPremature ? ADDED_MS : -TAKEN_BACK_MS);
  return { ...speaker, patienceMs: Math.min(MOST_PATIENT_MS, Math.max(0, changedMs)) };
}

/** What this speaker's own pauses add to a wait, in ms; negative for one who hardly pauses. */
export function habitMs({ pausesMs }: SpeakerHabits): number {
  if (pausesMs.length < ENOUGH) return 0;
  const sorted = [...pausesMs].sort((a, b) => a - b);
  const longMs = sorted[Math.floor(sorted.length * 0.8)] ?? USUAL_MS;
  return Math.min(MOST_MS, Math.max(-MOST_MS / 4, (longMs - USUAL_MS) * SHARE));
}
