/**
 * The ear's decisions: from windows, words, scores and the agent's own phase to when a turn begins, is asked for, judged and
 * committed. Pure: the shell (`conversation/ear.ts`) feeds it and does what it says; time comes in with each input.
 *
 * Two promises to the framework: each `start` is followed by exactly one `end` before the next `start`, with or without a
 * `commit` just before it; and while the agent speaks or is about to, nothing is told before it is judged.
 */
import { type EndpointingBounds, silenceBeforeCommitMs } from './endpointing.js';
import { judgeOverlap, type OverlapVerdict } from './overlap.js';
import { hearWindow, SILENT, type VoiceActivity } from './voice-activity.js';

/** What the agent does: nothing, preparing a reply that has no sound yet, or speaking. */
export type AgentPhase = 'idle' | 'replying' | 'speaking';

/** A word and the end of its sound, on the call's clock. */
export interface HeardWord {
  readonly text: string;
  readonly untilMs: number;
}

export type ListenerInput =
  /** One Silero window that ends at `atMs`. */
  | { readonly kind: 'window'; readonly atMs: number; readonly probability: number }
  | { readonly kind: 'interim'; readonly atMs: number; readonly words: readonly HeardWord[] }
  | {
      readonly kind: 'final';
      readonly atMs: number;
      readonly words: readonly HeardWord[];
      /** 0 to 1. */
      readonly confidence: number;
      /** Answers a request to finalize. */
      readonly isAnswer: boolean;
      /** End of the audio that this final covers, on the call's clock. */
      readonly coveredUntilMs: number;
    }
  /** The turn model's score of the pause that began at `pauseAtMs`. */
  | { readonly kind: 'score'; readonly atMs: number; readonly pauseAtMs: number; readonly probability: number }
  | { readonly kind: 'agent'; readonly atMs: number; readonly phase: AgentPhase }
  /** Nothing but the clock: the stream is silent because it has stopped. */
  | { readonly kind: 'time'; readonly atMs: number };

export interface CommittedTurn {
  readonly text: string;
  /** That of its least sure part, 0 to 1. */
  readonly confidence: number;
  readonly speechStartedAtMs: number;
  readonly speechEndedAtMs: number;
  /** When the last final came. */
  readonly finalAtMs: number;
}

export type ListenerAction =
  /** A turn is open: tell the framework that the caller speaks. */
  | { readonly kind: 'start' }
  | { readonly kind: 'interim'; readonly text: string }
  | { readonly kind: 'finalize' }
  | { readonly kind: 'score'; readonly pauseAtMs: number }
  | { readonly kind: 'commit'; readonly turn: CommittedTurn }
  /** The turn that was started is over, whether or not it was committed. */
  | { readonly kind: 'end' }
  /** Speech was heard, but no word of it understood. */
  | { readonly kind: 'missed'; readonly speechEndedAtMs: number }
  | { readonly kind: 'duck' }
  | { readonly kind: 'unduck' }
  /** The overlap is judged; an interruption also means: stop speaking now, or do not begin. */
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
  /** Whether events are kept from the framework until the overlap with the agent is judged. */
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
  readonly agent: AgentPhase;
  /** Requests to finalize whose answer is still to come: an answer to an earlier pause's is none to the present one's. */
  readonly unansweredFinalizes: number;
  /** Words that were spoken before this are dealt with: they belong to a turn or an overlap that is over. */
  readonly settledUntilMs: number;
}

export const IDLE: Listener = Object.freeze({
  voice: SILENT,
  turn: undefined,
  agent: 'idle',
  unansweredFinalizes: 0,
  settledUntilMs: Number.NEGATIVE_INFINITY,
});

/** Silence at which the recogniser is asked for its finals, in ms: shorter ones are closures of plosives and hesitations. */
export const FINALIZE_SILENCE_MS = 160;
/** Silences at which the turn model is asked, in ms; it was trained on pauses of 200 ms and more. */
export const SCORE_SILENCES_MS = [200, 520] as const;
/** How long a recogniser may take for its finals before the words in hand must do, in ms: above Deepgram's P99 of 326. */
export const FINALIZE_TIMEOUT_MS = 1_200;
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
      return onAgent(listener, input.phase, input.atMs, settings);
    case 'time':
      // No window will end the voice of a stream that has stopped.
      return onWindow(listener, input.atMs, 0, settings);
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
  if (!hasBegun) return decide({ ...before, voice }, atMs, settings);
  const { turn } = before;
  if (turn === undefined) {
    const opened = open({ ...before, voice }, voice.startedAtMs ?? atMs);
    return followedBy(opened, decide(opened.listener, atMs, settings));
  }
  // The pause is over: what it was scored for does not matter any more, and the next one asks again.
  const earlierVoicedMs = turn.earlierVoicedMs + before.voice.voicedMs;
  const resumed = {
    ...turn,
    earlierVoicedMs,
    finalizeAskedAtMs: undefined,
    isFinalized: false,
    scoresAsked: 0,
    scores: [],
  };
  return decide({ ...before, voice, turn: resumed }, atMs, settings);
}

