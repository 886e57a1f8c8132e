/**
 * The ear's decisions: from windows, words, scores and the agent's own voice to when a turn begins, is asked for, judged
 * and committed. Pure: the shell (`conversation/ear.ts`) feeds it and does what it says; time comes in with each input.
 */
import { type EndpointingBounds, silenceBeforeCommitMs } from './endpointing.js';
import { judgeOverlap, type OverlapVerdict } from './overlap.js';
import { hearWindow, SILENT, type VoiceActivity } from './voice-activity.js';

export type ListenerInput =
  /** One Silero window that ends at `atMs`. */
  | { readonly kind: 'window'; readonly atMs: number; readonly probability: number }
  | { readonly kind: 'interim'; readonly atMs: number; readonly text: string }
  | {
      readonly kind: 'final';
      readonly atMs: number;
      readonly text: string;
      /** 0 to 1. */
      readonly confidence: number;
      /** Answers a request to finalize: nothing said before it is still to come. */
      readonly isFinalized: boolean;
    }
  /** The turn model's score of the pause that began at `pauseAtMs`. */
  | { readonly kind: 'score'; readonly atMs: number; readonly pauseAtMs: number; readonly probability: number }
  | { readonly kind: 'agent'; readonly atMs: number; readonly isSpeaking: boolean }
  /** Nothing but the clock. */
  | { readonly kind: 'time'; readonly atMs: number };

export interface CommittedTurn {
  readonly text: string;
  /** Mean of the finals' confidences, weighed by their words, and at most a little above the least; 0 to 1. */
  readonly confidence: number;
  readonly speechStartedAtMs: number;
  readonly speechEndedAtMs: number;
  /** When the last final came. */
  readonly finalAtMs: number;
  readonly scores: readonly number[];
}

export type ListenerAction =
  /** A turn is open: tell the framework that the caller speaks. */
  | { readonly kind: 'start' }
  | { readonly kind: 'interim'; readonly text: string }
  | { readonly kind: 'finalize' }
  | { readonly kind: 'score'; readonly pauseAtMs: number }
  | { readonly kind: 'commit'; readonly turn: CommittedTurn }
  /** Speech was heard, but no word of it understood. */
  | { readonly kind: 'missed'; readonly speechEndedAtMs: number }
  | { readonly kind: 'duck' }
  | { readonly kind: 'unduck' }
  /** The overlap is judged; an interruption also means: stop speaking now. */
  | { readonly kind: 'judged'; readonly verdict: Exclude<OverlapVerdict, 'undecided'>; readonly overlapMs: number };

export interface ListenerSettings {
  readonly language: string;
  readonly bounds: EndpointingBounds;
  readonly isInterruptible: boolean;
}

interface OpenTurn {
  readonly startedAtMs: number;
  /** Voice before the present stretch, in ms. */
  readonly earlierVoicedMs: number;
  readonly finals: readonly { readonly text: string; readonly confidence: number }[];
  readonly finalAtMs: number | undefined;
  readonly interim: string;
  /** Whether events are kept from the framework until the overlap with the agent's voice is judged. */
  readonly isHeld: boolean;
  /** The present pause: what was asked for in it and what came. */
  readonly finalizeAskedAtMs: number | undefined;
  readonly isFinalized: boolean;
  readonly scoresAsked: number;
  readonly scores: readonly number[];
}

export interface Listener {
  readonly voice: VoiceActivity;
  readonly turn: OpenTurn | undefined;
  readonly isAgentSpeaking: boolean;
  /** Requests to finalize whose answer is still to come: an answer to an earlier pause's is none to the present one's. */
  readonly unansweredFinalizes: number;
  /** Until when words without voice are the tail of a turn that is over. */
  readonly ignoreWordsUntilMs: number;
}

export const IDLE: Listener = Object.freeze({
  voice: SILENT,
  turn: undefined,
  isAgentSpeaking: false,
  unansweredFinalizes: 0,
  ignoreWordsUntilMs: Number.NEGATIVE_INFINITY,
});

