/** What the agent takes of byte streams that call themselves recordings, over a real livekit-server. */
import { Room } from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { CallerAudio } from '../../../agent/pre-connect/caller-audio.js';
import { PRE_CONNECT_TOPIC, PreConnectReceiver, type ReceiveOutcome } from '../../../agent/pre-connect/receiver.js';
import { systemClock } from '../../../bench/clock.js';
import { type Sfu, startSfu } from '../../support/sfu.js';
import { joinSounds } from '../../support/sounds.js';
import { ms, voice } from './voice.js';

const TRACK = 'TR_microphone';

describe('a recording that comes as a byte stream', () => {
  let sfu: Sfu;
  beforeAll(async () => {
    sfu = await startSfu();
  });
  afterAll(() => sfu?.close());

  async function enter(roomName: string, identity: string, room = new Room()): Promise<Room> {
    const token = new AccessToken(sfu.apiKey, sfu.apiSecret, { identity });
    token.addGrant({ roomJoin: true, room: roomName, canPublishData: true, canSubscribe: true });
    onTestFinished(() => room.disconnect());
    await room.connect(sfu.url, await token.toJwt(), { autoSubscribe: true, dynacast: false });
    return room;
  }

  async function meet() {
    const roomName = crypto.randomUUID();
    const outcomes: ReceiveOutcome[] = [];
    const agentRoom = new Room();
    const receiver = new PreConnectReceiver({
      room: agentRoom,
      clock: systemClock,
      onOutcome: (outcome) => outcomes.push(outcome),
    });
    onTestFinished(() => receiver.close());
    const [caller, stranger] = await Promise.all([
      enter(roomName, 'caller'),
      enter(roomName, 'stranger'),
      enter(roomName, 'agent', agentRoom),
    ]);
    return { receiver, outcomes, caller, stranger };
  }

  async function send(room: Room, bytes: Uint8Array, attributes: Record<string, string> = { trackId: TRACK }) {
    const writer = await room.localParticipant?.streamBytes({
      name: 'preconnect-buffer',
      topic: PRE_CONNECT_TOPIC,
      mimeType: 'audio/webm;codecs=opus',
      attributes,
      destinationIdentities: ['agent'],
    });
    // One that is refused halfway is the sender's loss.
    await writer?.write(bytes).catch(() => {});
    return writer;
  }

  const recordingOf = (receiver: PreConnectReceiver, timeoutMs = 3_000) =>
    receiver.recordingOf({ identity: 'caller', trackSid: TRACK }, AbortSignal.timeout(timeoutMs));

  it('is there for who asks before and after it came, and grows until it is closed', async () => {
    const { receiver, caller, outcomes } = await meet();
    const asked = recordingOf(receiver);
    const writer = await send(caller, new Uint8Array(500));
    const recording = await asked;
    expect(await recordingOf(receiver)).toBe(recording);
    await vi.waitFor(() => expect(recording?.lastPieceAtMs).toBeDefined());
    expect(recording?.isWhole).toBe(false);
    await writer?.close();
    await vi.waitFor(() => expect(recording?.isWhole).toBe(true));
    await expect(recording?.decode()).rejects.toMatchObject({ problem: 'malformed' });
    expect(outcomes).toEqual([]);
  });

  it('is taken of the caller alone, once a track, and only with a track', async () => {
    const { receiver, caller, stranger, outcomes } = await meet();
    const asked = recordingOf(receiver);
    await send(stranger, new Uint8Array(500));
    await vi.waitFor(() => expect(outcomes).toEqual(['foreign']));
    await send(caller, new Uint8Array(500), {});
    await vi.waitFor(() => expect(outcomes).toEqual(['foreign', 'broken']));
    await send(caller, new Uint8Array(500));
    expect(await asked).toBeDefined();
    await send(caller, new Uint8Array(500));
    await vi.waitFor(() => expect(outcomes).toEqual(['foreign', 'broken', 'repeated']));
  });

  it('is not read beyond a megabyte', async () => {
    const { receiver, caller, outcomes } = await meet();
    const asked = recordingOf(receiver);
    const sending = send(caller, new Uint8Array(1_500_000));
    const recording = await asked;
    await vi.waitFor(() => expect(recording?.isWhole).toBe(true), { timeout: 10_000 });
    expect(outcomes).toEqual(['too_large']);
    await sending;
  });

  it('is left out when it cannot be decoded, and the live audio goes on whole', async () => {
    const { receiver, caller } = await meet();
    const heard: Int16Array[] = [];
    const received: string[] = [];
    const joined = vi.fn();
    const audio = new CallerAudio({
      receiver,
      caller: { identity: 'caller', trackSid: TRACK },
      isRecorded: true,
      clock: systemClock,
      onSamples: (pieces) => void heard.push(...pieces),
      onJoined: joined,
      onReceived: (outcome) => void received.push(outcome),
    });
    onTestFinished(() => audio.close());
    const said = voice(400);
    audio.push(said);
    const writer = await send(caller, new Uint8Array(2_000));
    await writer?.close();
    const recording = await recordingOf(receiver);
    await vi.waitFor(() => expect(recording?.isWhole).toBe(true));
    audio.push(voice(300));
    await vi.waitFor(() => expect(joined).toHaveBeenCalledExactlyOnceWith('none'));
    expect(received).toEqual(['malformed']);
    expect(joinSounds(...heard)).toHaveLength(said.length + ms(300));
  });

  it('is not waited for longer than asked', async () => {
    const { receiver } = await meet();
    expect(await recordingOf(receiver, 50)).toBeUndefined();
    receiver.close();
    receiver.close();
  });
});
