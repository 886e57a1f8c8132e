/**
 * A room before the room: a process that waits for a call connects to one of its own and publishes a voice there. A process's
 * first connection takes a third longer than its others (certificates, sockets, threads of the room's native library), and each
 * process holds one call, whose greeting waits for it.
 */
import { AudioSource, LocalAudioTrack, Room } from '@livekit/rtc-node';
import { MOUTH_SAMPLE_RATE_HZ } from '../conversation/mouth.js';
import { VOICE_PUBLICATION } from '../conversation/voice-publication.js';
import { boundDisconnect } from '../leave-room.js';
import { within } from '../within.js';
import { startMirrorRoom } from './mirror-room.js';

/** It takes 0.4 s; where a machine has no way to itself but to its own loopback interface, it never comes about. */
const WITHIN_MS = 3_000;

/**
 * @param startRoom - Where to connect to.
 * @throws where no connection comes about in 3 s; nothing is left behind then either.
 */
export async function rehearseRoom({ startRoom = startMirrorRoom, withinMs = WITHIN_MS } = {}): Promise<void> {
  const { url, close } = await startRoom();
  const room = new Room();
  boundDisconnect(room);
  try {
    await within(withinMs, 'Connecting to this very process', join(room, url));
  } finally {
    close();
    await room.disconnect();
  }
}

async function join(room: Room, url: string): Promise<void> {
  await room.connect(url, 'rehearsal', { autoSubscribe: true, dynacast: false });
  const voice = LocalAudioTrack.createAudioTrack('voice', new AudioSource(MOUTH_SAMPLE_RATE_HZ, 1));
  await room.localParticipant?.publishTrack(voice, VOICE_PUBLICATION);
  await voice.close();
}
