import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BufferWatch } from '../../../bench/interruptions/buffer-watch.js';

/** A room whose one jitter buffer has let 480 more samples out at each reading; after so many the room is gone. */
function room(answers: number) {
  let read = 0;
  const getRtcStats = async () => {
    read += 1;
    if (read > answers) throw new Error('The room is gone.');
    const inbound = {
      ...{ trackIdentifier: 'agent', jitterBufferDelay: 24 * read, totalAudioEnergy: 0.5 },
      jitterBufferEmittedCount: BigInt(480 * read),
    };
    const stats = { case: 'inboundRtp', value: { stream: { kind: 'audio' }, inbound } };
    return { publisherStats: [], subscriberStats: [{ stats }] };
  };
  return { getRtcStats } as unknown as ConstructorParameters<typeof BufferWatch>[0];
}

describe('the jitter buffers of a room', () => {
  beforeEach(() => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval', 'performance'] });
  });
  afterEach(() => {
    vi.useRealTimers();
  });

  it('are read ten times a second, each reading with its instant', async () => {
    const fromMs = performance.now();
    const watch = new BufferWatch(room(10));
    await vi.advanceTimersByTimeAsync(350);
    watch.stop();
    expect(watch.readings).toEqual(
      [1, 2, 3].map((read) => ({
        ...{ atMs: fromMs + 100 * read, track: 'agent' },
        ...{ delayMs: 24_000 * read, samples: 480 * read, energy: 0.5 },
      })),
    );
  });

  it('are read no more once that is stopped, and have nothing to say once the room is gone', async () => {
    const gone = new BufferWatch(room(2));
    const stopped = new BufferWatch(room(10));
    await vi.advanceTimersByTimeAsync(150);
    stopped.stop();
    stopped.stop();
    await vi.advanceTimersByTimeAsync(400);
    gone.stop();
    expect([gone.readings.length, stopped.readings.length]).toEqual([2, 1]);
  });
});
