/**
 * What can be wrong with a call, in the words of the person who wants to talk: what happened, and what to do now. The
 * texts stand here and nowhere else, so that they can be read, tested and translated in one place.
 */
import { ConnectionError, ConnectionErrorReason, DisconnectReason, MediaDeviceFailure } from 'livekit-client';

export type ProblemCode =
  | 'insecure-origin'
  | 'permission-refused'
  | 'no-microphone'
  | 'microphone-busy'
  | 'microphone-gone'
  | 'microphone-failed'
  | 'microphone-silent'
  | 'server-away'
  | 'token-refused'
  | 'wrong-address'
  | 'too-many-calls'
  | 'token-failed'
  | 'sfu-away'
  | 'sfu-refused'
  | 'no-agent'
  | 'agent-left'
  | 'connection-lost'
  | 'joined-elsewhere'
  | 'room-closed'
  | 'message-not-sent'
  | 'sound-blocked';

/** What the page offers beside the words. */
export type ProblemAction = 'call-again' | 'try-microphone' | 'start-sound' | 'type';

export interface ProblemText {
  readonly title: string;
  readonly advice: string;
  readonly actions: readonly ProblemAction[];
}

const TEXTS: Readonly<Record<ProblemCode, ProblemText>> = {
  'insecure-origin': {
    title: 'This address cannot use a microphone',
    advice:
      'Browsers allow the microphone on https:// pages and on localhost only. Open the page at such an address, or type instead.',
    actions: ['type'],
  },
  'permission-refused': {
    title: 'The browser may not use the microphone',
    advice:
      'Click the microphone or lock sign beside the address, allow the microphone for this page, then try again. You can type meanwhile.',
    actions: ['try-microphone', 'type'],
  },
  'no-microphone': {
    title: 'No microphone was found',
    advice: 'Plug one in or switch it on, then try again. You can type meanwhile.',
    actions: ['try-microphone', 'type'],
  },
  'microphone-busy': {
    title: 'Another program holds the microphone',
    advice: 'Close other calls or recorders, then try again. You can type meanwhile.',
    actions: ['try-microphone', 'type'],
  },
  'microphone-gone': {
    title: 'Your microphone has gone',
    advice:
      'It was unplugged or switched off, or the browser may not use it any more: the agent does not hear you. Mend that, then try again. You can type meanwhile.',
    actions: ['try-microphone', 'type'],
  },
  'microphone-failed': {
    title: 'The microphone could not be started',
    advice: 'Choose another microphone below, or try again. You can type meanwhile.',
    actions: ['try-microphone', 'type'],
  },
  'microphone-silent': {
    title: 'No sound comes from your microphone',
    advice: 'Is it muted by a switch or in the system settings? Another one can be chosen below.',
    actions: ['type'],
  },
  'server-away': {
    title: 'The Turnwise server does not answer',
    advice: 'Check your network. If you run it yourself, see that "npm start" is still running, then call again.',
    actions: ['call-again'],
  },
  'token-refused': {
    title: 'This server did not let you in',
    advice: 'It wants an access key. Enter the one you were given, or ask whoever runs this server, then call again.',
    actions: ['call-again'],
  },
  'wrong-address': {
    title: 'No calls from this address',
    advice:
      'The server takes calls from pages that it serves itself, and without access keys on its own machine only: open the page as http://localhost with its port. Whoever runs it can let others in with TOKEN_SERVER_AUTH=key.',
    actions: ['call-again'],
  },
  'too-many-calls': {
    title: 'Too many calls were started from here',
    advice: 'Wait a minute, then call again.',
    actions: ['call-again'],
  },
  'token-failed': {
    title: 'The server could not open a room for the call',
    advice: 'Call again. If it stays so, the log of the token server says why.',
    actions: ['call-again'],
  },
  'sfu-away': {
    title: 'The call server cannot be reached',
    advice:
      'A firewall may be in the way, or livekit-server is not running. Try another network, or start it, then call again.',
    actions: ['call-again'],
  },
  'sfu-refused': {
    title: 'The call server refused this call',
    advice: 'Its key may differ from that of the token server. Whoever runs it should compare LIVEKIT_API_SECRET.',
    actions: ['call-again'],
  },
  'no-agent': {
    title: 'No agent has answered within 10 seconds',
    advice:
      'It may be starting or busy; you can stay, it will join when it can. If you run it yourself, see that the worker is running under the right AGENT_NAME.',
    actions: ['call-again'],
  },
  'agent-left': {
    title: 'The agent has left the call',
    advice: 'If it comes back, the call goes on here. Otherwise call again.',
    actions: ['call-again'],
  },
  'connection-lost': {
    title: 'The connection was lost',
    advice: 'Reconnecting did not work. Check your network, then call again.',
    actions: ['call-again'],
  },
  'joined-elsewhere': {
    title: 'This call goes on in another window',
    advice: 'The same caller has joined there. Call again to have one of your own here.',
    actions: ['call-again'],
  },
  'room-closed': {
    title: 'The call was ended by the other side',
    advice: 'Call again if there is more to say.',
    actions: ['call-again'],
  },
  'sound-blocked': {
    title: 'The browser keeps the agent silent',
    advice: 'It plays sound only after a click. Give it one.',
    actions: ['start-sound'],
  },
  'message-not-sent': {
    title: 'Your message was not sent',
    advice: 'It stands in the text box again. Send it once more when the connection is back.',
    actions: [],
  },
};

