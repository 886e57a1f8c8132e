import type { ReceivedFrames } from './received.js';
import { levelOverGate, type Template, type TemplateWord } from './template.js';

/** Evidence is looked at over this many frames at most: 3 s tell any two places of an utterance apart. */
const WINDOW_FRAMES = 300;
/** Silence before the onset is evidence too. */
const LEAD_FRAMES = 10;
/** Less evidence than this cannot outvote the onset, in frames. */
const MIN_EVIDENCE_FRAMES = 15;
/** With this much evidence and likeness a place is settled. */
const SETTLED_FRAMES = 100;
const SETTLED_LIKENESS = 0.7;
/** Advantage of the place that the onset suggests, and what another place must win by. */
const ONSET_BONUS = 0.1;
const SWITCH_MARGIN = 0.05;
/** The onset is known no better than this, in frames: encoders smear it. */
const ONSET_TOLERANCE_FRAMES = 4;

/** An utterance that seems to lack its beginning must be this much like the rest of it: a bang is like any short word. */
const INNER_LIKENESS = 0.5;

export interface Place {
  /** Number of the received frame on which the template's first frame lies. */
  readonly offset: number;
  readonly likeness: number;
  readonly isSettled: boolean;
  /** Whether what is heard is like the utterance, and not some other sound. */
  readonly isLike: boolean;
}

/**
 * Likeness of what arrived to the template laid at `offset`: the sum of the smaller levels over the sum of the larger ones
 * (Ruzicka), from 0 to 1. Missing sound lowers it everywhere alike, so that the true place still wins.
 */
function likenessAt(heard: readonly number[], first: number, template: Template, offset: number): number {
  let smaller = 0;
  let larger = 0;
  for (const [index, level] of heard.entries()) {
    const expected = template.levels[first + index - offset] ?? 0;
    smaller += Math.min(level, expected);
    larger += Math.max(level, expected);
  }
  return larger === 0 ? 0 : smaller / larger;
}

/**
 * Finds where an utterance lies in what arrived. The first voiced frame suggests the beginning; as evidence grows, the
 * place most like the recording's envelope wins, so that an utterance whose beginning is missing is found as well.
 * @param onset - Number of the first voiced frame. @param gateDbfs - Level above which a received frame is voiced.
 * @param current - The place believed so far.
 */
export function locate(
  received: ReceivedFrames,
  onset: number,
  template: Template,
  gateDbfs: number,
  current: Place | undefined,
): Place {
  const suggested = onset - template.firstVoiced;
  const known = current ?? { offset: suggested, likeness: 0, isSettled: false, isLike: false };
  const evidence = received.end - onset;
  if (known.isSettled || evidence < MIN_EVIDENCE_FRAMES) return known;
  const first = Math.max(received.start, onset - LEAD_FRAMES, received.end - WINDOW_FRAMES);
  const heard = Array.from({ length: received.end - first }, (_, index) =>
    levelOverGate(received.levelAt(first + index), gateDbfs),
  );
  const score = (offset: number): number =>
    likenessAt(heard, first, template, offset) +
    (Math.abs(offset - suggested) <= ONSET_TOLERANCE_FRAMES ? ONSET_BONUS : 0);
  let best = { offset: known.offset, score: score(known.offset) + SWITCH_MARGIN };
  for (let offset = Math.max(onset, first) - template.lastVoiced; offset <= received.end; offset += 1) {
    const candidate = score(offset);
    if (candidate > best.score) best = { offset, score: candidate };
  }
  best = refine(best.offset, score);
  const likeness = likenessAt(heard, first, template, best.offset);
  const isAtStart = onset - best.offset < (template.words[0]?.endFrame ?? Number.POSITIVE_INFINITY);
  return {
    offset: best.offset,
    likeness,
    isSettled: evidence >= SETTLED_FRAMES && likeness >= SETTLED_LIKENESS,
    isLike: likeness >= (isAtStart ? template.neededLikeness : Math.max(template.neededLikeness, INNER_LIKENESS)),
  };
}

/** The margin keeps the belief from jumping between far places, not from improving by a frame or two. */
function refine(offset: number, score: (offset: number) => number): { offset: number; score: number } {
  let best = { offset, score: score(offset) };
  for (let near = offset - 3; near <= offset + 3; near += 1) {
    const candidate = score(near);
    if (candidate > best.score) best = { offset: near, score: candidate };
  }
  return best;
}

/** A frame this much below the gate still proves sound: a line's gain changes, and a mute is far below. */
const PROOF_TOLERANCE_DB = 6;

/** Whether a word's sound is there: enough of the frames that are voiced in the recording are voiced on arrival. */
export function isHeard(received: ReceivedFrames, template: Template, offset: number, word: TemplateWord): boolean {
  let expected = 0;
  let heard = 0;
  for (let frame = word.proof.startFrame; frame < word.proof.endFrame; frame += 1) {
    if ((template.levels[frame] ?? 0) <= 0) continue;
    expected += 1;
    if (received.levelAt(frame + offset) > template.gateDbfs - PROOF_TOLERANCE_DB) heard += 1;
  }
  return expected > 0 && heard / expected >= template.neededShare;
}
