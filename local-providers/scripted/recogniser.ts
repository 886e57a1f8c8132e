import { Alarm, type Clock } from '../clock.js';
import type { RecognisedWord, Recogniser, RecognitionEvent, RecognitionOptions, RecognitionStream } from '../engine.js';
import { heardAbout } from './draws.js';
import { drawLatencyMs } from './latency.js';
import { FRAME_MS, LevelFramer } from './levels.js';
import { ReceivedFrames } from './received.js';
import type { ScriptStore } from './script-store.js';
import { SkippedSilence } from './skipped-silence.js';
import { type ArrivedWord, TurnTracker } from './turn-tracker.js';

/** Voiced frames in a row that raise `speech-started`. */
const SPEECH_STARTED_FRAMES = 3;

/** Something that ends a segment once every word of its audio has been shown. */
interface Closer {
  readonly kind: 'endpoint' | 'finalize' | 'close';
  /** Audio it covers: frames before this number. */
  frame: number;
  readonly dueAtMs: number;
}

/**
 * Recognises what the script says, at the pace and to the extent of the audio that arrives: a word is shown
 * `sttLatency` after the audio of its labelled end has arrived, and only if its own sound is there; a final leaves at the
 * later of that and `sttFinalizeMs` after `finalize()`.
 */
export class ScriptedRecogniser implements Recogniser {
  readonly info = { name: 'turnwise-scripted', version: '1', arch: 'scripted' };
  readonly #clock: Clock;
  readonly #scripts: ScriptStore;

  constructor(clock: Clock, scripts: ScriptStore) {
    this.#clock = clock;
    this.#scripts = scripts;
  }

  open(options: RecognitionOptions, onEvent: (event: RecognitionEvent) => void): RecognitionStream {
    return new ScriptedRecognition(this.#clock, this.#scripts, options, onEvent);
  }
}

class ScriptedRecognition implements RecognitionStream {
  readonly #clock: Clock;
  readonly #scripts: ScriptStore;
  readonly #options: RecognitionOptions;
  readonly #onEvent: (event: RecognitionEvent) => void;
  readonly #random: () => number;
  readonly #framer: LevelFramer;
  readonly #received = new ReceivedFrames();
  readonly #skipped = new SkippedSilence();
  readonly #tracker: TurnTracker;
  readonly #alarm: Alarm;
  readonly #closers: Closer[] = [];
  readonly #closed: Promise<void>;
  #resolveClosed: () => void = () => undefined;
  #streamMs = 0;
  #words: RecognisedWord[] = [];
  #segmentStartMs = 0;
  #isSpeaking = false;
  #isClosing = false;
  #isEnded = false;
  /** The word waited for and when it may be shown; drawn once for each word. */
  #waiting: { readonly word: ArrivedWord['word']; readonly latencyMs: number } | undefined;
  #lastShownAtMs = Number.NEGATIVE_INFINITY;
  #utteranceEnd: { readonly atFrame: number; readonly lastWordEndMs: number } | undefined;