/** Silence at which the recogniser is asked for its finals, in ms: shorter ones are closures of plosives and hesitations. */
export const FINALIZE_SILENCE_MS = 160;
/** Silences at which the turn model is asked, in ms; it was trained on pauses of 200 ms and more. */
export const SCORE_SILENCES_MS = [200, 520] as const;
/** How long a recogniser may take for its finals before the words in hand must do, in ms: above Deepgram's P99 of 326. */
export const FINALIZE_TIMEOUT_MS = 1_200;
/** Words that come this long after a turn without new voice belong to it, in ms. */
const TAIL_MS = 1_500;
/** Voice without a single word from which the caller surely meant to say something, in ms. */
const MISSED_VOICED_MS = 500;

export interface ListenerStep {
  readonly listener: Listener;
  readonly actions: readonly ListenerAction[];
}

/** Takes one input in. Inputs may come late or twice; their instants need not be in order. */
export function listen(listener: Listener, input: ListenerInput, settings: ListenerSettings): ListenerStep {
  switch (input.kind) {
    case 'window':
      return onWindow(listener, input.atMs, input.probability, settings);
    case 'interim':
    case 'final':
      return onWords(listener, input, settings);
    case 'score': {
      const { turn, voice } = listener;
      // A score of an earlier pause says nothing about this one.
      if (turn === undefined || voice.isSpeaking || voice.lastVoicedAtMs !== input.pauseAtMs)
        return { listener, actions: [] };
      return decide(
        { ...listener, turn: { ...turn, scores: [...turn.scores, input.probability] } },
        input.atMs,
        settings,
      );
    }
    case 'agent':
      return onAgent(listener, input.isSpeaking, input.atMs, settings);
    case 'time':
      return decide(listener, input.atMs, settings);
  }
}

/** What was understood so far in the open turn. */
export function heardText(listener: Listener): string {
  const { turn } = listener;
  if (turn === undefined) return '';
  return [...turn.finals.map((final) => final.text), turn.interim].filter((text) => text !== '').join(' ');
}

function onWindow(before: Listener, atMs: number, probability: number, settings: ListenerSettings): ListenerStep {
  const voice = hearWindow(before.voice, atMs, probability);
  const hasBegun = voice.isSpeaking && !before.voice.isSpeaking;
  let listener: Listener = { ...before, voice };
  const actions: ListenerAction[] = [];
  if (hasBegun && listener.turn === undefined) {
    const opened = open(listener, voice.startedAtMs ?? atMs);
    listener = opened.listener;
    actions.push(...opened.actions);
  } else if (hasBegun && listener.turn !== undefined) {
    // The pause is over: what it was scored for does not matter any more, and the next one asks again.
    const turn = { ...listener.turn, earlierVoicedMs: listener.turn.earlierVoicedMs + before.voice.voicedMs };
    listener = {
      ...listener,
      turn: { ...turn, finalizeAskedAtMs: undefined, isFinalized: false, scoresAsked: 0, scores: [] },
    };
  }
  const decided = decide(listener, atMs, settings);
  return { listener: decided.listener, actions: [...actions, ...decided.actions] };
}

function open(listener: Listener, startedAtMs: number): ListenerStep {
  const isHeld = listener.isAgentSpeaking;
  const turn: OpenTurn = {
    startedAtMs,
    earlierVoicedMs: 0,
    finals: [],
    finalAtMs: undefined,
    interim: '',
    isHeld,
    finalizeAskedAtMs: undefined,
    isFinalized: false,
    scoresAsked: 0,
    scores: [],
  };
  return { listener: { ...listener, turn }, actions: [{ kind: isHeld ? 'duck' : 'start' }] };
}

