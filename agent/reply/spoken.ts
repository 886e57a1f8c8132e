/** What is being said, tied to the frames that say it. */
import type { AudioFrame } from '@livekit/rtc-node';
import type { Instant, Turn } from '../conversation/turn.js';
import { type AnsweredBy, type Answerers, counts, replaces, WINNER_INSTANTS } from '../turn/answered-by.js';
import { type Break, heardOf, type SpokenWord } from '../turn/heard-text.js';

/** A word is shown when it begins to sound and not when it is over: so much ahead of its end, in ms, half a second being a long one. */
const SHOWN_AHEAD_MS = 300;

/**
 * One speech of the agent's, growing while it is synthesised; every frame of it carries the same one. It may be made before
 * anybody knows which turn it answers: instants are kept until then.
 */
export class Spoken {
  /** What was given to the synthesiser so far, letter for letter; where its voice broke, no more than what had sounded. */
  text = '';
  readonly words: SpokenWord[] = [];
  /** Sound of an opening before the answer's own, in ms; 0 without one. */
  openingMs = 0;
  readonly #nowMs: () => number;
  #instants: { [Name in Instant]?: number } = {};
  #answerers: { -readonly [Leg in keyof Answerers]: Answerers[Leg] } = {};
  #turn: Turn | undefined;
  #broken: Break | undefined;
  /** See {@link remembered}; `undefined` until it is over. */
  #heard: readonly string[] | 'whole' | undefined;

  /** @param nowMs - The call's clock. */
  constructor(nowMs: () => number, turn?: Turn) {
    this.#nowMs = nowMs;
    this.#turn = turn;
  }

  /** The turn that it answers. */
  get turn(): Turn | undefined {
    return this.#turn;
  }

  get broken(): Break | undefined {
    return this.#broken;
  }

  /** All that is said of it, or was: its text, and what took the place of the rest. */
  get said(): string {
    return partsWithWords(this.text, this.#broken?.instead?.text ?? '').join(' ');
  }

  /** Its voice is broken for good. @param characters - How much of the text has sounded. */
  breakOff(characters: number, broken: Break): void {
    this.text = this.text.slice(0, characters).trimEnd();
    this.#broken = broken;
  }

  /**
   * Its sound is over: played to its end, or cut.
   * @param playedMs - What was played of it, in ms. @param totalMs - What there was.
   * @returns What {@link remembered} tells from now on.
   */
  finish(playedMs: number, totalMs: number, wasCut: boolean): readonly string[] | undefined {
    this.#heard = 'whole';
    if (wasCut || this.#broken !== undefined) {
      const { text, instead } = heardOf(this, playedMs, totalMs);
      this.#heard = partsWithWords(text, instead);
    }
    return this.remembered(wasCut);
  }

  /**
   * What the conversation is to remember of it: what was heard, and what was said in the place of the rest; none of these is
   * empty. `undefined`: its text, all of it.
   * @param wasCut - As the framework says: what was cut before it had any sound was not heard.
   */
  remembered(wasCut: boolean): readonly string[] | undefined {
    if (this.#heard !== undefined) return this.#heard === 'whole' ? undefined : this.#heard;
    return wasCut || this.#broken !== undefined ? [] : undefined;
  }

  /**
   * What the room may read of it while it sounds: the words that were said, and the one that is being said.
   * @param playedMs - Sound that was given to the room, from its very first.
   */
  shownAt(playedMs: number): string {
    // A synthesiser that times no words: who reads is ahead then.
    if (this.words.length === 0 && this.#broken === undefined) return this.text;
    const { text, instead } = heardOf(this, playedMs + SHOWN_AHEAD_MS, Number.POSITIVE_INFINITY);
    return partsWithWords(text, instead).join(' ');
  }

  /** All that was heard of it, once it is over. */
  get shown(): string {
    return this.remembered(false)?.join(' ') ?? this.said;
  }

  /** The call's clock. */
  nowMs(): number {
    return this.#nowMs();
  }

  /** Notes that something happened. @param atMs - Default: now. */
  mark(instant: Instant, atMs: number = this.#nowMs()): void {
    if (this.#turn !== undefined) this.#turn.mark(instant, atMs);
    else if (counts(instant, this.#instants)) this.#instants[instant] = atMs;
  }

  /** Notes whose answer or voice it is, and when that was asked for; to be told before the first of it is marked. */
  noteAnswer(leg: 'llm' | 'tts', by: AnsweredBy): void {
    this.mark(WINNER_INSTANTS[leg], by.askedAtMs);
    if (this.#turn !== undefined) this.#turn.noteAnswerer(leg, by);
    else if (replaces(leg, this.#answerers, this.#instants)) this.#answerers[leg] = by;
  }

  /** It answers this turn: what happened so far happened for it. */
  tie(turn: Turn): void {
    this.#turn = turn;
    const { llm, tts } = this.#answerers;
    if (llm !== undefined) turn.noteAnswerer('llm', llm);
    if (tts !== undefined) turn.noteAnswerer('tts', tts);
    for (const [instant, atMs] of Object.entries(this.#instants)) turn.mark(instant as Instant, atMs);
    this.#instants = {};
    this.#answerers = {};
  }
}

/** Of a text and what was said in the place of its rest, those in which anything is said. */
function partsWithWords(...parts: readonly string[]): string[] {
  return parts.filter((part) => part !== '');
}

const spokenByFrame = new WeakMap<AudioFrame, Spoken>();

/** The speech that a frame belongs to; `undefined` for sound that is not ours. */
export function spokenOf(frame: AudioFrame): Spoken | undefined {
  return spokenByFrame.get(frame);
}

/** Ties a frame to the speech that it is of. */
export function tieFrame(frame: AudioFrame, spoken: Spoken): void {
  spokenByFrame.set(frame, spoken);
}
