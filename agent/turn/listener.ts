/**
 * The ear's decisions: from windows, words, scores and the agent's own phase to when a turn begins, is asked for, judged and
 * committed. Pure: the shell (`conversation/ear.ts`) feeds it and does what it says; time comes in with each input.
 *
 * Two promises to the framework: each `start` is followed by exactly one `end` before the next `start`, with or without a
 * `commit` just before it; and while the agent speaks or is about to, nothing is told before it is judged.
 */

import { withLateWords } from './dismissed-turn.js';
import { askForDraft, giveUpDraft, heldWaitMs, noteDraft, noteRefusal } from './drafting.js';
import type {
  AgentPhase,
  CommittedTurn,
  FinalInput,
  ListenerAction,
  ListenerInput,
  ListenerSettings,
  WindowInput,
} from './listener-forms.js';
import type { Listener } from './listener-state.js';
import {
  NEW_PAUSE,
  type OpenTurn,
  openedTurn,
  overlapEvidence,
  withFinal,
  withInterim,
  withOverlapWindow,
  wordsOf,
} from './open-turn.js';
import { judgeOverlap, type OverlapEvidence, shouldHush, soundsLikeEcho } from './overlap.js';
import { askForScore, askToFinalize, SCORE_SILENCES_MS } from './pause-requests.js';
import { pendingWait, silenceAt } from './pending-wait.js';
import { hearSound } from './recent-sound.js';
import { joined } from './second-half.js';
import { notePause, noteTurn } from './speaker.js';
import { hearLevels, NOTHING_SAID, spokenUntilMs } from './speech-end.js';
import { hearWindow, type VoiceActivity, WINDOW_MS } from './voice-activity.js';
import { textOf, timed } from './words.js';

/** How long a recogniser may take for its finals before the words in hand must do, in ms: above Deepgram's P99 of 326. */
export const FINALIZE_TIMEOUT_MS = 1_200;
/** Voice without a single word from which the caller surely meant to say something, in ms. */
const MISSED_VOICED_MS = 500;
/** Who goes on within this time of the agent's first sound was not done, in ms. */
const PREMATURE_MS = 1_000;

/** An acknowledgement over the agent's last words is the answer to what they asked, if they end within this time, in ms. */
const ANSWERED_EARLY_MS = 1_000;
/** Voice that goes on for so long after an overlap was dismissed opens another, in ms. */
const UNHEEDED_MS = 500;

export interface ListenerStep {
  readonly listener: Listener;
  readonly actions: readonly ListenerAction[];
}

/** Takes one input in. Inputs may come late or twice, their instants need not be in order; what has no instant is dropped. */
export function listen(listener: Listener, input: ListenerInput, settings: ListenerSettings): ListenerStep {
  if (!Number.isFinite(input.atMs)) return { listener, actions: [] };
  switch (input.kind) {
    case 'window':
      return onWindow(listener, input, settings);
    case 'interim':
    case 'final':
      return onWords(listener, input, settings);
    case 'score': {
      const { turn, voice } = listener;
      const isScore = input.probability >= 0 && input.probability <= 1;
      // A score of an earlier pause says nothing about this one.
      if (turn === undefined || !isScore || voice.isSpeaking || voice.lastVoicedAtMs !== input.pauseAtMs)
        return { listener, actions: [] };
      const scores = [...turn.scores, input.probability].slice(-SCORE_SILENCES_MS.length);
      return decide({ ...listener, turn: { ...turn, scores } }, input.atMs, settings);
    }
    case 'agent':
      return onAgent(listener, input.phase, input.text ?? '', input.atMs, settings);
    case 'asked':
      return { listener: { ...listener, question: input.question }, actions: [] };
    case 'drafted': {
      const { turn } = listener;
      return turn === undefined
        ? { listener, actions: [] }
        : decide({ ...listener, turn: noteDraft(turn, input) }, input.atMs, settings);
    }
    case 'draft-refused': {
      // Nothing is decided: what is asked for again at this very moment would be refused again.
      const turn = listener.turn && noteRefusal(listener.turn, input.text);
      return { listener: { ...listener, turn }, actions: [] };
    }
    case 'typed':
      return onTyped(listener, input.atMs);
    case 'time':
      // No window will end the voice of a stream that has stopped.
      return onWindow(listener, { kind: 'window', atMs: input.atMs, probability: 0 }, settings);
  }
}

/** What was understood so far in the open turn. */
export function heardText({ turn }: Listener): string {
  return turn === undefined ? '' : textOf(wordsOf(turn));
}

