/** An agent that says nothing but tones: what a caller hears of it is known to the millisecond. */
import { AudioFrame, AudioSource, LocalAudioTrack, Room, TrackPublishOptions, TrackSource } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { systemClock } from '../../bench/clock.js';
import type { Sfu } from './sfu.js';
import { sine } from './sounds.js';

const RATE_HZ = 48_000;
const FRAME_MS = 10;
const FRAME_SAMPLES = (RATE_HZ / 1000) * FRAME_MS;

export interface ToneAgent {
  readonly room: Room;
  /** Sounds from `atMs` on the clock of this process for `durationMs`; times are met to one frame. */
  tone(atMs: number, durationMs: number): void;
  close(): Promise<void>;
}

export async function startToneAgent(sfu: Sfu, roomName: string): Promise<ToneAgent> {
  const token = new AccessToken(sfu.apiKey, sfu.apiSecret, { identity: 'tone-agent' });
  token.kind = 'agent';
  token.addGrant({ roomJoin: true, room: roomName, canPublish: true, canSubscribe: true, canUpdateOwnMetadata: true });
  const room = new Room();
  await room.connect(sfu.url, await token.toJwt(), { autoSubscribe: true, dynacast: false });
  const source = new AudioSource(RATE_HZ, 1, 0);
  const track = LocalAudioTrack.createAudioTrack('voice', source);
  await room.localParticipant?.publishTrack(track, new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }));

  const tones: { fromMs: number; toMs: number }[] = [];
  const sound = sine(FRAME_MS, { frequencyHz: 500 });
  const silence = new Int16Array(FRAME_SAMPLES);
  const closing = new AbortController();
  const startedAtMs = systemClock.nowMs();
  const pace = async (): Promise<void> => {
    for (let frame = 0; !closing.signal.aborted; frame += 1) {
      const atMs = startedAtMs + frame * FRAME_MS;
      // Given away when whole, as by a real microphone.
      await systemClock.sleep(Math.max(0, atMs + FRAME_MS - systemClock.nowMs()), closing.signal);
      const sounding = tones.some(({ fromMs, toMs }) => atMs >= fromMs && atMs < toMs);
      await source.captureFrame(new AudioFrame(sounding ? sound : silence, RATE_HZ, 1, FRAME_SAMPLES));
    }
  };
  const pacing = pace().catch(() => undefined);
  return {
    room,
    tone: (atMs, durationMs) => tones.push({ fromMs: atMs, toMs: atMs + durationMs }),
    async close() {
      closing.abort();
      await pacing;
      await room.disconnect();
      await source.close();
    },
  };
}
