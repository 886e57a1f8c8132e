/**
 * One utterance: text goes in, its sound comes out, whatever happens to sockets and providers meanwhile. Attempts run one
 * after the other, or two at once while neither has sounded; what a broken one has said whole is not said again.
 */
import type { Clock } from '../conversation/clock.js';
import { LOOK_AGAIN_MS } from '../resilience/hedge-budget.js';
import type { ResilienceSwitches } from '../resilience/switches.js';
import type { AnsweredBy } from '../turn/answered-by.js';
import type { Emotion, EmotionOf } from '../turn/emotion.js';
import { VOICE_RATE_HZ } from './cartesia-messages.js';
import { CartesiaError, type VoiceFailureKind } from './cartesia-socket.js';
import { type AttemptEvents, VoiceAttempt } from './voice-attempt.js';
import { chooseProvider } from './voice-choice.js';
import { isLasting, isOfTheRequest, type VoiceProvider } from './voice-provider.js';
import { VoiceQueue } from './voice-queue.js';
import { isSpeakable } from './voice-resume.js';
import type { VoiceChunk } from './voice-sound.js';
import { firstByteDue, isForgotten, stallDueAtMs } from './voice-timing.js';

/** No provider could speak the text, or not to its end. What came before it is good. */
export class VoiceError extends Error {
  readonly code = 'VOICE_FAILED';
  readonly retryable = false;
  /** How many characters of the text have sounded, whole words only; in doubt too few. */
  readonly soundedCharacters: number;

  constructor(message: string, options: { readonly soundedCharacters: number; readonly cause: Error | undefined }) {
    super(message, { cause: options.cause });
    this.soundedCharacters = options.soundedCharacters;
  }
}

/** Reasons for an attempt, for what is counted. */
export type AttemptReason = 'first' | 'hedge' | 'failover' | 'continuation';

/** What comes of an utterance, each once an attempt at most: its first byte, and the first sample that can be heard. */
export type VoiceSign = 'byte' | 'audible';

/** What one utterance needs of the voice it belongs to. */
export interface UtteranceHost {
  readonly providers: readonly VoiceProvider[];
  readonly switches: ResilienceSwitches;
  readonly trimsSilence: boolean;
  readonly emotionOf: EmotionOf;
  readonly clock: Clock;
  readonly mayHedge: () => boolean;
  readonly onAttempt: (provider: VoiceProvider, reason: AttemptReason, isReady: boolean) => void;
  readonly onHedged: (winner: 'first' | 'second' | 'none') => void;
  readonly onSent: (provider: VoiceProvider, characters: number) => void;
  readonly onSign: (sign: VoiceSign, of: AnsweredBy) => void;
  readonly onError: (provider: VoiceProvider, error: CartesiaError) => void;
  readonly onOver: (utterance: VoiceUtterance) => void;
}

/** Attempts of one utterance, hedges included: a reply that needs more is not worth its price. */
const MAX_ATTEMPTS = 12;
/** Sound of one utterance at most, in ms: no text of a conversation is longer. */
const MAX_SOUND_MS = 600_000;
const SAMPLES_PER_MS = VOICE_RATE_HZ / 1_000;
/** Failures after which the socket itself is not trusted any more. */
const SUSPICIOUS: ReadonlySet<VoiceFailureKind> = new Set(['timeout', 'stalled', 'protocol']);

export class VoiceUtterance {
  readonly chunks: AsyncIterable<VoiceChunk>;
  readonly #host: UtteranceHost;
  readonly #queue: VoiceQueue;
  readonly #events: AttemptEvents;
  readonly #failures: number[];
  readonly #stalls: number[];
  #isSpeculative: boolean;
  #text = '';
  /** Chosen by the first piece of the text, and kept: whatever speaks a later part sounds like what spoke the first. */
  #emotion: Emotion | undefined;
  #isEnded = false;
  #isOver = false;
  /** Where in the text the next attempt begins. */
  #from = 0;
  #running: VoiceAttempt[] = [];
  /** The one whose sound is given on. */
  #voiced: VoiceAttempt | undefined;
  #attempts = 0;
  #isHedged = false;
  /** When a second request is thought of again: where the budget had none, soon; where there is nobody to send it to, never. */
  #hedgeNotBeforeMs = 0;
  #timer: NodeJS.Timeout | undefined;
  #charactersSent = 0;
  /** Sound given on by attempts that are over, in ms. */
  #soundedMs = 0;
  #playsUntilMs = 0;

