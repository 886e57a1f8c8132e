import { EventEmitter } from 'node:events';
import { type RemoteTrack, type RemoteTrackPublication, type Room, RoomEvent, TrackKind } from '@livekit/rtc-node';
import { expect, it, vi } from 'vitest';
import { JoiningCaller } from '../../../agent/conversation/joining-caller.js';
import { CountedMeasurements } from '../providers/reply-support.js';

/** `TF_PRECONNECT_BUFFER`. */
const RECORDED = { sid: 'TR_microphone', info: { audioFeatures: [6] } } as unknown as RemoteTrackPublication;
const AUDIO = { kind: TrackKind.KIND_AUDIO } as RemoteTrack;
const FRAME = new Int16Array(1_600).fill(1);

/** A call with somebody in a room whose events are made here. */
function call() {
  const events = new EventEmitter();
  const room = Object.assign(events, {
    registerByteStreamHandler: () => undefined,
    unregisterByteStreamHandler: () => undefined,
  });
  const heard: Int16Array[] = [];
  const caller = new JoiningCaller({
    room: room as unknown as Room,
    clock: { nowMs: () => performance.now(), setTimeout: () => () => undefined } as never,
    measurements: new CountedMeasurements(),
    callerIdentity: () => 'caller',
    onSamples: (pieces) => heard.push(...pieces),
  });
  const subscribe = () => events.emit(RoomEvent.TrackSubscribed, AUDIO, RECORDED, { identity: 'caller' });
  return { caller, heard, subscribe };
}

it('waits for what a track brings of the time before it once, not when it is subscribed again', async () => {
  vi.useFakeTimers();
  try {
    const { caller, heard, subscribe } = call();
    subscribe();
    caller.push(FRAME);
    expect(heard).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(heard.length).toBeGreaterThan(0);
    // The agent's own connection was rebuilt: the same track, which still announces its recording.
    const before = heard.length;
    subscribe();
    caller.push(FRAME);
    expect(heard.length).toBe(before + 2);
    caller.close();
  } finally {
    vi.useRealTimers();
  }
});
