import { describe, expect, it } from 'vitest';
import { boundDisconnect } from '../../agent/leave-room.js';

describe('a call that leaves its room', () => {
  it('waits until it has left the very room', async () => {
    class Place {
      isLeft = false;
      async disconnect(): Promise<void> {
        await new Promise((resolve) => setImmediate(resolve));
        this.isLeft = true;
      }
    }
    const room = new Place();
    boundDisconnect(room, 5_000);
    await room.disconnect();
    expect(room.isLeft).toBe(true);
  });

  it('goes on without where the room never lets it go', async () => {
    const room = { disconnect: () => new Promise<void>(() => undefined) };
    boundDisconnect(room, 20);
    await expect(room.disconnect()).rejects.toThrow('Leaving the room took longer than 20 ms.');
  });

  it('is told why where the room says that it cannot be left', async () => {
    const room = { disconnect: () => Promise.reject(new Error('no such room')) };
    boundDisconnect(room, 5_000);
    await expect(room.disconnect()).rejects.toThrow('no such room');
  });
});