  constructor(
    clock: Clock,
    scripts: ScriptStore,
    options: RecognitionOptions,
    onEvent: (event: RecognitionEvent) => void,
  ) {
    this.#clock = clock;
    this.#scripts = scripts;
    this.#options = options;
    this.#onEvent = onEvent;
    this.#random = scripts.randomFor(options.callKey);
    this.#framer = new LevelFramer(options.sampleRateHz);
    this.#tracker = new TurnTracker(this.#received, () => scripts.of(options.callKey));
    this.#alarm = new Alarm(clock, () => this.#drain());
    this.#closed = new Promise((resolve) => {
      this.#resolveClosed = resolve;
    });
  }

  write(samples: Int16Array): void {
    if (this.#isClosing) return;
    const nowMs = this.#clock.nowMs();
    const firstFrame = this.#received.end;
    for (const levelDbfs of this.#framer.push(samples)) {
      const frame = this.#received.end;
      this.#streamMs += FRAME_MS;
      this.#received.push({ levelDbfs, arrivedAtMs: nowMs, streamEndMs: this.#streamMs });
      this.#tracker.step(frame);
      this.#listen(frame, nowMs);
    }
    const chunkMs = (samples.length * 1_000) / this.#options.sampleRateHz;
    const skip = this.#skipped.note(nowMs, chunkMs, firstFrame);
    if (skip !== undefined) this.#insertSilence(skip.frame, Math.round(skip.skippedMs / FRAME_MS));
    this.#drain();
  }

  finalize(): void {
    if (this.#isClosing) return;
    const { sttFinalizeMs } = this.#scripts.of(this.#options.callKey).timing;
    this.#close('finalize', this.#received.end, this.#clock.nowMs() + sttFinalizeMs);
    this.#drain();
  }

  close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true;
      this.#close('close', this.#received.end, this.#clock.nowMs());
      this.#drain();
    }
    return this.#closed;
  }

  abort(): void {
    this.#isClosing = true;
    this.#end();
  }

  #end(): void {
    this.#isEnded = true;
    this.#alarm.cancel();
    this.#resolveClosed();
  }

  #insertSilence(frame: number, count: number): void {
    this.#received.insertSilence(frame, count);
    for (const closer of this.#closers) if (closer.frame > frame) closer.frame += count;
    this.#tracker.shift(frame, count);
  }

  /** Speech start and end as the sound itself tells them. */
  #listen(frame: number, nowMs: number): void {
    if (!this.#isSpeaking && this.#tracker.voicedRun >= SPEECH_STARTED_FRAMES) {
      this.#isSpeaking = true;
      this.#onEvent({ kind: 'speech-started', atMs: this.#streamMs - this.#tracker.voicedRun * FRAME_MS });
    }
    const { endpointingMs } = this.#options;
    if (!this.#isSpeaking || endpointingMs === false) return;
    const quietMs = (frame - this.#tracker.lastVoiced) * FRAME_MS;
    if (quietMs < Math.max(FRAME_MS, endpointingMs)) return;
    this.#isSpeaking = false;
    this.#close('endpoint', frame + 1, nowMs);
  }

  #close(kind: Closer['kind'], frame: number, dueAtMs: number): void {
    this.#closers.push({ kind, frame, dueAtMs });
  }

  /** Shows what is due, in order, and sets the alarm for what is next. */
  #drain(): void {
    if (this.#isEnded) return;
    const nowMs = this.#clock.nowMs();
    let isNewWord = false;
    for (;;) {
      const next = this.#tracker.peekWord();
      const shownAtMs = next === undefined ? undefined : this.#shownAtMs(next);
      const [closer] = this.#closers;
      const isBlocked = closer !== undefined && next !== undefined && next.soundEndFrame <= closer.frame;
      if (closer !== undefined && !isBlocked && closer.dueAtMs <= nowMs) {
        this.#closers.shift();
        this.#emitFinal(closer);
        isNewWord = false;
        if (this.#isEnded) return;
        continue;
      }
      if (next !== undefined && shownAtMs !== undefined && shownAtMs <= nowMs) {
        if (this.#take(next, shownAtMs)) isNewWord = true;
        continue;
      }
      this.#alarm.set(earliest(shownAtMs, closer === undefined || isBlocked ? undefined : closer.dueAtMs));
      break;
    }
    if (isNewWord && this.#options.interimResults) {
      this.#onEvent({ kind: 'interim', segment: this.#segment() });
    }
    this.#emitUtteranceEnd();
  }

  #shownAtMs(next: ArrivedWord): number {
    if (this.#waiting?.word !== next.word) {
      const { timing, turns } = this.#scripts.of(this.#options.callKey);
      const random =
        this.#scripts.pairedRandomFor(this.#options.callKey, 'stt', () => heardAbout(next.word, turns)) ?? this.#random;
      this.#waiting = { word: next.word, latencyMs: drawLatencyMs(timing.sttLatency, random) };
    }
    // The labelled end may lie in silence that is yet to arrive; it cannot arrive sooner than its own duration.
    // A word from before the stream began counts as arrived with the first frame, and is lost then.
    const lastFrame = Math.max(this.#received.start, Math.min(next.endFrame, this.#received.end) - 1);
    const missingMs = Math.max(0, next.endFrame - this.#received.end) * FRAME_MS;
    const arrivedAtMs = (this.#received.at(lastFrame)?.arrivedAtMs ?? this.#clock.nowMs()) + missingMs;
    return Math.max(this.#lastShownAtMs, arrivedAtMs + this.#waiting.latencyMs);
  }

  /** @returns whether the word was heard, and so shown. */
  #take(next: ArrivedWord, shownAtMs: number): boolean {
    const isHeard = this.#tracker.takeWord();
    this.#waiting = undefined;
    this.#lastShownAtMs = shownAtMs;
    if (!isHeard) return false;
    const { word, punctuatedWord, confidence } = next.word;
    const endMs = this.#received.at(Math.min(next.endFrame, this.#received.end) - 1)?.streamEndMs ?? this.#streamMs;
    const startMs = (this.#received.at(Math.max(0, next.startFrame))?.streamEndMs ?? endMs) - FRAME_MS;
    this.#words.push({ word, punctuatedWord, confidence, startMs: Math.min(startMs, endMs - FRAME_MS), endMs });
    const { utteranceEndMs } = this.#options;
    if (utteranceEndMs !== undefined) {
      this.#utteranceEnd = { atFrame: next.endFrame + Math.ceil(utteranceEndMs / FRAME_MS), lastWordEndMs: endMs };
    }
    return true;
  }

  #emitFinal({ kind, frame }: Closer): void {
    if (kind !== 'close' || this.#words.length > 0) {
      // What has arrived since, and its words, are the next segment's.
      const closedAtMs = this.#received.at(frame - 1)?.streamEndMs ?? this.#streamMs;
      const endMs = Math.max(this.#segmentStartMs, closedAtMs, this.#words.at(-1)?.endMs ?? 0);
      const segment = this.#segment(endMs);
      this.#words = [];
      this.#segmentStartMs = endMs;
      this.#onEvent({ kind: 'final', segment, speechFinal: kind === 'endpoint', fromFinalize: kind === 'finalize' });
    }
    if (kind === 'close') this.#end();
  }

  #emitUtteranceEnd(): void {
    const due = this.#utteranceEnd;
    if (due === undefined || this.#received.end < due.atFrame || this.#tracker.peekWord() !== undefined) return;
    this.#utteranceEnd = undefined;
    this.#onEvent({ kind: 'utterance-end', lastWordEndMs: due.lastWordEndMs });
  }

  #segment(endMs = this.#streamMs): {
    startMs: number;
    durationMs: number;
    words: readonly RecognisedWord[];
    confidence: number;
  } {
    const words = [...this.#words];
    const confidence =
      words.length === 0 ? 0 : words.reduce((total, word) => total + word.confidence, 0) / words.length;
    return { startMs: this.#segmentStartMs, durationMs: endMs - this.#segmentStartMs, words, confidence };
  }
}

function earliest(...instantsMs: (number | undefined)[]): number | undefined {
  const known = instantsMs.filter((instantMs) => instantMs !== undefined);
  return known.length === 0 ? undefined : Math.min(...known);
}