function onWords(
  before: Listener,
  input: Extract<ListenerInput, { kind: 'interim' | 'final' }>,
  settings: ListenerSettings,
): ListenerStep {
  const text = input.text.trim();
  const isAnswer = input.kind === 'final' && input.isFinalized;
  const unansweredFinalizes = Math.max(0, before.unansweredFinalizes - (isAnswer ? 1 : 0));
  let listener: Listener = { ...before, unansweredFinalizes };
  const actions: ListenerAction[] = [];
  if (listener.turn === undefined) {
    if (text === '' || input.atMs < listener.ignoreWordsUntilMs) return { listener, actions };
    // The recogniser heard what Silero did not: soft speech. It counts as voiced until now.
    const opened = open(
      { ...listener, voice: { ...listener.voice, lastVoicedAtMs: input.atMs, voicedMs: 0 } },
      input.atMs,
    );
    listener = opened.listener;
    actions.push(...opened.actions);
  }
  const { turn } = listener;
  if (turn === undefined) return { listener, actions };
  if (input.kind === 'interim') {
    if (text === turn.interim) return { listener, actions };
    listener = { ...listener, turn: { ...turn, interim: text } };
  } else {
    const finals = text === '' ? turn.finals : [...turn.finals, { text, confidence: input.confidence }];
    const isAnswered = isAnswer && turn.finalizeAskedAtMs !== undefined && unansweredFinalizes === 0;
    const finalAtMs = text === '' ? turn.finalAtMs : input.atMs;
    listener = {
      ...listener,
      turn: { ...turn, finals, finalAtMs, interim: '', isFinalized: turn.isFinalized || isAnswered },
    };
  }
  if (!turn.isHeld && heardText(listener) !== heardText(before)) {
    actions.push({ kind: 'interim', text: heardText(listener) });
  }
  const decided = decide(listener, input.atMs, settings);
  return { listener: decided.listener, actions: [...actions, ...decided.actions] };
}

function onAgent(before: Listener, isAgentSpeaking: boolean, atMs: number, settings: ListenerSettings): ListenerStep {
  const listener: Listener = { ...before, isAgentSpeaking };
  const { turn } = listener;
  // The agent has finished by itself: what overlapped its last words is an answer to them.
  if (isAgentSpeaking || turn === undefined || !turn.isHeld) return { listener, actions: [] };
  return release(listener, atMs, settings, [{ kind: 'unduck' }]);
}

function release(
  listener: Listener,
  atMs: number,
  settings: ListenerSettings,
  first: readonly ListenerAction[],
): ListenerStep {
  const { turn } = listener;
  if (turn === undefined) return { listener, actions: first };
  const released: Listener = { ...listener, turn: { ...turn, isHeld: false } };
  const text = heardText(released);
  const actions: ListenerAction[] = [...first, { kind: 'start' }];
  if (text !== '') actions.push({ kind: 'interim', text });
  const decided = decide(released, atMs, settings);
  return { listener: decided.listener, actions: [...actions, ...decided.actions] };
}

/** What follows from everything known at `atMs`. */
function decide(listener: Listener, atMs: number, settings: ListenerSettings): ListenerStep {
  const { turn, voice } = listener;
  if (turn === undefined) return { listener, actions: [] };
  const lastVoicedAtMs = voice.lastVoicedAtMs ?? turn.startedAtMs;
  const silenceMs = Math.max(0, atMs - lastVoicedAtMs);
  const voicedMs = turn.earlierVoicedMs + voice.voicedMs;
  if (turn.isHeld) return judge(listener, turn, voice, { atMs, silenceMs, voicedMs }, settings);
  if (voice.isSpeaking) return { listener, actions: [] };

  const { listener: asking, turn: finalizing, actions: first } = askToFinalize(listener, turn, atMs, silenceMs);
  const actions = [...first];
  let open = finalizing;
  const nextScoreMs = SCORE_SILENCES_MS[open.scoresAsked];
  if (nextScoreMs !== undefined && silenceMs >= nextScoreMs) {
    open = { ...open, scoresAsked: open.scoresAsked + 1 };
    actions.push({ kind: 'score', pauseAtMs: lastVoicedAtMs });
  }
  const asked: Listener = { ...asking, turn: open };
  const text = heardText(asked);
  const hasTimedOut = open.finalizeAskedAtMs !== undefined && atMs - open.finalizeAskedAtMs >= FINALIZE_TIMEOUT_MS;
  const waitMs = silenceBeforeCommitMs({ scores: open.scores, text, language: settings.language }, settings.bounds);
  if (silenceMs < waitMs || !(open.isFinalized || hasTimedOut)) return { listener: asked, actions };

  // What was not answered by now never will be (a dropped socket loses answers), and must not hold up the next turn.
  const unansweredFinalizes = hasTimedOut ? 0 : asked.unansweredFinalizes;
  const closed: Listener = { ...asked, turn: undefined, unansweredFinalizes, ignoreWordsUntilMs: atMs + TAIL_MS };
  if (text === '') {
    if (voicedMs >= MISSED_VOICED_MS) actions.push({ kind: 'missed', speechEndedAtMs: lastVoicedAtMs });
    return { listener: closed, actions };
  }
  const committed: CommittedTurn = {
    text,
    confidence: confidenceOf(open),
    speechStartedAtMs: open.startedAtMs,
    speechEndedAtMs: lastVoicedAtMs,
    finalAtMs: open.finalAtMs ?? atMs,
    scores: open.scores,
  };
  return { listener: closed, actions: [...actions, { kind: 'commit', turn: committed }] };
}

