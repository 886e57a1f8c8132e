import type { OverlapName, TurnOutcome } from '../../wire/turn.js';
import { type Answerers, counts, type Named, replaces } from '../turn/answered-by.js';
import type { TurnTimeline } from '../turn/timeline.js';
import type { WaitRecord } from '../turn/wait.js';
import type { Clock } from './clock.js';

export type Instant = keyof TurnTimeline;

/** How a turn begins. */
export interface TurnOpening {
  /** What the caller was heard to say. */
  readonly said: string;
  /** 0 to 1, of the words that started the turn; 1 for typed text, and for words that the caller has confirmed. */
  readonly confidence: number;
  readonly timeline: TurnTimeline;
  /** Whose words `said` are; absent where no recogniser's. */
  readonly heardBy?: Named | undefined;
  /** Why its end was waited for as long as it was. */
  readonly waiting?: WaitRecord | undefined;
  /** The turn that `said` begins with the words of, and that this one supersedes. */
  readonly continued?: Turn | undefined;
}

export interface TurnEvents {
  /** The first frame of a reply was given to the room. */
  readonly onSounded: (turn: Turn) => void;
  readonly onDone: (turn: Turn) => void;
}

/** One turn of the caller's and the replies to it. It is open until the last reply is done. */
export class Turn {
  /** Counts from 1 within a call; the greeting is 0. */
  readonly id: number;
  readonly said: string;
  /** What the language model is told that was said: other words than `said` where the caller has confirmed earlier ones. */
  told: string;
  readonly confidence: number;
  readonly waiting: WaitRecord | undefined;
  readonly continued: Turn | undefined;
  /** Ids of the conversation's items that belong to it: its message, the replies, the calls of tools. */
  readonly itemIds = new Set<string>();
  readonly #clock: Clock;
  readonly #events: TurnEvents;
  readonly #timeline: { -readonly [Name in Instant]?: number | undefined };
  readonly #answerers: { -readonly [Leg in keyof Answerers]: Answerers[Leg] };
  readonly #reply: string[] = [];
  readonly #overlaps: Partial<Record<OverlapName, number>> = {};
  #supersededBy: number | undefined;
  #wasInterrupted = false;
  #mayBeSuperseded = false;
  #wasSpeculated = false;
  #changedSomething = false;
  #replies = 0;
  #isDone = false;

  constructor(id: number, opening: TurnOpening, clock: Clock, events: TurnEvents) {
    this.id = id;
    this.said = opening.said;
    this.told = opening.said;
    this.confidence = opening.confidence;
    this.waiting = opening.waiting;
    this.continued = opening.continued;
    this.#timeline = { ...opening.timeline };
    this.#answerers = opening.heardBy === undefined ? {} : { stt: opening.heardBy };
    this.#clock = clock;
    this.#events = events;
  }

  get timeline(): TurnTimeline {
    return this.#timeline;
  }

  /** What was said in reply, as far as it was played. */
  get reply(): string {
    return this.#reply.join(' ');
  }

  get outcome(): TurnOutcome {
    if (this.#wasInterrupted) return 'interrupted';
    return this.#timeline.playoutStartedAtMs === undefined ? 'unanswered' : 'answered';
  }

  get hasReplies(): boolean {
    return this.#replies > 0;
  }

  /** The turn that goes on with its words. */
  get supersededBy(): number | undefined {
    return this.#supersededBy;
  }

  /** What cut the replies to it may turn out to be its second half: nobody knows before that is over. */
  get mayBeSuperseded(): boolean {
    return this.#mayBeSuperseded;
  }

  /** Whether tools may still change something because of its words: not once the caller has spoken into what came of them. */
  get mayChange(): boolean {
    return !this.#wasInterrupted && this.#supersededBy === undefined;
  }

  /** Whether a tool that changes something has begun to run on its words. */
  get changedSomething(): boolean {
    return this.#changedSomething;
  }

  /** Speech over its replies, by what it was judged to be. */
  get overlaps(): Readonly<Partial<Record<OverlapName, number>>> {
    return this.#overlaps;
  }

  /** Whether its reply was begun before it was over. */
  get wasSpeculated(): boolean {
    return this.#wasSpeculated;
  }

  markSpeculated(): void {
    this.#wasSpeculated = true;
  }

  /** Notes that something happened; mostly the first time counts. @param atMs - Default: now. */
  mark(instant: Instant, atMs: number = this.#clock.nowMs()): void {
    const timeline = this.#timeline;
    const isFirst = timeline[instant] === undefined;
    if (counts(instant, timeline)) timeline[instant] = atMs;
    if (isFirst && instant === 'playoutStartedAtMs') this.#events.onSounded(this);
  }

  /** Who answered in it, as far as anybody has. */
  get answerers(): Answerers {
    return this.#answerers;
  }

  /** Notes whose answer, or whose voice, is said; to be told before the first of it is marked. */
  noteAnswerer(leg: 'llm' | 'tts', { provider, model }: Named): void {
    if (replaces(leg, this.#answerers, this.#timeline)) this.#answerers[leg] = { provider, model };
  }

  addReply(text: string): void {
    if (text !== '') this.#reply.push(text);
  }

  addOverlap(verdict: OverlapName): void {
    this.#overlaps[verdict] = (this.#overlaps[verdict] ?? 0) + 1;
  }

  /** @param mayContinue - What interrupts it began soon enough to go on with its words (`turn/listener.ts`). */
  markInterrupted(mayContinue = false): void {
    this.#wasInterrupted = true;
    this.#mayBeSuperseded ||= mayContinue;
  }

  markChange(): void {
    this.#changedSomething = true;
  }

  /** Another turn goes on where this one was answered too soon. */
  supersede(by: number): void {
    this.#supersededBy = by;
    this.#wasInterrupted = true;
  }

  /** A reply to this turn is on its way; the turn stays open until the last of them is done. */
  beginReply(): void {
    this.#replies += 1;
  }

  endReply(): void {
    this.#replies -= 1;
    if (this.#replies <= 0) this.close();
  }

  /** Nothing more comes. Only the first call counts. */
  close(): void {
    if (this.#isDone) return;
    this.#isDone = true;
    this.#events.onDone(this);
  }
}
