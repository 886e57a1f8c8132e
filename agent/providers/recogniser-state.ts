/**
 * The recogniser's decisions: when a connection is taken for deaf, which of two is believed, what another one is told again
 * and whom to ask next. Pure: the shell (`recogniser.ts`) feeds it and does what it says; time comes in with each input.
 *
 * Two promises: what has no final yet is told to every line that takes over, and what has one is told to none.
 */
import { CLOSED, noteTrial, stateOf } from '../resilience/breaker.js';
import { NO_LATENCIES } from '../resilience/deadline.js';
import { NEW_BUDGET, noteExtra, noteRequest } from '../resilience/hedge-budget.js';
import { shareOf } from '../resilience/switches.js';
import { choose, retryDelayMs, withFailure, withSuccess } from './recogniser-choice.js';
import { dueOf, mayOpenSpare, raceMs, wakeAtMs } from './recogniser-deadlines.js';
import type {
  RecogniserAction,
  RecogniserInput,
  RecogniserSettings,
  RecogniserState,
  RecogniserStep,
  Sign,
} from './recogniser-forms.js';
import { tells, withSign } from './recogniser-signs.js';

/** Positions this near are the same: audio leaves in pieces of 20 ms. */
const TOLERANCE_MS = 20;
/** Voice is told late, since its detector needs some: so much before it is told again too, in ms. */
const LEAD_MS = 1_000;
/** Voice must go on for so long before words are owed for it, in ms: what is shorter is found out by its Finalize. */
const SURE_VOICE_MS = 200;
/** Voice after so long without any begins anew, in ms. */
const NEW_VOICE_MS = 1_000;
/** So many lines that heard nothing are believed, when voice alone speaks against them. */
const SILENT_LINES_FOR_VOICE = 1;
/** A Finalize is owed an answer, but Deepgram does not promise one. */
const SILENT_LINES_FOR_FINAL = 3;
/** Calls to Finalize that may wait for their answer; the oldest is forgotten. */
const MAX_ASKED = 16;

export function newRecogniser(settings: RecogniserSettings): RecogniserState {
  return {
    main: undefined,
    spare: undefined,
    raceUntilMs: undefined,
    retryAtMs: undefined,
    hasLost: false,
    breakers: Array.from({ length: settings.providers }, () => CLOSED),
    budget: NEW_BUDGET,
    onsets: NO_LATENCIES,
    finals: NO_LATENCIES,
    awaited: undefined,
    asked: [],
    silentLines: 0,
    isSilenceBelieved: false,
    voiceAtMs: undefined,
    voicedFrom: undefined,
    voicedUntil: 0,
    covered: 0,
    shown: 0,
    nextId: 1,
  };
}

/** Takes one input in. Inputs of lines that are none any more change nothing. */
export function step(state: RecogniserState, input: RecogniserInput, settings: RecogniserSettings): RecogniserStep {
  switch (input.kind) {
    case 'start':
      return connect(state, 'main', input.atMs, settings);
    case 'opened':
      return onOpened(state, input, settings);
    case 'ended':
      return onEnded(state, input, settings);
    case 'results':
      return onResults(state, input, settings);
    case 'voice':
      return { state: onVoice(state, input, settings), actions: [] };
    case 'finalize':
      return { state: onFinalize(state, input, settings), actions: [] };
    case 'time':
      return onTime(state, input.atMs, settings);
  }
}

/** Where another line has to begin: with what has no final yet, but not with a silence that is known to be one. */
export function replayFrom(state: RecogniserState, end: number, { sampleRateHz }: RecogniserSettings): number {
  const { voiceAtMs, voicedFrom, covered, asked } = state;
  // Deepgram takes in no more than 1.25 s of audio a second: each silence told again makes the words after it late.
  const unheardFrom = voicedFrom ?? (voiceAtMs === undefined ? covered : end);
  const first = Math.min(unheardFrom, end, ...asked.filter(({ isDue }) => isDue).map(({ position }) => position));
  return Math.max(covered, first - samplesIn(LEAD_MS, sampleRateHz));
}

function samplesIn(ms: number, sampleRateHz: number): number {
  return Math.round((ms * sampleRateHz) / 1_000);
}

function connect(
  state: RecogniserState,
  role: 'main' | 'spare',
  atMs: number,
  settings: RecogniserSettings,
): RecogniserStep {
  const provider = choose(state.breakers, atMs, settings.switches.fallback, state.main?.provider);
  const line = { id: state.nextId, provider, isOpen: false };
  const breaker = state.breakers[provider] ?? CLOSED;
  const isProbe = stateOf(breaker, atMs) === 'half-open';
  const breakers = state.breakers.with(provider, noteTrial(breaker, atMs));
  const restarted = role === 'main' ? withNewClocks(state, atMs) : state;
  return {
    state: { ...restarted, [role]: line, breakers, retryAtMs: undefined, nextId: state.nextId + 1 },
    actions: [
      ...(isProbe ? [{ kind: 'breaker', state: 'half-open' } as const] : []),
      { kind: 'connect', id: line.id, provider },
    ],
  };
}