function onWindow(before: Listener, window: WindowInput, settings: ListenerSettings): ListenerStep {
  const { atMs } = window;
  const voice = hearWindow(before.voice, atMs, window.probability);
  const { levelsDb = [] } = window;
  const isVoiced = voice.lastVoicedAtMs === atMs;
  const levels = { untilMs: atMs, lengthMs: WINDOW_MS, levelsDb, isVoiced };
  const echo = window.echo ?? (voice.isSpeaking ? before.echo : 0);
  const heard: Listener = { ...before, voice, sound: hearSound(before.sound, window), echo };
  const hasBegun = voice.isSpeaking && !before.voice.isSpeaking;
  if (before.turn === undefined) {
    const startedAtMs = hasBegun ? voice.startedAtMs : sinceUnheeded(heard, atMs);
    if (startedAtMs === undefined) return { listener: heard, actions: [] };
    // As before: to hear it out once more would only turn the agent down.
    if (!hasBegun && isStillEcho(heard, startedAtMs, atMs, settings)) {
      return { listener: { ...heard, settledUntilMs: atMs }, actions: [] };
    }
    // How loud it was before a turn began, the agent's echo or a cough, says nothing of where its words end.
    const speechEnd = hearLevels(NOTHING_SAID, levels);
    const began: Listener = { ...heard, speechEnd, voice: voicedSince(voice, startedAtMs, atMs) };
    const opened = open(began, startedAtMs, settings);
    return followedBy(opened, decide(withOverlap(opened.listener, window), atMs, settings));
  }
  const said: Listener = { ...heard, speechEnd: hearLevels(before.speechEnd, levels) };
  const hasEnded = before.voice.isSpeaking && !voice.isSpeaking;
  const ended: Listener = hasEnded ? { ...said, turn: { ...before.turn, vadEndedAtMs: atMs } } : said;
  const next = hasBegun ? resume(said, before.turn, before.voice) : ended;
  return decide(isVoiced ? withOverlap(next, window) : next, atMs, settings);
}

/** Voice that goes on after an overlap was dismissed is speech after all, though it has no new onset. */
function sinceUnheeded({ voice, settledUntilMs }: Listener, atMs: number): number | undefined {
  const isUnheeded = voice.lastVoicedAtMs === atMs && atMs - settledUntilMs >= UNHEEDED_MS;
  return isUnheeded ? Math.max(settledUntilMs, voice.startedAtMs ?? atMs) : undefined;
}

/** Whether what goes on, with all that was heard of it, is the agent's own voice. */
function isStillEcho(listener: Listener, startedAtMs: number, atMs: number, settings: ListenerSettings): boolean {
  const { agent, agentText, echo } = listener;
  if (agent === 'idle') return false;
  const turn = openedTurn(startedAtMs, { isHeld: true, agentText, firstHalf: undefined, echo });
  return soundsLikeEcho(evidenceOf(listener, turn, atMs, settings));
}

/** A stretch of voice that goes on, with no more of it than there can be since an instant: what was before is dealt with. */
function voicedSince(voice: VoiceActivity, sinceMs: number, atMs: number): VoiceActivity {
  return { ...voice, voicedMs: Math.min(voice.voicedMs, Math.max(0, atMs - sinceMs)) };
}

function withOverlap(listener: Listener, window: WindowInput): Listener {
  const { turn } = listener;
  if (turn?.isHeld !== true) return listener;
  return { ...listener, turn: { ...turn, overlap: withOverlapWindow(turn.overlap, window) } };
}

/** The pause is over: what it was scored for does not matter any more, and the next one asks again. */
function resume(listener: Listener, turn: OpenTurn, before: VoiceActivity): Listener {
  const pauseMs = (listener.voice.startedAtMs ?? 0) - (before.lastVoicedAtMs ?? Number.POSITIVE_INFINITY);
  return {
    ...listener,
    // What is heard over the agent may be its echo, or a fit of coughing: no habit of the caller's.
    speaker: turn.isHeld ? listener.speaker : notePause(listener.speaker, pauseMs),
    turn: { ...turn, ...NEW_PAUSE, earlierVoicedMs: turn.earlierVoicedMs + before.voicedMs },
  };
}

function open(listener: Listener, startedAtMs: number, settings: ListenerSettings): ListenerStep {
  const { agent, agentText, answered } = listener;
  const isHeld = agent !== 'idle';
  const isSecondHalf =
    isHeld && (answered?.soundedAtMs === undefined || startedAtMs - answered.soundedAtMs <= PREMATURE_MS);
  const firstHalf = isSecondHalf ? answered : undefined;
  const turn = openedTurn(startedAtMs, { isHeld, agentText, firstHalf, echo: listener.echo });
  const opened: Listener = { ...listener, turn, dismissed: undefined };
  if (!isHeld) return { listener: opened, actions: [{ kind: 'start' }] };
  const mayContinue = turn.firstHalf !== undefined;
  return { listener: opened, actions: settings.isInterruptible ? [{ kind: 'duck', mayContinue }] : [] };
}

