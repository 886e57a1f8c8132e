/** The caller's audio from their first word on, what they said before they were connected included. */
import { type RemoteTrack, type RemoteTrackPublication, type Room, RoomEvent, TrackKind } from '@livekit/rtc-node';
import { CallerAudio } from '../pre-connect/caller-audio.js';
import { announcesRecording, PreConnectReceiver } from '../pre-connect/receiver.js';
import type { Measurements } from '../telemetry/metrics.js';
import type { Clock } from './clock.js';

export interface JoiningCallerOptions {
  /** Not connected yet: what comes before somebody listens is lost. */
  readonly room: Room;
  readonly clock: Clock;
  readonly measurements: Measurements;
  /** Who is linked; `undefined` while nobody is. */
  readonly callerIdentity: () => string | undefined;
  /** Samples in order, 16 kHz mono; more than a frame at once where some had to be held. */
  readonly onSamples: (pieces: readonly Int16Array[]) => void;
}

export class JoiningCaller {
  readonly #options: JoiningCallerOptions;
  readonly #receiver: PreConnectReceiver;
  #audio: CallerAudio | undefined;
  /** Tracks whose recording was heard, or waited for long enough: one that is subscribed again brings it again. */
  readonly #joinedTracks = new Set<string>();

  constructor(options: JoiningCallerOptions) {
    this.#options = options;
    const { room, clock, measurements } = options;
    this.#receiver = new PreConnectReceiver({
      room,
      clock,
      onOutcome: (outcome) => measurements.count('turnwise_pre_connect_total', { outcome }),
    });
    room.on(RoomEvent.TrackSubscribed, this.#onTrack);
  }

  /** Takes live audio of the linked caller; not to be written to afterwards. */
  push(live: Int16Array): void {
    if (this.#audio === undefined) this.#options.onSamples([live]);
    else this.#audio.push(live);
  }

  /** May be called twice. */
  close(): void {
    this.#options.room.off(RoomEvent.TrackSubscribed, this.#onTrack);
    this.#audio?.close();
    this.#receiver.close();
  }

  readonly #onTrack = (
    track: RemoteTrack,
    publication: RemoteTrackPublication,
    { identity }: { readonly identity: string },
  ): void => {
    const { clock, measurements, callerIdentity, onSamples } = this.#options;
    if (track.kind !== TrackKind.KIND_AUDIO || identity !== callerIdentity()) return;
    const trackSid = publication.sid ?? '';
    this.#audio?.close();
    this.#audio = new CallerAudio({
      receiver: this.#receiver,
      caller: { identity, trackSid },
      isRecorded: announcesRecording(publication) && !this.#joinedTracks.has(trackSid),
      clock,
      onSamples,
      onJoined: (outcome) => {
        this.#joinedTracks.add(trackSid);
        if (outcome !== 'none') measurements.count('turnwise_pre_connect_total', { outcome });
      },
      onReceived: (outcome) => measurements.count('turnwise_pre_connect_total', { outcome }),
    });
  };
}