function askToFinalize(
  listener: Listener,
  turn: OpenTurn,
  atMs: number,
  silenceMs: number,
): ListenerStep & { readonly turn: OpenTurn } {
  if (silenceMs < FINALIZE_SILENCE_MS || turn.finalizeAskedAtMs !== undefined) return { listener, turn, actions: [] };
  const asked = { ...turn, finalizeAskedAtMs: atMs };
  const unansweredFinalizes = listener.unansweredFinalizes + 1;
  return { listener: { ...listener, turn: asked, unansweredFinalizes }, turn: asked, actions: [{ kind: 'finalize' }] };
}

function judge(
  listener: Listener,
  turn: OpenTurn,
  voice: VoiceActivity,
  { atMs, silenceMs, voicedMs }: { readonly atMs: number; readonly silenceMs: number; readonly voicedMs: number },
  settings: ListenerSettings,
): ListenerStep {
  const {
    listener: held,
    turn: asked,
    actions: asking,
  } = askToFinalize(listener, turn, atMs, voice.isSpeaking ? 0 : silenceMs);
  const { isFinalized } = asked;
  const verdict = judgeOverlap({ voicedMs, silenceMs, text: heardText(held), isFinalized });
  // Where callers may not interrupt, what they say waits for the agent's end (`onAgent` releases it).
  if (verdict === 'undecided' || (verdict === 'interruption' && !settings.isInterruptible)) {
    return { listener: held, actions: asking };
  }
  const judged: ListenerAction = { kind: 'judged', verdict, overlapMs: atMs - turn.startedAtMs };
  if (verdict === 'interruption') return release(held, atMs, settings, [judged]);
  const actions: ListenerAction[] = [{ kind: 'unduck' }, judged];
  return { listener: { ...listener, turn: undefined, ignoreWordsUntilMs: atMs + TAIL_MS }, actions };
}

/** Words that never became final count half: the recogniser itself was not sure of them yet. */
const UNCONFIRMED_CONFIDENCE = 0.5;

function confidenceOf(turn: OpenTurn): number {
  const parts = turn.finals.map(({ text, confidence }) => ({ words: countWords(text), confidence }));
  if (turn.interim !== '') parts.push({ words: countWords(turn.interim), confidence: UNCONFIRMED_CONFIDENCE });
  const words = parts.reduce((sum, part) => sum + part.words, 0);
  if (words === 0) return 0;
  // The weakest part decides beside the mean: one misheard word of ten can be the order's size.
  const weakest = Math.min(...parts.map((part) => part.confidence));
  const mean = parts.reduce((sum, part) => sum + part.words * part.confidence, 0) / words;
  return Math.min(1, Math.max(0, Math.min(mean, weakest + 0.1)));
}

function countWords(text: string): number {
  return text.split(/\s+/).filter((word) => word !== '').length;
}