function open(listener: Listener, startedAtMs: number): ListenerStep {
  const isHeld = listener.agent !== 'idle';
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
  // Late words of a turn that is over stay with it, even if another one is open by now.
  const words = input.words.filter((word) => word.untilMs > before.settledUntilMs);
  const text = words
    .map((word) => word.text)
    .join(' ')
    .trim();
  const isAnswer = input.kind === 'final' && input.isAnswer;
  const unansweredFinalizes = Math.max(0, before.unansweredFinalizes - (isAnswer ? 1 : 0));
  const heard = openForWords({ ...before, unansweredFinalizes }, text, words.at(-1)?.untilMs ?? input.atMs);
  const { turn, voice } = heard.listener;
  if (turn === undefined) return heard;
  let next: OpenTurn;
  if (input.kind === 'interim') {
    if (text === turn.interim) return heard;
    next = { ...turn, interim: text };
  } else {
    const finals = text === '' ? turn.finals : [...turn.finals, { text, confidence: input.confidence }];
    const isComplete = unansweredFinalizes === 0 || input.coveredUntilMs >= (voice.lastVoicedAtMs ?? turn.startedAtMs);
    const isFinalized = turn.isFinalized || (isAnswer && turn.finalizeAskedAtMs !== undefined && isComplete);
    next = { ...turn, finals, finalAtMs: text === '' ? turn.finalAtMs : input.atMs, interim: '', isFinalized };
  }
  const listener: Listener = { ...heard.listener, turn: next };
  const isNews = !turn.isHeld && heardText(listener) !== heardText(before);
  const told: ListenerAction[] = isNews ? [{ kind: 'interim', text: heardText(listener) }] : [];
  return followedBy(heard, { listener, actions: told }, decide(listener, input.atMs, settings));
}

/** Words without a turn: the recogniser heard what Silero did not, soft speech. It counts as voiced until its last word. */
function openForWords(listener: Listener, text: string, untilMs: number): ListenerStep {
  if (listener.turn !== undefined || text === '') return { listener, actions: [] };
  return open({ ...listener, voice: { ...listener.voice, lastVoicedAtMs: untilMs, voicedMs: 0 } }, untilMs);
}

function onAgent(before: Listener, phase: AgentPhase, atMs: number, settings: ListenerSettings): ListenerStep {
  const listener: Listener = { ...before, agent: phase };
  // The agent has finished by itself: what overlapped its last words is an answer to them.
  if (phase !== 'idle' || listener.turn?.isHeld !== true) return { listener, actions: [] };
  return release(listener, listener.turn, atMs, settings, [{ kind: 'unduck' }]);
}

function release(
  listener: Listener,
  turn: OpenTurn,
  atMs: number,
  settings: ListenerSettings,
  first: readonly ListenerAction[],
): ListenerStep {
  const released: Listener = { ...listener, turn: { ...turn, isHeld: false } };
  const text = heardText(released);
  const actions: ListenerAction[] = [...first, { kind: 'start' }];
  if (text !== '') actions.push({ kind: 'interim', text });
  return followedBy({ listener: released, actions }, decide(released, atMs, settings));
}

