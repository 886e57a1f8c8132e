import { describe, expect, it, vi } from 'vitest';
import { boundDisconnect } from '../../agent/leave-room.js';

const never = () => new Promise<void>(() => undefined);

describe('a call that leaves its room', () => {
  it('waits until it has left, and tells of nothing', async () => {
    let isLeft = () => {};
    const room = { disconnect: () => new Promise<void>((resolve) => (isLeft = resolve)) };
    const onLate = vi.fn();
    boundDisconnect(room, onLate, 20);
    const leaving = room.disconnect();
    isLeft();
    await leaving;
    await new Promise((resolve) => setTimeout(resolve, 40));
    expect(onLate).not.toHaveBeenCalled();
  });

  it('goes on without where the room never lets it go, and says so', async () => {
    const room = { disconnect: never };
    const onLate = vi.fn();
    boundDisconnect(room, onLate, 20);
    await room.disconnect();
    expect(onLate).toHaveBeenCalledOnce();
  });

  it('is told why where the room says that it cannot be left', async () => {
    const room = { disconnect: () => Promise.reject(new Error('no such room')) };
    const onLate = vi.fn();
    boundDisconnect(room, onLate, 20);
    await expect(room.disconnect()).rejects.toThrow('no such room');
    expect(onLate).not.toHaveBeenCalled();
  });

  it('is left as the room it is', async () => {
    class Place {
      isLeft = false;
      async disconnect(): Promise<void> {
        this.isLeft = true;
      }
    }
    const room = new Place();
    boundDisconnect(room, vi.fn());
    await room.disconnect();
    expect(room.isLeft).toBe(true);
  });
});
