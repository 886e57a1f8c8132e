/** What is going on, in a word and a sentence. */
import type { AgentActivity } from './agent.js';
import type { CallState } from './call-state.js';

export interface Status {
  readonly word: string;
  readonly detail: string;
}

const ACTIVITIES: Readonly<Record<AgentActivity, Status>> = {
  initializing: { word: 'Joining', detail: 'The agent is coming into the room.' },
  idle: { word: 'Idle', detail: 'The agent is here and waits.' },
  listening: { word: 'Listening', detail: 'Go ahead, it is your turn.' },
  thinking: { word: 'Thinking', detail: 'It has heard you and finds an answer.' },
  speaking: { word: 'Speaking', detail: 'Just talk to interrupt.' },
};

export function describeStatus(state: CallState, activity: AgentActivity): Status {
  if (state.reconnecting) return { word: 'Reconnecting', detail: 'The line dropped. It is being picked up again.' };
  switch (state.phase) {
    case 'idle':
      return { word: 'Ready', detail: 'Start a call and talk.' };
    case 'connecting':
      return { word: 'Connecting', detail: 'Opening a room for the call.' };
    case 'waiting':
      if (state.agentGone === 'left') return { word: 'Alone', detail: 'The agent is not here at the moment.' };
      return { word: 'Waiting', detail: 'The room is open; the agent has been called.' };
    case 'failed':
      return { word: 'No call', detail: 'It could not be started.' };
    case 'ended':
      return { word: 'Call ended', detail: 'Start another whenever you like.' };
    case 'talking':
      if (activity === 'listening' && state.microphone === 'failed') {
        return { word: 'Waiting for text', detail: 'Type what you want to say.' };
      }
      return ACTIVITIES[activity];
  }
}