export function describeProblem(code: ProblemCode): ProblemText {
  return TEXTS[code];
}

/** Why the microphone did not start. */
export function microphoneProblem(error: unknown, isSecureContext: boolean): ProblemCode {
  // Outside a secure context browsers have no `mediaDevices` at all, and the error is about that.
  if (!isSecureContext) return 'insecure-origin';
  switch (MediaDeviceFailure.getFailure(error instanceof Error ? error : undefined)) {
    case MediaDeviceFailure.PermissionDenied:
      return 'permission-refused';
    case MediaDeviceFailure.NotFound:
      return 'no-microphone';
    case MediaDeviceFailure.DeviceInUse:
      return 'microphone-busy';
    default:
      return 'microphone-failed';
  }
}

/** Why no token came. `TokenSource.endpoint` tells the status in its error's text only. */
export function tokenProblem(error: unknown): ProblemCode {
  const status = /received (\d{3}) \//.exec(error instanceof Error ? error.message : '')?.[1];
  // fetch() itself fails with a TypeError, or with our time limit; a gateway before a server that is away answers 502 to 504.
  if (status === undefined) {
    const unanswered = error instanceof TypeError || (error instanceof Error && error.name === 'TimeoutError');
    return unanswered ? 'server-away' : 'token-failed';
  }
  if (['502', '503', '504'].includes(status)) return 'server-away';
  if (status === '401') return 'token-refused';
  if (status === '403') return 'wrong-address';
  return status === '429' ? 'too-many-calls' : 'token-failed';
}

/** Why the room was not entered. */
export function connectProblem(error: unknown): ProblemCode {
  return error instanceof ConnectionError && error.reason === ConnectionErrorReason.NotAllowed
    ? 'sfu-refused'
    : 'sfu-away';
}

/** Why the room was left; undefined when the person hung up. */
export function disconnectProblem(reason: DisconnectReason | undefined): ProblemCode | undefined {
  switch (reason) {
    case DisconnectReason.CLIENT_INITIATED:
      return undefined;
    case DisconnectReason.DUPLICATE_IDENTITY:
      return 'joined-elsewhere';
    case DisconnectReason.ROOM_DELETED:
    case DisconnectReason.ROOM_CLOSED:
    case DisconnectReason.PARTICIPANT_REMOVED:
      return 'room-closed';
    default:
      return 'connection-lost';
  }
}
