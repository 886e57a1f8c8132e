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

function start({ isRecorded }: { isRecorded: boolean }) {
  const heard: Int16Array[] = [];
  const joined: string[] = [];
  const received: string[] = [];
  const clock = { nowMs: () => performance.now() };
  const onReceived = (outcome: string) => void received.push(outcome);
  const audio = new CallerAudio({
    receiver: new PreConnectReceiver({ room: EMPTY_ROOM, clock, onOutcome: onReceived }),
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

  it('is held for two seconds where the track is muted meanwhile', () => {
    const { audio, joined, heard } = start({ isRecorded: true });
    audio.push(said.subarray(0, ms(100)));
    vi.advanceTimersByTime(1_999);
    expect(joined).toEqual([]);
    vi.advanceTimersByTime(1);
    expect([joined, heard().length]).toEqual([['late'], ms(100)]);
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
