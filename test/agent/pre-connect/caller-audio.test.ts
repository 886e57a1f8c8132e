import type { ByteStreamHandler } from '@livekit/rtc-node';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { CallerAudio } from '../../../agent/pre-connect/caller-audio.js';
import { PreConnectReceiver } from '../../../agent/pre-connect/receiver.js';
import { joinSounds } from '../../support/sounds.js';
import { ms, voice } from './voice.js';

/** A room in which nobody sends anything. */
const EMPTY_ROOM = {
  registerByteStreamHandler: (_topic: string, _handler: ByteStreamHandler) => {},
  unregisterByteStreamHandler: (_topic: string) => {},
};

/** A recording that has come, of so much sound. */
function recordingOf(samples: Int16Array, { isWhole }: { isWhole: boolean }) {
  return { lastPieceAtMs: 10, isWhole, decode: vi.fn(async () => samples), close: () => {} };
}

function start({ isRecorded, recording }: { isRecorded: boolean; recording?: ReturnType<typeof recordingOf> }) {
  const heard: Int16Array[] = [];
  const joined: string[] = [];
  const received: string[] = [];
  const clock = { nowMs: () => performance.now() };
  const onReceived = (outcome: string) => void received.push(outcome);
  const audio = new CallerAudio({
    receiver: recording
      ? { recordingOf: async () => recording }
      : new PreConnectReceiver({ room: EMPTY_ROOM, clock, onOutcome: onReceived }),
    caller: { identity: 'caller', trackSid: 'TR_microphone' },
    isRecorded,
    clock,
    onSamples: (pieces) => void heard.push(...pieces),
    onJoined: (outcome) => void joined.push(outcome),
    onReceived,
  });
  return { audio, joined, received, heard: () => joinSounds(...heard) };
}

describe('the audio of a caller', () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());
  const said = voice(2_000);
  const frames = Array.from({ length: 200 }, (_, at) => said.subarray(at * ms(10), (at + 1) * ms(10)));

  it('is given on at once when their page records nothing', () => {
    const { audio, joined, heard } = start({ isRecorded: false });
    expect(joined).toEqual(['none']);
    audio.push(said);
    expect(heard().length).toBe(said.length);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is held for 1.5 s of audio for a recording that does not come', () => {
    const { audio, joined, heard } = start({ isRecorded: true });
    for (const frame of frames.slice(0, 149)) audio.push(frame);
    expect([audio.isHolding, heard().length]).toEqual([true, 0]);
    for (const frame of frames.slice(149)) audio.push(frame);
    expect([audio.isHolding, heard().length, joined]).toEqual([false, said.length, ['late']]);
    audio.close();
  });

  it('is held for two seconds where the track is muted meanwhile', async () => {
    const { audio, joined, heard } = start({ isRecorded: true });
    audio.push(said.subarray(0, ms(100)));
    vi.advanceTimersByTime(1_999);
    expect(joined).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect([joined, heard().length]).toEqual([['late'], ms(100)]);
  });

  it('has all of its recording where the track is muted behind it', async () => {
    const recording = recordingOf(voice(3_000), { isWhole: true });
    const { audio, joined, received, heard } = start({ isRecorded: true, recording });
    await vi.advanceTimersByTimeAsync(10);
    audio.push(said.subarray(0, ms(100)));
    await vi.advanceTimersByTimeAsync(2_000);
    expect([joined, received, heard().length]).toEqual([['timed'], ['decoded'], ms(3_100)]);
    // What is said later was not recorded.
    audio.push(said);
    expect(heard().length).toBe(ms(3_100) + said.length);
    audio.close();
  });

  it('counts a recording once, however often it is looked at', async () => {
    const recording = recordingOf(voice(3_000), { isWhole: false });
    const { audio, received } = start({ isRecorded: true, recording });
    // Live audio in which nothing of the recording is found.
    const other = voice(9_000).subarray(ms(6_000));
    for (let at = 0; at < other.length; at += ms(10)) {
      audio.push(other.subarray(at, at + ms(10)));
      await vi.advanceTimersByTimeAsync(1);
    }
    expect(recording.decode.mock.calls.length).toBeGreaterThan(1);
    expect(received).toEqual(['decoded']);
    audio.close();
  });

  it('is let go of when the call ends', () => {
    const { audio, joined, heard } = start({ isRecorded: true });
    audio.push(said.subarray(0, ms(100)));
    audio.close();
    audio.close();
    expect(vi.getTimerCount()).toBe(0);
    for (const frame of frames) audio.push(frame);
    expect([joined, heard().length]).toEqual([[], 0]);
  });
});
