import type { llm, voice } from '@livekit/agents';
import { currentSpeech } from './current-speech.js';
import type { Turn } from './turn.js';

/**
 * How long the turn of a reply that was cut stays open behind its end, in ms: what was heard of it comes into the conversation
 * only when the framework has waited for all that said it (agent_activity.js:2767 of 1.8.1), some milliseconds later.
 */
const HEARD_WITHIN_MS = 200;

/** Which turn each reply of the framework's answers, and which replies are on their way. */
export class Replies {
  readonly #latest: () => Turn | undefined;
  readonly #onChange: () => void;
  readonly #turnOfReply = new WeakMap<voice.SpeechHandle, Turn>();
  readonly #open = new Set<voice.SpeechHandle>();

  /** @param latest - The turn that was opened last. @param onChange - A reply has begun, or one is done. */
  constructor(latest: () => Turn | undefined, onChange: () => void) {
    this.#latest = latest;
    this.#onChange = onChange;
  }

  /** Whether a reply is on its way or being spoken. */
  get isAnyOpen(): boolean {
    return this.#open.size > 0;
  }

  /** The turn that the calling code answers; outside of a reply, the latest. */
  currentTurn(): Turn | undefined {
    const speech = currentSpeech();
    return (speech && this.#turnOfReply.get(speech)) ?? this.#latest();
  }

  /** Ties a reply to its turn until it is done. */
  follow(reply: voice.SpeechHandle): void {
    const turn = this.currentTurn();
    if (turn === undefined) return;
    this.#turnOfReply.set(reply, turn);
    this.#open.add(reply);
    turn.beginReply();
    this.#onChange();
    reply.addDoneCallback(() => {
      this.#open.delete(reply);
      for (const item of reply.chatItems) turn.itemIds.add(item.id);
      if (reply.interrupted) setTimeout(() => turn.endReply(), HEARD_WITHIN_MS).unref();
      else turn.endReply();
      this.#onChange();
    });
  }

  /** A message has come into the conversation: it belongs to the turn that the calling code answers. */
  noteMessage(message: llm.ChatMessage): void {
    const turn = this.currentTurn();
    turn?.itemIds.add(message.id);
    if (message.role === 'assistant') turn?.addReply(message.textContent ?? '');
  }

  /** All replies that are on their way are cut. @param mayContinue - By what may go on with the turn that they answer. */
  markInterrupted(mayContinue: boolean): void {
    for (const reply of this.#open) this.#turnOfReply.get(reply)?.markInterrupted(mayContinue);
  }
}
