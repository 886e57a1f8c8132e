import {
  ConnectionState,
  type Participant,
  type RemoteParticipant,
  Room,
  RoomEvent,
  TokenSource,
  Track,
  type TrackPublication,
} from 'livekit-client';
import { useCallback, useEffect, useReducer, useRef, useState } from 'react';
import { type CallEvent, type CallState, callReducer, IDLE, isAwaited, isInCall } from './call-state.js';
import { letIn, openMicrophone } from './joining.js';
import { connectProblem, disconnectProblem, microphoneProblem, type ProblemCode, tokenProblem } from './problem.js';
import { agentMetadata } from './profile.js';

/** Where the token server that served this page hands out rooms. */
const TOKEN_ENDPOINT = '/token';

/** How long the token server may take, in ms. */
const TOKEN_TIMEOUT_MS = 10_000;

/** How long to wait for the agent before saying that none came, in ms. */
const AGENT_WAIT_MS = 10_000;

export interface StartOptions {
  readonly withMicrophone: boolean;
  /** A latency profile's name; empty for the server's. */
  readonly profile: string;
  /** What a token server in key mode wants; empty for one that is open. */
  readonly accessKey: string;
}

export interface Call {
  readonly room: Room;
  readonly state: CallState;
  readonly dispatch: (event: CallEvent) => void;
  readonly start: (options: StartOptions) => Promise<void>;
  readonly hangUp: () => Promise<void>;
  readonly startMicrophone: () => Promise<void>;
  /** Mutes it or lets it be heard again. */
  readonly setMicrophoneOn: (on: boolean) => Promise<void>;
}

/** One person's calls, one after the other, in one livekit-client room object. */
export function useCall(): Call {
  const [room] = useState(
    () => new Room({ audioCaptureDefaults: { echoCancellation: true, noiseSuppression: true, autoGainControl: true } }),
  );
  const [state, dispatch] = useReducer(callReducer, IDLE);
  const attempt = useRef(new AbortController());

  useRoomEvents(room, dispatch);

  // Of no agent while one's own line is down.
  const awaitsAgent = isAwaited(state) && !state.reconnecting;
  useEffect(() => {
    if (!awaitsAgent) return;
    const timer = setTimeout(() => dispatch({ type: 'agent-late' }), AGENT_WAIT_MS);
    return () => clearTimeout(timer);
  }, [awaitsAgent]);

  const microphoneFailed = useCallback((error: unknown) => {
    dispatch({ type: 'microphone-failed', problem: microphoneProblem(error, window.isSecureContext) });
  }, []);

  const bringMicrophone = useCallback(
    async (entered: Promise<void>, signal: AbortSignal) => {
      dispatch({ type: 'microphone-starting' });
      try {
        const microphone = await openMicrophone(room);
        // A call that ended meanwhile must not leave the microphone on.
        await entered.catch((error: unknown) => {
          microphone.stop();
          throw error;
        });
        // Granted late, after the call: livekit-client would keep it for whatever call comes next.
        if (signal.aborted) microphone.stop();
        else await microphone.publish();
        if (!signal.aborted) dispatch({ type: 'microphone-on' });
      } catch (error) {
        if (!signal.aborted) microphoneFailed(error);
      }
    },
    [room, microphoneFailed],
  );

  const startMicrophone = useCallback(
    () => bringMicrophone(Promise.resolve(), attempt.current.signal),
    [bringMicrophone],
  );

  const setMicrophoneOn = useCallback(
    async (on: boolean) => {
      try {
        await room.localParticipant.setMicrophoneEnabled(on);
      } catch (error) {
        // The device has gone while it was muted, say: another one is asked for next.
        microphoneFailed(error);
      }
    },
    [room, microphoneFailed],
  );

  const start = useCallback(
    async ({ withMicrophone, profile, accessKey }: StartOptions) => {
      attempt.current.abort();
      const current = new AbortController();
      attempt.current = current;
      const { signal } = current;
      const fail = (problem: ProblemCode) => {
        if (!signal.aborted) dispatch({ type: 'failed', problem });
        current.abort();
      };
      dispatch({ type: 'started' });
      // A browser lets audio play only when asked from within a click, which is now.
      room.startAudio().catch(() => {});
      await room.disconnect();
      if (signal.aborted) return;

      const entered = letIn(room, signal);
      entered.catch(() => {}); // Without a microphone nobody waits for it.
      const microphone = withMicrophone ? bringMicrophone(entered, signal) : undefined;
      const metadata = agentMetadata(profile);
      const credentials = await TokenSource.endpoint(TOKEN_ENDPOINT, {
        signal: AbortSignal.any([signal, AbortSignal.timeout(TOKEN_TIMEOUT_MS)]),
        ...(accessKey !== '' && { headers: { authorization: `Bearer ${accessKey}` } }),
      })
        .fetch(metadata === undefined ? {} : { agentMetadata: metadata })
        .catch((error: unknown) => fail(tokenProblem(error)));
      if (!credentials || signal.aborted) return;

      try {
        await room.connect(credentials.serverUrl, credentials.participantToken);
      } catch (error) {
        fail(connectProblem(error));
        return;
      }
      if (signal.aborted) {
        await room.disconnect();
        return;
      }
      room.once(RoomEvent.Disconnected, (reason) => {
        // Who hangs up here has said so, and may be calling again by now; livekit-client itself does when the page is left.
        if (!signal.aborted) dispatch({ type: 'left', problem: disconnectProblem(reason) });
        // Whoever ended it, what is still on its way belongs to no call.
        current.abort();
      });
      dispatch({ type: 'entered' });
      if (findAgent(room)) dispatch({ type: 'agent-joined' });
      await microphone;
    },
    [room, bringMicrophone],
  );

  const hangUp = useCallback(async () => {
    attempt.current.abort();
    dispatch({ type: 'left', problem: undefined });
    await room.disconnect();
  }, [room]);

  useEffect(
    () => () => {
      attempt.current.abort();
      room.disconnect().catch(() => {});
    },
    [room],
  );

  return { room, state, dispatch, start, hangUp, startMicrophone, setMicrophoneOn };
}