function onWords(
  before: Listener,
  input: FinalInput | Extract<ListenerInput, { kind: 'interim' }>,
  settings: ListenerSettings,
): ListenerStep {
  const { atMs } = input;
  const dismissed =
    input.kind === 'final' ? before.dismissed && withLateWords(before.dismissed, input) : before.dismissed;
  // Late words of a turn that is over stay with it, even if another one is open by now.
  const words = timed(input.words, atMs).filter((word) => word.untilMs > before.settledUntilMs);
  const text = textOf(words);
  const isAnswer = input.kind === 'final' && input.isAnswer;
  const unansweredFinalizes = Math.max(0, before.unansweredFinalizes - (isAnswer ? 1 : 0));
  const untilMs = words.at(-1)?.untilMs ?? atMs;
  const heard = openForWords({ ...before, dismissed, unansweredFinalizes }, text, { untilMs, atMs }, settings);
  const { turn, voice } = heard.listener;
  if (turn === undefined) return heard;
  const next = input.kind === 'interim' ? withInterim(turn, { ...input, words }) : withFinal(turn, { ...input, words });
  const isChanged = textOf(wordsOf(next)) !== textOf(wordsOf(turn));
  if (input.kind === 'interim' && !isChanged) return heard;
  const isComplete =
    input.kind === 'final' &&
    (unansweredFinalizes === 0 || input.coveredUntilMs >= (voice.lastVoicedAtMs ?? turn.startedAtMs));
  const listener: Listener & { readonly turn: OpenTurn } = {
    ...heard.listener,
    turn: {
      ...next,
      wordsChangedAtMs: isChanged ? atMs : turn.wordsChangedAtMs,
      lastInterimAtMs: input.kind === 'interim' ? atMs : turn.lastInterimAtMs,
      isFinalized: turn.isFinalized || (isAnswer && turn.finalizeAskedAtMs !== undefined && isComplete),
    },
  };
  const told: ListenerAction[] = isChanged && !turn.isHeld ? [{ kind: 'interim', text: heardText(listener) }] : [];
  const kept = giveUpDraft(listener.turn, settings.language);
  const actions = [...told, ...kept.actions];
  return followedBy(heard, { listener, actions }, decide({ ...listener, turn: kept.turn }, atMs, settings));
}

/**
 * Words without a turn: the recogniser heard what Silero did not, soft speech, which counts as voiced until its last word; or a
 * stretch of voice goes on of which the beginning was dismissed.
 */
function openForWords(
  listener: Listener,
  text: string,
  { untilMs, atMs }: { readonly untilMs: number; readonly atMs: number },
  settings: ListenerSettings,
): ListenerStep {
  if (listener.turn !== undefined || text === '') return { listener, actions: [] };
  const { voice, settledUntilMs } = listener;
  const soft: VoiceActivity = { ...voice, lastVoicedAtMs: untilMs, voicedMs: 0 };
  const heard = voice.isSpeaking ? voicedSince(voice, settledUntilMs, atMs) : soft;
  return open({ ...listener, voice: heard, speechEnd: NOTHING_SAID }, untilMs, settings);
}

function onAgent(
  before: Listener,
  phase: AgentPhase,
  agentText: string,
  atMs: number,
  settings: ListenerSettings,
): ListenerStep {
  const { answered, turn } = before;
  const soundedAtMs = answered?.soundedAtMs ?? (phase === 'speaking' ? atMs : undefined);
  const listener: Listener = {
    ...before,
    agent: phase,
    agentText,
    // Once the reply is over, what is said is a turn of its own.
    answered: phase === 'idle' ? undefined : answered && { ...answered, soundedAtMs },
  };
  if (phase !== 'idle')
    return { listener: { ...listener, turn: turn && whileHeld(turn, agentText, soundedAtMs) }, actions: [] };
  // The agent has finished by itself: what overlapped its last words is an answer to them.
  if (turn === undefined) return answerEarly(listener, atMs, settings);
  if (!turn.isHeld) return { listener, actions: [] };
  const raised: ListenerAction[] = [{ kind: 'unduck' }];
  // Nobody is left to hear it out: what comes back of the agent's last words is no turn.
  if (soundsLikeEcho(evidenceOf(listener, turn, atMs, settings))) {
    const judged: ListenerAction = { kind: 'judged', verdict: 'echo', overlapMs: atMs - turn.startedAtMs };
    return { listener: { ...listener, turn: undefined, settledUntilMs: atMs }, actions: [...raised, judged] };
  }
  return release(listener, { ...turn, firstHalf: undefined }, atMs, settings, raised);
}

