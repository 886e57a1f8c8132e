/**
 * A call ends although its room does not let it go. `Room.disconnect` of @livekit/rtc-node 0.13.35 waits without limit for the
 * native library, which never answers once it has rebuilt a connection to an SFU that was away for some seconds; and
 * @livekit/agents 1.8.1 waits for it before it runs the call's shutdown callbacks (ipc/job_proc_lazy_main.js:149). Such a process
 * would stay for as long as its worker, hold a call's place, and never tell of the call's end.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Room } from '@livekit/rtc-node';

/** It takes 10 ms; a caller whose agent leaves late hears nothing of it. */
const WITHIN_MS = 2_000;

/**
 * Bounds a room's `disconnect` for whoever calls it.
 * @param onLate - Called once that it was not waited for any longer; the connection ends with the process then.
 */
export function boundDisconnect(room: Pick<Room, 'disconnect'>, onLate: () => void, withinMs = WITHIN_MS): void {
  const disconnect = room.disconnect.bind(room);
  room.disconnect = async () => {
    const left = new AbortController();
    const late = sleep(withinMs, undefined, { signal: left.signal }).then(onLate, () => undefined);
    try {
      await Promise.race([disconnect(), late]);
    } finally {
      left.abort();
    }
  };
}