  constructor(host: UtteranceHost, isSpeculative: boolean) {
    this.#host = host;
    this.#isSpeculative = isSpeculative;
    this.#failures = host.providers.map(() => 0);
    this.#stalls = host.providers.map(() => 0);
    this.#queue = new VoiceQueue(() => this.cancel());
    this.chunks = this.#queue;
    this.#events = {
      onSound: (attempt, samples) => this.#onSound(attempt, samples),
      onDone: (attempt) => this.#onDone(attempt),
      onFailure: (attempt, error) => this.#onFailure(attempt, error),
      onSent: ({ provider }, characters) => {
        this.#charactersSent += characters;
        host.onSent(provider, characters);
      },
    };
  }

  get charactersSent(): number {
    return this.#charactersSent;
  }

  push(text: string): void {
    if (this.#isEnded || this.#isOver || text === '') return;
    this.#leaveForgotten();
    if (this.#text === '') this.#emotion = this.#host.emotionOf(text);
    this.#text += text;
    if (this.#running.length === 0) this.#go(this.#attempts === 0 ? 'first' : 'continuation');
    else for (const attempt of this.#running) attempt.give(text);
    this.#watch();
  }

  end(): void {
    if (this.#isEnded || this.#isOver) return;
    this.#isEnded = true;
    this.#leaveForgotten();
    if (this.#running.length === 0) this.#go('continuation');
    else for (const attempt of this.#running) attempt.end();
    this.#watch();
  }

  adopt(): void {
    this.#isSpeculative = false;
    this.#hedgeNotBeforeMs = 0;
    this.#watch();
  }

  cancel(): void {
    if (this.#isOver) return;
    this.#close();
    this.#queue.clear();
  }

  /** Begins where the text is not said yet; ends the utterance where there is nothing more to say. */
  #go(reason: AttemptReason, cause?: Error): void {
    if (!isSpeakable(this.#text.slice(this.#from))) {
      if (this.#isEnded) this.#finish();
      return;
    }
    const choice = chooseProvider(this.#candidates());
    if (choice === undefined || this.#attempts >= MAX_ATTEMPTS) {
      this.#fail(cause);
      return;
    }
    this.#isHedged = false;
    this.#hedgeNotBeforeMs = 0;
    this.#start(choice, reason);
  }

  #candidates() {
    const { providers, switches } = this.#host;
    return providers.map((provider, index) => ({
      isAllowed: switches.fallback ? provider.isAllowed : index === 0,
      failures: this.#failures[index] ?? 0,
      stalls: this.#stalls[index] ?? 0,
    }));
  }

  #start(index: number, reason: AttemptReason): void {
    const { providers, trimsSilence, clock, onAttempt } = this.#host;
    const provider = providers[index];
    if (provider === undefined) return;
    this.#attempts += 1;
    provider.noteTrial();
    onAttempt(provider, reason, provider.link.isReady);
    const attempt = new VoiceAttempt({
      provider,
      from: this.#from,
      isHedge: reason === 'hedge',
      emotion: this.#emotion,
      trimsSilence,
      clock,
      events: this.#events,
    });
    this.#running.push(attempt);
    attempt.give(this.#text.slice(this.#from));
    if (this.#isEnded) attempt.end();
    this.#watch();
  }

  #onSound(attempt: VoiceAttempt, samples: Int16Array): void {
    if (this.#voiced === undefined) this.#choose(attempt);
    const wasHeard = attempt.sound.isHeard;
    const chunk = attempt.sound.take(samples, this.#soundedMs);
    this.#put(chunk);
    if (!wasHeard && attempt.sound.isHeard) this.#host.onSign('audible', attempt.askedOf);
    if (this.#soundedMs + attempt.sound.emittedMs > MAX_SOUND_MS) {
      attempt.cancel();
      this.#onFailure(attempt, new CartesiaError('protocol', 'The synthesiser did not stop speaking.'));
      return;
    }
    this.#watch();
  }

  /** The first that sounds is the voice; another one is not needed any more. */
  #choose(attempt: VoiceAttempt): void {
    const { clock, onHedged, onSign } = this.#host;
    this.#voiced = attempt;
    onSign('byte', attempt.askedOf);
    attempt.provider.noteSound(clock.nowMs() - attempt.startedAtMs);
    for (const other of this.#running) {
      if (other === attempt) continue;
      other.cancel();
      other.provider.noteCancelled();
    }
    this.#running = [attempt];
    if (this.#isHedged) onHedged(attempt.isHedge ? 'second' : 'first');
  }

  #put(chunk: VoiceChunk | undefined): void {
    if (chunk === undefined) return;
    this.#queue.put(chunk);
    const durationMs = chunk.samples.length / SAMPLES_PER_MS;
    this.#playsUntilMs = Math.max(this.#playsUntilMs, this.#host.clock.nowMs()) + durationMs;
  }

  #onDone(attempt: VoiceAttempt): void {
    // Done means nothing more comes: text whose sound did not come is a failure, silently mute otherwise.
    const from = attempt.soundedUpTo;
    if (attempt !== this.#voiced || isSpeakable(this.#text.slice(from))) {
      this.#onFailure(attempt, new CartesiaError('empty', 'The synthesiser ended without a sound.'), from);
      return;
    }
    this.#leave(attempt, this.#text.length, true);
    if (this.#isEnded) this.#finish();
    else this.#watch();
  }

  /** @param from - Where its text is to be taken up again, if that is known. */
  #onFailure(attempt: VoiceAttempt, error: CartesiaError, from?: number): void {
    const { providers, onError } = this.#host;
    const { provider } = attempt;
    onError(provider, error);
    const isHopeless = isLasting(error.status);
    if (isOfTheRequest(error.status)) provider.noteCancelled();
    else provider.noteFailure();
    const index = providers.indexOf(provider);
    const hasMoved = attempt === this.#voiced && attempt.saidUpTo > this.#from;
    if (error.kind === 'stalled' && hasMoved) this.#stalls[index] = (this.#stalls[index] ?? 0) + 1;
    else if (isHopeless || !attempt.isHedge)
      this.#failures[index] = (this.#failures[index] ?? 0) + (isHopeless ? 2 : 1);
    if (SUSPICIOUS.has(error.kind)) attempt.distrustSocket();
    if (attempt === this.#voiced) this.#leave(attempt, from ?? attempt.saidUpTo, false);
    else this.#running = this.#running.filter((other) => other !== attempt);
    if (this.#running.length > 0) {
      this.#watch();
      return;
    }
    this.#countLostHedge();
    if (this.#host.switches.fallback) this.#go('failover', error);
    else this.#fail(error);
  }

  /** The voice of the moment is over; what follows begins at `from`. */
  #leave(attempt: VoiceAttempt, from: number, isWhole: boolean): void {
    this.#put(isWhole ? attempt.sound.end(this.#soundedMs) : attempt.sound.breakOff(this.#soundedMs));
    this.#soundedMs += attempt.sound.emittedMs;
    this.#from = from;
    this.#voiced = undefined;
    this.#isHedged = false;
    this.#running = [];
    // All was said: what comes now is no attempt to say it again, however slowly the text comes.
    if (isWhole) this.#attempts = 1;
  }

  /** A context in which all is said, for so long that the vendor may have forgotten it, takes no more text. */
  #leaveForgotten(): void {
    const attempt = this.#voiced;
    if (attempt === undefined || !isForgotten(attempt.stirredAtMs, this.#host.clock.nowMs())) return;
    if (!attempt.isPerhapsAllSaid) return;
    attempt.cancel();
    this.#leave(attempt, this.#text.length, true);
  }

  #watch(): void {
    clearTimeout(this.#timer);
    const due = this.#due();
    if (due === undefined) return;
    // Where the process itself was late, what has come meanwhile is read first.
    const look = () => setImmediate(() => this.#look());
    this.#timer = setTimeout(look, Math.max(0, due.atMs - this.#host.clock.nowMs()));
  }

  #look(): void {
    const due = this.#due();
    if (due !== undefined && due.atMs <= this.#host.clock.nowMs()) due.act();
    else this.#watch();
  }

  #due(): { readonly atMs: number; readonly act: () => void } | undefined {
    const { switches } = this.#host;
    const latest = this.#running.at(-1);
    if (this.#isOver || latest === undefined) return undefined;
    if (this.#voiced !== undefined) {
      // Who may not ask again gains nothing from giving up, unless there is nothing more to come.
      const hasDeadline = switches.deadlines && (switches.fallback || this.#isSaid(this.#voiced));
      const atMs = stallDueAtMs(this.#voiced.stirredAtMs, this.#playsUntilMs, hasDeadline);
      return { atMs, act: () => this.#onQuiet() };
    }
    const { atMs, action } = firstByteDue({
      askedAtMs: latest.startedAtMs,
      deadlineMs: latest.provider.deadlineMs,
      hasDeadline: switches.deadlines,
      mayAskAgain: switches.fallback,
      mayHedge: switches.hedging && !this.#isSpeculative && !this.#isHedged,
      hedgeNotBeforeMs: this.#hedgeNotBeforeMs,
    });
    return { atMs, act: () => (action === 'hedge' ? this.#hedge(latest) : this.#giveUp()) };
  }

  #hedge(late: VoiceAttempt): void {
    const { providers, mayHedge, clock } = this.#host;
    const busy = providers.indexOf(late.provider);
    const choice = this.#attempts < MAX_ATTEMPTS ? chooseProvider(this.#candidates(), busy) : undefined;
    if (choice === undefined || !mayHedge()) {
      this.#hedgeNotBeforeMs = choice === undefined ? Number.POSITIVE_INFINITY : clock.nowMs() + LOOK_AGAIN_MS;
      this.#watch();
      return;
    }
    if (choice === busy) late.distrustSocket();
    this.#isHedged = true;
    this.#start(choice, 'hedge');
  }

  #giveUp(): void {
    for (const attempt of [...this.#running]) {
      attempt.cancel();
      this.#onFailure(attempt, new CartesiaError('timeout', 'The synthesiser sent no sound in time.'));
    }
  }

  /** Nothing came for long: either all was said, or the synthesiser is stuck. */
  #onQuiet(): void {
    const attempt = this.#voiced;
    if (attempt === undefined) return;
    if (!this.#isSaid(attempt)) {
      attempt.cancel();
      this.#onFailure(attempt, new CartesiaError('stalled', 'The synthesiser stopped in the middle of the text.'));
    } else if (this.#isEnded) {
      attempt.cancel();
      this.#leave(attempt, this.#text.length, true);
      this.#finish();
    }
  }

  /** Once the text is complete its end is told; before, the text itself may be what pauses. */
  #isSaid(attempt: VoiceAttempt): boolean {
    return this.#isEnded ? attempt.isAllSaid : attempt.isPerhapsAllSaid;
  }

  #finish(): void {
    this.#close();
    this.#queue.end();
  }

  #fail(cause?: Error): void {
    this.#close();
    this.#queue.end(new VoiceError('No synthesiser could speak the text.', { soundedCharacters: this.#from, cause }));
  }

  /** Nothing came of a second request, or it was cancelled before either sounded: it was sent and paid for all the same. */
  #countLostHedge(): void {
    if (this.#isHedged && this.#voiced === undefined) this.#host.onHedged('none');
    this.#isHedged = false;
  }

  #close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#countLostHedge();
    for (const attempt of this.#running) {
      attempt.cancel();
      if (attempt !== this.#voiced) attempt.provider.noteCancelled();
    }
    this.#running = [];
    this.#voiced = undefined;
    this.#host.onOver(this);
  }
}