/** A line that is new to what was asked of another has all the time again. */
function withNewClocks(state: RecogniserState, atMs: number): RecogniserState {
  return {
    ...state,
    awaited: state.awaited && { ...state.awaited, sinceMs: atMs },
    asked: state.asked.map((final) => ({ ...final, sinceMs: atMs })),
  };
}

function onOpened(
  state: RecogniserState,
  { id, atMs, position: end }: { id: number; atMs: number; position: number },
  settings: RecogniserSettings,
): RecogniserStep {
  const { main, spare } = state;
  const isMain = main?.id === id;
  if (!isMain && spare?.id !== id) return { state, actions: [] };
  const isSettled = ({ position }: { position: number }) => state.covered > 0 && position <= state.covered;
  const asked = state.asked.filter((final) => !isSettled(final));
  const remaining = { ...state, asked };
  const opened: RecogniserState = isMain
    ? { ...withNewClocks(remaining, atMs), main: { ...main, isOpen: true }, hasLost: false }
    : {
        ...remaining,
        spare: spare && { ...spare, isOpen: true },
        raceUntilMs: atMs + raceMs(remaining, settings),
      };
  const from = replayFrom(opened, end, settings);
  return {
    state: opened,
    actions: [
      ...(isMain && state.hasLost ? [{ kind: 'failover' } as const] : []),
      ...state.asked.filter(isSettled).map(({ position }) => ({ kind: 'answer', position }) as const),
      { kind: 'replay', id, from, finalizeAt: asked.map(({ position }) => Math.max(from, position)) },
    ],
  };
}

function onEnded(
  state: RecogniserState,
  { id, atMs, isRefusal }: { id: number; atMs: number; isRefusal: boolean },
  settings: RecogniserSettings,
): RecogniserStep {
  if (state.spare?.id === id) {
    const failed = withFailure(state, state.spare.provider, atMs);
    return {
      state: { ...failed.state, spare: undefined, raceUntilMs: undefined },
      actions: [...failed.actions, { kind: 'hedged', winner: 'none' }],
    };
  }
  if (state.main?.id !== id) return { state, actions: [] };
  const { state: failed, actions } = withFailure(state, state.main.provider, atMs);
  if (state.spare !== undefined) return promoted({ state: withNewClocks(failed, atMs), actions }, 'none');
  const retryAtMs = atMs + retryDelayMs(failed.breakers, atMs, settings.switches.fallback, isRefusal);
  return { state: { ...failed, main: undefined, retryAtMs, hasLost: true }, actions };
}

/** The second line takes over from the first. */
function promoted({ state, actions }: RecogniserStep, winner: 'second' | 'none'): RecogniserStep {
  const isOpen = state.spare?.isOpen === true;
  const isFailover = winner === 'none' && isOpen;
  return {
    state: {
      ...state,
      main: state.spare,
      spare: undefined,
      raceUntilMs: undefined,
      hasLost: winner === 'none' && !isOpen,
    },
    actions: [...actions, { kind: 'hedged', winner }, ...(isFailover ? [{ kind: 'failover' } as const] : [])],
  };
}

function onVoice(
  state: RecogniserState,
  { atMs, position }: { atMs: number; position: number },
  settings: RecogniserSettings,
): RecogniserState {
  const isNew = state.voiceAtMs === undefined || atMs - state.voiceAtMs >= NEW_VOICE_MS;
  const told = {
    ...state,
    voiceAtMs: atMs,
    // What is final already needs no telling again.
    voicedFrom: state.voicedFrom ?? (position > state.covered ? position : undefined),
    voicedUntil: Math.max(state.voicedUntil, position),
    isSilenceBelieved: state.isSilenceBelieved && !isNew,
    silentLines: isNew ? 0 : state.silentLines,
  };
  if (told.isSilenceBelieved) return told;
  const { awaited, budget } = state;
  const isNoise = awaited?.isSure === false && isNew;
  if (awaited !== undefined && !isNoise) {
    return { ...told, awaited: { ...awaited, isSure: awaited.isSure || atMs - awaited.sinceMs >= SURE_VOICE_MS } };
  }
  const kind = isNew ? 'onset' : 'going';
  return {
    ...told,
    awaited: { kind, position, sinceMs: atMs, isSure: false },
    budget: isNew ? noteRequest(budget, shareOf(settings.switches)) : budget,
  };
}

function onFinalize(
  state: RecogniserState,
  { atMs, position }: { atMs: number; position: number },
  settings: RecogniserSettings,
): RecogniserState {
  // Who never tells of voice asks only when there was some.
  const isTold = state.voiceAtMs !== undefined;
  const isDue = !isTold || (!state.isSilenceBelieved && state.voicedFrom !== undefined);
  return {
    ...state,
    asked: [...state.asked, { position, sinceMs: atMs, isDue }].slice(-MAX_ASKED),
    silentLines: isTold ? state.silentLines : 0,
    budget: noteRequest(state.budget, shareOf(settings.switches)),
  };
}