/** The agent in the room, if it is there; there is one at most. */
export function findAgent(room: Room): RemoteParticipant | undefined {
  return [...room.remoteParticipants.values()].find(({ isAgent }) => isAgent);
}

/** Says in the title of the tab that a call is on, for those who have many. */
export function useTabTitle(state: CallState): void {
  const inCall = isInCall(state);
  useEffect(() => {
    if (!inCall) return;
    const title = document.title;
    document.title = 'On a call · Turnwise';
    return () => {
      document.title = title;
    };
  }, [inCall]);
}

function useRoomEvents(room: Room, dispatch: (event: CallEvent) => void): void {
  useEffect(() => {
    const joined = ({ isAgent }: RemoteParticipant) => {
      if (isAgent) dispatch({ type: 'agent-joined' });
    };
    const left = ({ isAgent }: RemoteParticipant) => {
      if (!isAgent) return;
      // Before livekit-client connects anew it lets everybody leave, and says afterwards, at once, that it reconnects.
      queueMicrotask(() => {
        if (room.state === ConnectionState.Connected && !findAgent(room)) dispatch({ type: 'agent-left' });
      });
    };
    const muted = ({ source, track }: TrackPublication, { isLocal }: Participant) => {
      // livekit-client mutes a microphone that has gone, where it finds no other one, and tells nothing else of it.
      const hasGone = track?.mediaStreamTrack.readyState === 'ended';
      if (!isLocal || source !== Track.Source.Microphone || !hasGone) return;
      dispatch({ type: 'microphone-failed', problem: 'microphone-gone' });
    };
    const reconnecting = () => dispatch({ type: 'reconnecting' });
    const reconnected = () => {
      dispatch({ type: 'reconnected' });
      // Both may have come or gone while the line was down.
      dispatch({ type: findAgent(room) ? 'agent-joined' : 'agent-left' });
    };
    room
      .on(RoomEvent.ParticipantConnected, joined)
      .on(RoomEvent.ParticipantDisconnected, left)
      .on(RoomEvent.TrackMuted, muted)
      .on(RoomEvent.SignalReconnecting, reconnecting)
      .on(RoomEvent.Reconnecting, reconnecting)
      .on(RoomEvent.Reconnected, reconnected);
    return () => {
      room
        .off(RoomEvent.ParticipantConnected, joined)
        .off(RoomEvent.ParticipantDisconnected, left)
        .off(RoomEvent.TrackMuted, muted)
        .off(RoomEvent.SignalReconnecting, reconnecting)
        .off(RoomEvent.Reconnecting, reconnecting)
        .off(RoomEvent.Reconnected, reconnected);
    };
  }, [room, dispatch]);
}
