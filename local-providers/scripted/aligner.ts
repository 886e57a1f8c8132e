import type { ReceivedFrames } from './received.js';
import { levelOverGate, type Template, type TemplateWord } from './template.js';

/** Evidence is looked at over this many frames at most: 3 s tell any two places of an utterance apart. */
const WINDOW_FRAMES = 300;
/** Silence before the onset is evidence too. */
const LEAD_FRAMES = 10;
/** Less evidence than this cannot outvote the onset, in frames. */
const MIN_EVIDENCE_FRAMES = 15;
/** Levels further apart than this are not alike, in dB: frames of unrelated speech differ by as much on average. */
const NEAR_DB = 8;
/** A line's gain is no more than this either way, in dB. */
const MAX_GAIN_DB = 12;
/** Weight of a frame that should sound and does not, beside 1 for those that sound. */
const MISSING_WEIGHT = 0.25;
/** With this much sound and likeness a place is settled, in voiced frames. */
const SETTLED_FRAMES = 60;
const SETTLED_LIKENESS = 0.6;
/** Advantage of the place that the onset suggests, and what another place must win by. */
const ONSET_BONUS = 0.1;
const SWITCH_MARGIN = 0.05;
/** The onset is known no better than this, in frames: encoders smear it. */
const ONSET_TOLERANCE_FRAMES = 4;

/** What seems to lack its beginning must be at least this long, in voiced frames: a bang is like any short word. */
const INNER_FRAMES = 25;
/** Evidence counts as little up to, and as much from, so many voiced frames. */
const LITTLE_FRAMES = 25;
const MUCH_FRAMES = 100;

export interface Place {
  /** Number of the received frame on which the template's first frame lies. */
  readonly offset: number;
  readonly likeness: number;
  readonly isSettled: boolean;
  /** Whether what is heard is like the utterance, and not some other sound. */
  readonly isLike: boolean;
}

/**
 * Likeness of what arrived to the template laid at `offset`, from 0 to 1: each voiced frame counts by how near its level is
 * to the expected one, after the line's gain (the mean difference) is taken out. Sound that is missing says little, since
 * calls lose sound; sound that should not be there says much, since nothing adds it.
 */
function likenessAt(heard: readonly number[], first: number, template: Template, offset: number): number {
  const { levels } = template;
  const shift = first - offset;
  let voiced = 0;
  let missing = 0;
  let both = 0;
  let difference = 0;
  for (let index = 0; index < heard.length; index += 1) {
    const level = heard[index] ?? 0;
    const expected = levels[index + shift] ?? 0;
    if (level > 0) voiced += 1;
    else if (expected > 0) missing += 1;
    if (level <= 0 || expected <= 0) continue;
    both += 1;
    difference += level - expected;
  }
  if (both === 0) return 0;
  const gainDb = Math.min(MAX_GAIN_DB, Math.max(-MAX_GAIN_DB, difference / both));
  let near = 0;
  for (let index = 0; index < heard.length; index += 1) {
    const level = heard[index] ?? 0;
    const expected = levels[index + shift] ?? 0;
    if (level > 0 && expected > 0) near += Math.max(0, 1 - Math.abs(level - expected - gainDb) / NEAR_DB);
  }
  return near / (voiced + missing * MISSING_WEIGHT);
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
  const voicedFrames = heard.filter((level) => level > 0).length;
  const isAtStart =
    best.offset >= suggested - ONSET_TOLERANCE_FRAMES ||
    onset - best.offset < (template.words[0]?.endFrame ?? Number.POSITIVE_INFINITY);
  return {
    offset: best.offset,
    likeness,
    isSettled: voicedFrames >= SETTLED_FRAMES && likeness >= SETTLED_LIKENESS,
    isLike: likeness >= neededLikeness(template, voicedFrames) && (isAtStart || voicedFrames >= INNER_FRAMES),
  };
}

function neededLikeness({ neededLikeness: { early, late } }: Template, voicedFrames: number): number {
  const share = Math.min(1, Math.max(0, (voicedFrames - LITTLE_FRAMES) / (MUCH_FRAMES - LITTLE_FRAMES)));
  return early + share * (late - early);
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