/** What follows from everything known at `atMs`. */
function decide(listener: Listener, atMs: number, settings: ListenerSettings): ListenerStep {
  const { turn, voice } = listener;
  if (turn === undefined) return { listener, actions: [] };
  const lastVoicedAtMs = voice.lastVoicedAtMs ?? turn.startedAtMs;
  const silenceMs = voice.isSpeaking ? 0 : Math.max(0, atMs - lastVoicedAtMs);
  const asked = askToFinalize(listener, turn, atMs, silenceMs);
  if (turn.isHeld) return followedBy(asked, judge(asked.listener, asked.turn, atMs, silenceMs, settings));
  if (voice.isSpeaking) return asked;
  const scored = askForScore(asked.listener, asked.turn, lastVoicedAtMs, silenceMs);
  return followedBy(asked, scored, close(scored.listener, scored.turn, atMs, settings));
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

function askForScore(
  listener: Listener,
  turn: OpenTurn,
  pauseAtMs: number,
  silenceMs: number,
): ListenerStep & { readonly turn: OpenTurn } {
  const dueMs = SCORE_SILENCES_MS[turn.scoresAsked];
  if (dueMs === undefined || silenceMs < dueMs) return { listener, turn, actions: [] };
  const asked = { ...turn, scoresAsked: turn.scoresAsked + 1 };
  return { listener: { ...listener, turn: asked }, turn: asked, actions: [{ kind: 'score', pauseAtMs }] };
}

/** Closes a turn whose wait is over: commits its words, or says that there were none. */
function close(listener: Listener, turn: OpenTurn, atMs: number, settings: ListenerSettings): ListenerStep {
  const lastVoicedAtMs = listener.voice.lastVoicedAtMs ?? turn.startedAtMs;
  const text = heardText(listener);
  const waitMs = silenceBeforeCommitMs({ scores: turn.scores, text, language: settings.language }, settings.bounds);
  const hasTimedOut = turn.finalizeAskedAtMs !== undefined && atMs - turn.finalizeAskedAtMs >= FINALIZE_TIMEOUT_MS;
  if (atMs - lastVoicedAtMs < waitMs || !(turn.isFinalized || hasTimedOut)) return { listener, actions: [] };
  // What was not answered by now never will be (a dropped socket loses answers), and must not hold up the next turn.
  const unansweredFinalizes = hasTimedOut ? 0 : listener.unansweredFinalizes;
  const settled = { ...listener, turn: undefined, unansweredFinalizes, settledUntilMs: atMs };
  if (text === '') {
    const isMissed = turn.earlierVoicedMs + listener.voice.voicedMs >= MISSED_VOICED_MS;
    const missed: ListenerAction[] = isMissed ? [{ kind: 'missed', speechEndedAtMs: lastVoicedAtMs }] : [];
    return { listener: settled, actions: [{ kind: 'end' }, ...missed] };
  }
  const committed: CommittedTurn = {
    text,
    confidence: confidenceOf(turn),
    speechStartedAtMs: turn.startedAtMs,
    speechEndedAtMs: lastVoicedAtMs,
    finalAtMs: turn.finalAtMs ?? atMs,
  };
  // From here on a reply is on its way: what is said now is judged before it can stop that.
  return {
    listener: { ...settled, agent: 'replying' },
    actions: [{ kind: 'commit', turn: committed }, { kind: 'end' }],
  };
}

function judge(
  listener: Listener,
  turn: OpenTurn,
  atMs: number,
  silenceMs: number,
  settings: ListenerSettings,
): ListenerStep {
  const voicedMs = turn.earlierVoicedMs + listener.voice.voicedMs;
  const verdict = judgeOverlap({ voicedMs, silenceMs, text: heardText(listener), isFinalized: turn.isFinalized });
  // Where callers may not interrupt, what they say waits for the agent's end (`onAgent` releases it).
  if (verdict === 'undecided' || (verdict === 'interruption' && !settings.isInterruptible))
    return { listener, actions: [] };
  const judged: ListenerAction = { kind: 'judged', verdict, overlapMs: atMs - turn.startedAtMs };
  if (verdict === 'interruption') return release(listener, turn, atMs, settings, [judged]);
  return { listener: { ...listener, turn: undefined, settledUntilMs: atMs }, actions: [{ kind: 'unduck' }, judged] };
}

/** Steps one after the other: all their actions, and what the last of them came to. */
function followedBy(first: ListenerStep, ...others: readonly ListenerStep[]): ListenerStep {
  const listener = others.at(-1)?.listener ?? first.listener;
  return { listener, actions: [first, ...others].flatMap((step) => step.actions) };
}

/** Words that never became final count half: the recogniser itself was not sure of them yet. */
const UNCONFIRMED_CONFIDENCE = 0.5;

/** A turn is as sure as its least sure part: an order is wrong with one wrong word of ten. */
function confidenceOf(turn: OpenTurn): number {
  const parts = turn.finals.map((final) => final.confidence);
  if (turn.interim !== '') parts.push(UNCONFIRMED_CONFIDENCE);
  const confidence = Math.min(...parts);
  return confidence >= 0 && confidence <= 1 ? confidence : 0;
}