function onResults(
  state: RecogniserState,
  { id, atMs, sign }: { id: number; atMs: number; sign: Sign },
  settings: RecogniserSettings,
): RecogniserStep {
  const isSpare = state.spare?.id === id;
  if (!isSpare && state.main?.id !== id) return { state, actions: [] };
  const nothing = { state, actions: [] };
  const isSign = tells(state, sign);
  if (!isSign && isSpare) return nothing;
  const raced = isSign ? raceWonBy(state, isSpare, atMs) : nothing;
  const heard = isSign ? withSuccess(raced, raced.state.main?.provider ?? 0, atMs) : raced;
  const tolerance = samplesIn(TOLERANCE_MS, settings.sampleRateHz);
  const taken = isSign ? withSign(heard.state, sign, atMs, tolerance) : heard.state;
  // A line that takes over hears again what was shown, and is behind at first.
  const isNews = sign.isFinal || (sign.until > state.covered && sign.until + tolerance >= state.shown);
  const shown = isNews ? Math.max(state.shown, sign.until) : state.shown;
  const isAnswer = sign.isAnswer && state.asked.length > 0;
  return {
    state: { ...taken, shown },
    actions: [...heard.actions, ...(isNews ? [{ kind: 'deliver', isAnswer } as const] : [])],
  };
}

function raceWonBy(state: RecogniserState, isSpare: boolean, atMs: number): RecogniserStep {
  const { main, spare } = state;
  if (main === undefined || spare === undefined) return { state, actions: [] };
  if (!isSpare) {
    return {
      state: { ...state, spare: undefined, raceUntilMs: undefined },
      actions: [
        { kind: 'close', id: spare.id },
        { kind: 'hedged', winner: 'first' },
      ],
    };
  }
  const failed = withFailure(state, main.provider, atMs);
  const given = [{ kind: 'close', id: main.id } as const, { kind: 'deaf', provider: main.provider } as const];
  return promoted({ state: failed.state, actions: [...failed.actions, ...given] }, 'second');
}

function onTime(state: RecogniserState, atMs: number, settings: RecogniserSettings): RecogniserStep {
  const nothing = { state, actions: [] };
  const wakeMs = wakeAtMs(state, settings);
  if (wakeMs === undefined || atMs < wakeMs) return nothing;
  if (state.main === undefined) return connect(state, 'main', atMs, settings);
  const due = dueOf(state, settings);
  if (due === undefined) return nothing;
  const { main, spare } = state;
  if (spare === undefined && mayOpenSpare(state, settings)) {
    // Its own time begins when it is open; to get there it may take as long again.
    const raceUntilMs = atMs + 2 * raceMs(state, settings);
    return connect({ ...state, raceUntilMs, budget: noteExtra(state.budget) }, 'spare', atMs, settings);
  }
  if (spare?.isOpen === false) {
    const ended = onEnded(state, { id: spare.id, atMs, isRefusal: true }, settings);
    return { state: ended.state, actions: [...ended.actions, { kind: 'close', id: spare.id }] };
  }
  const isOwed = state.asked.some(({ isDue }) => isDue);
  const allowed = isOwed ? SILENT_LINES_FOR_FINAL : SILENT_LINES_FOR_VOICE;
  // A line that is not open yet hears nothing anyway.
  const silent = state.silentLines + (spare !== undefined && main.isOpen ? 1 : 0);
  return silent >= allowed ? believed(state) : replaced(state, atMs, settings);
}

/** What several lines do not hear is not there. */
function believed(state: RecogniserState): RecogniserStep {
  const { spare } = state;
  return {
    state: {
      ...state,
      spare: undefined,
      raceUntilMs: undefined,
      awaited: undefined,
      asked: state.asked.map((final) => ({ ...final, isDue: false })),
      isSilenceBelieved: true,
    },
    actions:
      spare === undefined
        ? []
        : [
            { kind: 'close', id: spare.id },
            { kind: 'hedged', winner: 'none' },
          ],
  };
}

/** The main line is given up: for the second one, or for a new one. */
function replaced(state: RecogniserState, atMs: number, settings: RecogniserSettings): RecogniserStep {
  const { main, spare } = state;
  if (main === undefined) return { state, actions: [] };
  const failed = withFailure(state, main.provider, atMs);
  const actions: RecogniserAction[] = [
    ...failed.actions,
    { kind: 'close', id: main.id },
    { kind: 'deaf', provider: main.provider },
  ];
  const silentLines = state.silentLines + (main.isOpen ? 1 : 0);
  const next: RecogniserState = { ...withNewClocks(failed.state, atMs), silentLines, hasLost: true };
  if (spare !== undefined) return promoted({ state: next, actions }, 'none');
  const connected = connect({ ...next, main: undefined }, 'main', atMs, settings);
  return { state: connected.state, actions: [...actions, ...connected.actions] };
}
