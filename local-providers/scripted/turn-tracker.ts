import { isHeard, locate, type Place } from './aligner.js';
import { NoiseFloor } from './noise-floor.js';
import type { ReceivedFrames } from './received.js';
import type { CallScript } from './script-store.js';
import type { Template, TemplateWord } from './template.js';

/** Speech or not while no utterance is expected, in dBFS. */
const IDLE_GATE_DBFS = -50;
/** Voiced frames in a row that begin an utterance: one alone is a click. */
const ONSET_FRAMES = 2;
/** Quiet after the end of an utterance before the next may begin, in frames. */
const QUIET_FRAMES = 10;
/** An utterance whose end is this far back is over whatever the line sounds like, in frames. */
const OVERDUE_FRAMES = 50;
/** Quiet that ends sound for which nothing is scripted, in frames. */
const IDLE_QUIET_FRAMES = 30;
/** The place is looked for again this often while it is not settled, in frames. */
const LOCATE_EVERY_FRAMES = 5;
/** With this much evidence a new stream decides whether it hears the end of the turn before. */
const REPLAY_EVIDENCE_FRAMES = 30;
const REPLAY_MARGIN = 0.1;

/** A scripted word whose sound has arrived, as frame numbers of what was received. */
export interface ArrivedWord {
  readonly word: TemplateWord;
  readonly startFrame: number;
  /** Frame after the labelled end; may not have arrived yet, when the word's last frames are silent. */
  readonly endFrame: number;
  /** Frame after the last voiced one. */
  readonly soundEndFrame: number;
  /** Whether enough of the word's own sound is there, judged now. */
  isHeard(): boolean;
}

/** Follows a caller through the scripted turns by the sound that arrives. */
export class TurnTracker {
  readonly #received: ReceivedFrames;
  readonly #scriptOf: () => CallScript;
  readonly #floor = new NoiseFloor();
  #script: CallScript;
  #turn: number;
  #onset: number | undefined;
  #place: Place | undefined;
  #nextWord = 0;
  /** A word of the turn was heard; from then on no pause, however long, makes it another sound. */
  #hasWord = false;
  #voicedRun = 0;
  #lastVoiced = Number.NEGATIVE_INFINITY;
  /** Words of turns already over that nobody has taken yet. */
  readonly #left: ArrivedWord[] = [];
  /** Until a turn has ended here, audio may be a replay of what another stream of the call heard. */
  #mayBeReplay: boolean;

  constructor(received: ReceivedFrames, scriptOf: () => CallScript) {
    this.#received = received;
    this.#scriptOf = scriptOf;
    this.#script = scriptOf();
    this.#turn = this.#script.turnsHeard;
    this.#mayBeReplay = this.#turn > 0;
  }

  /** The last voiced frame's number; minus infinity before the first. */
  get lastVoiced(): number {
    return this.#lastVoiced;
  }

  /** Voiced frames in a row up to now. */
  get voicedRun(): number {
    return this.#voicedRun;
  }