/**
 * Typed words are answered whoever speaks beside them. Speech that had not ended by then is let go, words and all: who writes while
 * somebody speaks is seldom the one who speaks. What goes on is judged before it can stop the answer.
 */
function onTyped(before: Listener, atMs: number): ListenerStep {
  const listener: Listener = {
    ...before,
    agent: 'replying',
    agentText: '',
    answered: undefined,
    dismissed: undefined,
  };
  const { turn } = before;
  if (turn === undefined) return { listener, actions: [] };
  const undrafted: ListenerAction[] = turn.draftedText === undefined ? [] : [{ kind: 'undraft' }];
  return {
    listener: { ...listener, turn: undefined, settledUntilMs: atMs, speechEnd: NOTHING_SAID },
    actions: turn.isHeld ? [{ kind: 'unduck' }] : [{ kind: 'end' }, ...undrafted],
  };
}

/** What the agent comes to say, and that it comes to sound, while it is not known yet what its overlap is. */
function whileHeld(turn: OpenTurn, agentText: string, soundedAtMs: number | undefined): OpenTurn {
  if (!turn.isHeld) return turn;
  const firstHalf = turn.firstHalf && { ...turn.firstHalf, soundedAtMs: turn.firstHalf.soundedAtMs ?? soundedAtMs };
  return { ...turn, agentText: agentText || turn.agentText, firstHalf };
}

/** "Yes" over the last word of a question was an answer, not a sign of listening. */
function answerEarly(listener: Listener, atMs: number, settings: ListenerSettings): ListenerStep {
  const { dismissed, question } = listener;
  if (dismissed === undefined) return { listener, actions: [] };
  const next: Listener = { ...listener, dismissed: undefined };
  const isAnswer = question !== 'none' && atMs - dismissed.atMs <= ANSWERED_EARLY_MS;
  if (!isAnswer) return { listener: next, actions: [] };
  const { turn, settledUntilMs } = dismissed;
  return release({ ...next, settledUntilMs }, { ...turn, firstHalf: undefined }, atMs, settings, []);
}

function release(
  listener: Listener,
  turn: OpenTurn,
  atMs: number,
  settings: ListenerSettings,
  first: readonly ListenerAction[],
): ListenerStep {
  const released: Listener = { ...listener, turn: { ...turn, isHeld: false, isHushed: false } };
  const text = heardText(released);
  const actions: ListenerAction[] = [...first, { kind: 'start' }];
  if (text !== '') actions.push({ kind: 'interim', text });
  return followedBy({ listener: released, actions }, decide(released, atMs, settings));
}

/** What follows from everything known at `atMs`. */
function decide(listener: Listener, atMs: number, settings: ListenerSettings): ListenerStep {
  const { turn, voice } = listener;
  if (turn === undefined) return { listener, actions: [] };
  const silenceMs = silenceAt(listener, turn, atMs);
  const asked = askToFinalize(listener, turn, atMs, silenceMs);
  // Where callers may not interrupt, what they say waits for the agent's end (`onAgent` releases it).
  if (turn.isHeld && !settings.isInterruptible) return asked;
  if (turn.isHeld) return followedBy(asked, judge(asked.listener, asked.turn, atMs, settings));
  if (voice.isSpeaking) return asked;
  const scored = askForScore(asked.listener, asked.turn, silenceMs);
  const drafted = askForDraft(scored.listener, scored.turn, atMs, settings);
  return followedBy(asked, scored, drafted, close(drafted.listener, drafted.turn, atMs, settings));
}

