/**
 * The microphone while a call begins. It opens with the click, beside the token and the connection, and records until the agent
 * hears it live: livekit-client sends that recording after the agent is there, so that nothing said meanwhile is lost.
 */
import { type LocalTrack, type Room, RoomEvent, Track } from 'livekit-client';

/**
 * How long the recording goes on after the SFU has told that the agent is subscribed, in ms. It must reach into the live audio, or
 * the words at the seam are lost: the agent's own connection may still be coming up (150 ms on loopback, several round trips
 * elsewhere), and livekit-client 2.21.0 drops the recording's last piece of up to 100 ms. The agent stops reading before the
 * end, as soon as it has found the place.
 */
const LINGER_MS = 1_000;

/** Who opened a microphone decides when it is published; until then nobody but this page hears it. */
export interface OpenMicrophone {
  /** Gives it to the room. @throws what livekit-client throws; the microphone is off then. */
  publish(): Promise<void>;
  /** Switches it off. */
  stop(): void;
}

/**
 * Asks the person for the microphone and begins to record.
 * @throws what the browser says when it gives none.
 */
export async function openMicrophone(room: Room): Promise<OpenMicrophone> {
  const tracks = await room.localParticipant.createTracks({ audio: true });
  const stop = () => {
    for (const track of tracks) {
      track.stopPreConnectBuffer();
      track.stop();
    }
  };
  for (const track of tracks) record(track);
  return {
    async publish() {
      try {
        // One whose device has gone is dead, and would be the one that is muted and let be heard.
        const before = room.localParticipant.getTrackPublication(Track.Source.Microphone)?.track;
        if (before !== undefined) await room.localParticipant.unpublishTrack(before);
        await Promise.all(tracks.map((track) => room.localParticipant.publishTrack(track)));
      } catch (error) {
        stop();
        throw error;
      }
    },
    stop,
  };
}

/** Records until livekit-client, told that the agent listens, ends it; and for a moment more. */
function record(track: LocalTrack): void {
  track.startPreConnectBuffer();
  const end = track.stopPreConnectBuffer.bind(track);
  track.stopPreConnectBuffer = () => void setTimeout(end, LINGER_MS);
}

/**
 * Waits until the SFU has let the page in, which is before media flows: a track offered now is part of the first negotiation.
 * @throws the reason of `attempt` once it aborts.
 */
export function letIn(room: Room, attempt: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const done = () => {
      room.off(RoomEvent.SignalConnected, entered);
      attempt.removeEventListener('abort', aborted);
    };
    const entered = () => {
      done();
      resolve();
    };
    const aborted = () => {
      done();
      reject(attempt.reason);
    };
    room.on(RoomEvent.SignalConnected, entered);
    attempt.addEventListener('abort', aborted);
    if (attempt.aborted) aborted();
  });
}