  /** Takes note of the frame just received. */
  step(frame: number): void {
    this.#followScript();
    const template = this.#template;
    const levelDbfs = this.#received.levelAt(frame);
    const gateDbfs = this.#floor.raise(template?.gateDbfs ?? IDLE_GATE_DBFS);
    const isVoiced = levelDbfs > gateDbfs;
    this.#floor.note(levelDbfs);
    this.#voicedRun = isVoiced ? this.#voicedRun + 1 : 0;
    if (isVoiced) this.#lastVoiced = frame;
    if (this.#onset === undefined && this.#voicedRun >= ONSET_FRAMES) this.#onset = frame - this.#voicedRun + 1;
    if (this.#onset === undefined) return;
    const age = frame - this.#onset + 1;
    if (template !== undefined && (this.#place === undefined || age % LOCATE_EVERY_FRAMES === 0)) {
      this.#place = locate(this.#received, this.#onset, template, gateDbfs, this.#place);
      if (age === REPLAY_EVIDENCE_FRAMES && this.#mayBeReplay) this.#tryTurnBefore(this.#onset, this.#place);
    } else if (template === undefined && age === REPLAY_EVIDENCE_FRAMES && this.#mayBeReplay) {
      this.#tryTurnBefore(this.#onset, undefined);
    }
    if (this.#isNoise(frame)) this.#forgetSound();
    else if (this.#isOver(frame)) this.#endTurn();
  }

  /** Takes note of silence put in before `frame`: what came after it has moved. */
  shift(frame: number, count: number): void {
    if (this.#lastVoiced >= frame) this.#lastVoiced += count;
    if (this.#onset === undefined) return;
    if (this.#onset >= frame) {
      this.#onset += count;
      if (this.#place !== undefined) this.#place = { ...this.#place, offset: this.#place.offset + count };
      return;
    }
    // The utterance went on, or ended unheard, while nothing was sent.
    const endFrame = this.#endFrame;
    if (endFrame === undefined || endFrame > frame + count) return;
    this.#endTurn();
    this.#voicedRun = 0;
    for (let moved = frame + count; moved < this.#received.end; moved += 1) this.step(moved);
  }

  /** The next word, if its sound has arrived. */
  peekWord(): ArrivedWord | undefined {
    const [left] = this.#left;
    if (left !== undefined) return left;
    if (!this.#isLike) return undefined;
    const word = this.#wordAt(this.#nextWord);
    return word !== undefined && word.soundEndFrame <= this.#received.end ? word : undefined;
  }

  /** Takes the word that {@link peekWord} gave. @returns whether it was heard. */
  takeWord(): boolean {
    const left = this.#left.shift();
    if (left !== undefined) return left.isHeard();
    const isHeard = this.#wordAt(this.#nextWord)?.isHeard() ?? false;
    this.#nextWord += 1;
    if (isHeard) this.#hasWord = true;
    return isHeard;
  }

  get #template(): Template | undefined {
    return this.#script.turns[this.#turn];
  }

  /** Frame after the expected end of the utterance. */
  get #endFrame(): number | undefined {
    const template = this.#template;
    if (template === undefined || this.#place === undefined) return undefined;
    return this.#place.offset + Math.max(template.lastVoiced + 1, template.words.at(-1)?.endFrame ?? 0);
  }

  #followScript(): void {
    const script = this.#scriptOf();
    if (script === this.#script) return;
    this.#script = script;
    this.#turn = script.turnsHeard;
    this.#forgetSound();
    this.#mayBeReplay = this.#turn > 0;
  }

  /** Whether what is heard is the utterance expected: like it, or known by a word already. Without a template anything is. */
  get #isLike(): boolean {
    return this.#template === undefined || this.#hasWord || this.#place?.isLike === true;
  }

  /** Whether the sound is over and was none of the utterance, which is still to come then. */
  #isNoise(frame: number): boolean {
    return !this.#isLike && frame - this.#lastVoiced >= IDLE_QUIET_FRAMES;
  }

  #forgetSound(): void {
    this.#onset = undefined;
    this.#place = undefined;
    this.#nextWord = 0;
    this.#hasWord = false;
  }

  #isOver(frame: number): boolean {
    if (!this.#isLike) return false;
    const quietFrames = frame - this.#lastVoiced;
    const endFrame = this.#endFrame;
    if (endFrame === undefined) return quietFrames >= IDLE_QUIET_FRAMES;
    return (frame >= endFrame + QUIET_FRAMES && quietFrames >= QUIET_FRAMES) || frame >= endFrame + OVERDUE_FRAMES;
  }

  #endTurn(): void {
    for (;;) {
      const word = this.#wordAt(this.#nextWord);
      if (word === undefined) break;
      this.#left.push(word);
      this.#nextWord += 1;
    }
    if (this.#turn < this.#script.turns.length) {
      this.#turn += 1;
      this.#script.turnsHeard = Math.max(this.#script.turnsHeard, this.#turn);
    }
    this.#forgetSound();
    this.#mayBeReplay = false;
  }

  /** @param place - Where the expected utterance would be; `undefined` behind the last one. */
  #tryTurnBefore(onset: number, place: Place | undefined): void {
    const before = this.#script.turns[this.#turn - 1];
    if (before === undefined) return;
    const there = locate(this.#received, onset, before, this.#floor.raise(before.gateDbfs), undefined);
    const isReplay = place === undefined ? there.isLike : there.likeness >= place.likeness + REPLAY_MARGIN;
    if (!isReplay) return;
    this.#turn -= 1;
    this.#place = there;
    this.#nextWord = 0;
  }

  #wordAt(index: number): ArrivedWord | undefined {
    const template = this.#template;
    const offset = this.#place?.offset;
    const word = template?.words[index];
    if (template === undefined || offset === undefined || word === undefined) return undefined;
    const received = this.#received;
    let soundEnd = word.endFrame;
    while (soundEnd > word.startFrame + 1 && (template.levels[soundEnd - 1] ?? 0) <= 0) soundEnd -= 1;
    return {
      word,
      startFrame: word.startFrame + offset,
      endFrame: word.endFrame + offset,
      soundEndFrame: soundEnd + offset,
      isHeard: () => isHeard(received, template, offset, word),
    };
  }
}