/** Closes a turn whose wait is over: commits its words, or says that there were none. */
function close(listener: Listener, turn: OpenTurn, atMs: number, settings: ListenerSettings): ListenerStep {
  const pending = pendingWait(listener, atMs, settings);
  if (pending === undefined) return { listener, actions: [] };
  const { silenceMs, waitMs, contributions, isFinalized } = pending;
  const hasTimedOut = turn.finalizeAskedAtMs !== undefined && atMs - turn.finalizeAskedAtMs >= FINALIZE_TIMEOUT_MS;
  const isOver = silenceMs >= heldWaitMs(turn, waitMs, settings.bounds);
  if (!isOver || !(isFinalized || hasTimedOut)) return { listener, actions: [] };
  // What was not answered by now never will be (a dropped socket loses answers), and must not hold up the next turn.
  const unansweredFinalizes = hasTimedOut ? 0 : listener.unansweredFinalizes;
  const settled: Listener = {
    ...listener,
    turn: undefined,
    answered: undefined,
    unansweredFinalizes,
    settledUntilMs: atMs,
    speechEnd: NOTHING_SAID,
  };
  const speechEndedAtMs = listener.voice.lastVoicedAtMs ?? turn.startedAtMs;
  const endedAtMs = spokenUntilMs(listener.speechEnd, speechEndedAtMs);
  const isAnswerOwed = turn.hasInterrupted && turn.firstHalf !== undefined;
  if (heardText(listener) === '' && !isAnswerOwed) {
    const isMissed = turn.hasInterrupted || turn.earlierVoicedMs + listener.voice.voicedMs >= MISSED_VOICED_MS;
    const missed: ListenerAction[] = isMissed ? [{ kind: 'missed', spokenUntilMs: endedAtMs }] : [];
    const undrafted: ListenerAction[] = turn.draftedText === undefined ? [] : [{ kind: 'undraft' }];
    return { listener: settled, actions: [{ kind: 'end' }, ...undrafted, ...missed] };
  }
  const wait = { waitMs, silenceMs, contributions, scores: turn.scores };
  const committed: CommittedTurn = {
    ...joined(turn, settings.language),
    speechEndedAtMs,
    spokenUntilMs: endedAtMs,
    finalAtMs: turn.finalAtMs,
    heardBy: turn.heardBy,
    lastInterimAtMs: turn.lastInterimAtMs,
    vadEndedAtMs: turn.vadEndedAtMs,
    wait,
  };
  const { text, confidence, speechStartedAtMs } = committed;
  return {
    listener: {
      ...settled,
      // From here on a reply is on its way: what is said now is judged before it can stop that.
      agent: 'replying',
      agentText: '',
      question: 'none',
      speaker: committed.wasPremature ? listener.speaker : noteTurn(listener.speaker, false),
      answered: {
        text,
        confidence,
        startedAtMs: speechStartedAtMs,
        endedAtMs: speechEndedAtMs,
        soundedAtMs: undefined,
        question: turn.firstHalf?.question ?? listener.question,
      },
    },
    actions: [{ kind: 'commit', turn: committed }, { kind: 'end' }],
  };
}

function judge(listener: Listener, turn: OpenTurn, atMs: number, settings: ListenerSettings): ListenerStep {
  const evidence = evidenceOf(listener, turn, atMs, settings);
  const verdict = judgeOverlap(evidence);
  if (verdict === 'undecided') {
    const isHushed = turn.isHushed || !shouldHush(evidence);
    if (isHushed || listener.agent !== 'speaking') return { listener, actions: [] };
    return { listener: { ...listener, turn: { ...turn, isHushed: true } }, actions: [{ kind: 'hush' }] };
  }
  const judged: ListenerAction = { kind: 'judged', verdict, overlapMs: atMs - turn.startedAtMs };
  if (verdict !== 'interruption') {
    const { settledUntilMs } = listener;
    const dismissed = verdict === 'backchannel' ? { turn, atMs, settledUntilMs } : undefined;
    return {
      listener: { ...listener, turn: undefined, dismissed, settledUntilMs: atMs },
      actions: [{ kind: 'unduck' }, judged],
    };
  }
  const { firstHalf } = turn;
  const wasPremature = firstHalf?.soundedAtMs !== undefined;
  const pauseMs = turn.startedAtMs - (firstHalf?.endedAtMs ?? Number.NEGATIVE_INFINITY);
  const speaker = wasPremature ? noteTurn(notePause(listener.speaker, pauseMs), true) : listener.speaker;
  // A reply without a sound yet leaves no voice behind that must stay down; the next one is not to begin with it down.
  const raised: ListenerAction[] = listener.agent === 'speaking' ? [] : [{ kind: 'unduck' }];
  return release({ ...listener, speaker }, { ...turn, hasInterrupted: true }, atMs, settings, [...raised, judged]);
}

function evidenceOf(listener: Listener, turn: OpenTurn, atMs: number, { language }: ListenerSettings): OverlapEvidence {
  const voicedMs = turn.earlierVoicedMs + listener.voice.voicedMs;
  return overlapEvidence(turn, { atMs, voicedMs, silenceMs: silenceAt(listener, turn, atMs), language });
}

/** Steps one after the other: all their actions, and what the last of them came to. */
function followedBy(first: ListenerStep, ...others: readonly ListenerStep[]): ListenerStep {
  const listener = others.at(-1)?.listener ?? first.listener;
  return { listener, actions: [first, ...others].flatMap((step) => step.actions) };
}
