/** Where a call stands, as a pure function of what happened to it. */
import type { ProblemCode } from './problem.js';

/**
 * `connecting`: asking for a room and entering it. `waiting`: inside, the agent is not. `talking`: both are inside.
 * `ended`: was inside. `failed`: did not get in.
 */
export type CallPhase = 'idle' | 'connecting' | 'waiting' | 'talking' | 'ended' | 'failed';

/** `unused` until asked for; `failed` when the browser gave none. Muting is the track's own state. */
export type MicrophoneState = 'unused' | 'starting' | 'on' | 'failed';

export interface CallState {
  readonly phase: CallPhase;
  /** The line is down and livekit-client is at work on it. */
  readonly reconnecting: boolean;
  readonly microphone: MicrophoneState;
  /** Why there is no agent, whether or not the words about it were dismissed. */
  readonly agentGone: 'late' | 'left' | undefined;
  /** What is wrong with the call itself, newest. */
  readonly callProblem: ProblemCode | undefined;
  /** What is wrong with the microphone; the call goes on without. */
  readonly microphoneProblem: ProblemCode | undefined;
}

export type CallEvent =
  | { readonly type: 'started' }
  | { readonly type: 'entered' }
  | { readonly type: 'failed'; readonly problem: ProblemCode }
  | { readonly type: 'agent-joined' }
  | { readonly type: 'agent-late' }
  | { readonly type: 'agent-left' }
  | { readonly type: 'reconnecting' }
  | { readonly type: 'reconnected' }
  | { readonly type: 'left'; readonly problem: ProblemCode | undefined }
  | { readonly type: 'microphone-starting' }
  | { readonly type: 'microphone-on' }
  | { readonly type: 'microphone-failed'; readonly problem: ProblemCode }
  | { readonly type: 'microphone-silent' }
  | { readonly type: 'microphone-heard' }
  | { readonly type: 'message-failed' }
  | { readonly type: 'message-sent' }
  | { readonly type: 'problem-dismissed' };

export const IDLE: CallState = {
  phase: 'idle',
  reconnecting: false,
  microphone: 'unused',
  agentGone: undefined,
  callProblem: undefined,
  microphoneProblem: undefined,
};

/** Whether the person is in a room. */
export function isInCall({ phase }: CallState): boolean {
  return phase === 'waiting' || phase === 'talking';
}

/** Whether there was a call that is no more. */
export function isOver({ phase }: CallState): boolean {
  return phase === 'ended' || phase === 'failed';
}

export function callReducer(state: CallState, event: CallEvent): CallState {
  switch (event.type) {
    case 'started':
      return { ...IDLE, phase: 'connecting' };
    case 'failed':
      return { ...IDLE, phase: 'failed', callProblem: event.problem };
    case 'left':
      // A call that already failed to begin is left too; its first problem is the one that explains it.
      return isOver(state) ? state : { ...IDLE, phase: 'ended', callProblem: event.problem };
    case 'problem-dismissed':
      return { ...state, callProblem: undefined, microphoneProblem: undefined };
    default:
      // What happens after hanging up (a late microphone, say) is no longer about this call.
      return state.phase === 'idle' || isOver(state) ? state : duringCall(state, event);
  }
}

type EventDuringCall = Exclude<CallEvent, { type: 'started' | 'failed' | 'left' | 'problem-dismissed' }>;

function duringCall(state: CallState, event: EventDuringCall): CallState {
  switch (event.type) {
    case 'entered':
      return state.phase === 'connecting' ? { ...state, phase: 'waiting' } : state;
    case 'agent-joined':
      return { ...state, phase: 'talking', agentGone: undefined, callProblem: undefined };
    case 'agent-late':
      return isAwaited(state) ? { ...state, agentGone: 'late', callProblem: 'no-agent' } : state;
    case 'agent-left':
      if (state.phase !== 'talking') return state;
      return { ...state, phase: 'waiting', agentGone: 'left', callProblem: 'agent-left' };
    case 'reconnecting':
      return { ...state, reconnecting: true };
    case 'reconnected':
      return { ...state, reconnecting: false };
    case 'message-failed':
      return { ...state, callProblem: 'message-not-sent' };
    case 'message-sent':
      return state.callProblem === 'message-not-sent' ? { ...state, callProblem: undefined } : state;
    case 'microphone-starting':
      return { ...state, microphone: 'starting', microphoneProblem: undefined };
    case 'microphone-on':
      return { ...state, microphone: 'on', microphoneProblem: undefined };
    case 'microphone-failed':
      return { ...state, microphone: 'failed', microphoneProblem: event.problem };
    case 'microphone-silent':
      return state.microphone === 'on' ? { ...state, microphoneProblem: 'microphone-silent' } : state;
    case 'microphone-heard':
      return state.microphoneProblem === 'microphone-silent' ? { ...state, microphoneProblem: undefined } : state;
  }
}

/** Whether an agent was called that has not been there yet, and nobody has said so. */
export function isAwaited({ phase, agentGone }: CallState): boolean {
  return phase === 'waiting' && agentGone === undefined;
}
