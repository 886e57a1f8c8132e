/**
 * A LiveKit room that consists of its only participant: what that one publishes comes back to it. Only its signals pass through
 * here; the participant's two peer connections, the one it sends by and the one it receives by, are connected to each other.
 * For rehearsals.
 */
import { createServer } from 'node:http';
import {
  JoinResponse,
  ParticipantInfo_State,
  SignalRequest,
  SignalResponse,
  SignalTarget,
  TrackPublishedResponse,
  TrickleRequest,
} from '@livekit/protocol';
import { type WebSocket, WebSocketServer } from 'ws';
import { listenOnLoopback } from './loopback-server.js';

/** The newer form of joining, over one peer connection: who is told that it is not there joins in the older one, over two. */
const NEWER_FORM = '/rtc/v1';

export interface MirrorRoom {
  /** `ws://127.0.0.1:PORT`; any token will do. */
  readonly url: string;
  close(): void;
}

/** @throws where no port of the loopback interface can be had. */
export async function startMirrorRoom(): Promise<MirrorRoom> {
  const server = createServer((_, response) => response.writeHead(404).end());
  const sockets = new WebSocketServer({
    server,
    verifyClient: ({ req: { url = '' } }, done) => done(!url.startsWith(NEWER_FORM), 404),
  });
  sockets.on('connection', mirror);
  const { host, close } = await listenOnLoopback(server, sockets);
  return { url: `ws://${host}`, close };
}

function mirror(socket: WebSocket): void {
  const tell = (message: SignalResponse['message']): void => socket.send(new SignalResponse({ message }).toBinary());
  let tracks = 0;
  socket.on('message', (data: Buffer) => {
    const { message } = SignalRequest.fromBinary(data);
    switch (message.case) {
      // An offer is of the sending connection, and made to the receiving one; its answer goes the other way.
      case 'offer':
      case 'answer':
        return tell(message);
      case 'trickle':
        return tell({
          case: 'trickle',
          value: new TrickleRequest({ ...message.value, target: otherEnd(message.value) }),
        });
      case 'addTrack': {
        const { cid, type, name, source } = message.value;
        tracks += 1;
        const track = { sid: `TR_${tracks}`, type, name, source };
        return tell({ case: 'trackPublished', value: new TrackPublishedResponse({ cid, track }) });
      }
    }
  });
  tell({ case: 'join', value: welcome() });
}

function otherEnd({ target }: TrickleRequest): SignalTarget {
  return target === SignalTarget.PUBLISHER ? SignalTarget.SUBSCRIBER : SignalTarget.PUBLISHER;
}

function welcome(): JoinResponse {
  return new JoinResponse({
    room: { sid: 'RM_rehearsal', name: 'rehearsal' },
    participant: {
      sid: 'PA_rehearsal',
      identity: 'rehearsal',
      state: ParticipantInfo_State.ACTIVE,
      permission: { canPublish: true, canSubscribe: true, canPublishData: true },
    },
    // It makes the first offer itself, since nobody else is there to make one.
    subscriberPrimary: false,
    pingInterval: 10,
    pingTimeout: 20,
  });
}
