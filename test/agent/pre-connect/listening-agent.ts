/** An agent for tests that only listens: what the caller's page recorded, what came live, and both joined. */
import {
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  Room,
  RoomEvent,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { CallerAudio } from '../../../agent/pre-connect/caller-audio.js';
import type { JoinOutcome } from '../../../agent/pre-connect/joining-audio.js';
import { announcesRecording, PreConnectReceiver, type ReceiveOutcome } from '../../../agent/pre-connect/receiver.js';
import { JOIN_SAMPLE_RATE_HZ } from '../../../agent/pre-connect/seam.js';
import { systemClock } from '../../../bench/clock.js';
import type { Sfu } from '../../support/sfu.js';
import { joinSounds } from '../../support/sounds.js';

export interface ListeningAgent {
  /** 16 kHz mono: everything the caller said, joined. */
  heard(): Int16Array;
  /** The live audio alone. */
  live(): Int16Array;
  readonly outcome: JoinOutcome | undefined;
  readonly receiveOutcomes: readonly ReceiveOutcome[];
  /** What happened when, in ms after the track was subscribed. */
  readonly timesMs: Readonly<Record<string, number>>;
  close(): Promise<void>;
}

export async function startListeningAgent(sfu: Sfu, roomName: string): Promise<ListeningAgent> {
  const token = new AccessToken(sfu.apiKey, sfu.apiSecret, { identity: 'listening-agent' });
  token.kind = 'agent';
  token.addGrant({ roomJoin: true, room: roomName, canPublish: true, canSubscribe: true });
  const room = new Room();
  const joined: Int16Array[] = [];
  const live: Int16Array[] = [];
  const receiveOutcomes: ReceiveOutcome[] = [];
  const timesMs: Record<string, number> = {};
  const audios: CallerAudio[] = [];
  let outcome: JoinOutcome | undefined;
  const onReceived = (received: ReceiveOutcome) => void receiveOutcomes.push(received);
  const receiver = new PreConnectReceiver({ room, clock: systemClock, onOutcome: onReceived });

  room.on(RoomEvent.TrackSubscribed, (track, publication, { identity }) => {
    const subscribedAtMs = systemClock.nowMs();
    const note = (what: string) => {
      timesMs[what] ??= Math.round(systemClock.nowMs() - subscribedAtMs);
    };
    const audio = new CallerAudio({
      receiver,
      caller: { identity, trackSid: publication.sid ?? '' },
      isRecorded: announcesRecording(publication),
      clock: systemClock,
      onSamples: (pieces) => void joined.push(...pieces),
      onJoined: (how) => {
        outcome = how;
        note('joined');
      },
      onReceived: (received) => {
        note(received);
        onReceived(received);
      },
    });
    audios.push(audio);
    const hear = async () => {
      for await (const { data } of new AudioStream(track, JOIN_SAMPLE_RATE_HZ, 1)) {
        note('firstFrame');
        live.push(data.slice());
        audio.push(data.slice());
      }
    };
    void hear();
  });
  await room.connect(sfu.url, await token.toJwt(), { autoSubscribe: true, dynacast: false });
  // As every agent has one. The SFU tells of a participant that publishes at once, of others every three seconds, and the page
  // sends its recording only when it is told that the agent is there.
  const voice = LocalAudioTrack.createAudioTrack('voice', new AudioSource(24_000, 1, 0));
  await room.localParticipant?.publishTrack(voice, new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }));
  return {
    heard: () => joinSounds(...joined),
    live: () => joinSounds(...live),
    get outcome() {
      return outcome;
    },
    receiveOutcomes,
    timesMs,
    async close() {
      for (const audio of audios) audio.close();
      receiver.close();
      await room.disconnect();
    },
  };
}
