/**
 * A call ends although its room does not let it go. `Room.disconnect` of @livekit/rtc-node 0.13.35 waits without limit for the
 * native library, which never answers once it has rebuilt a connection to an SFU that was away for some seconds; and
 * @livekit/agents 1.8.1 waits for it before it runs the call's shutdown callbacks (ipc/job_proc_lazy_main.js:149). Such a process
 * would stay for as long as its worker, hold a call's place, and never tell of the call's end.
 */
import type { Room } from '@livekit/rtc-node';
import { within } from './within.js';

/** It takes 10 ms; a caller whose agent leaves late hears nothing of it. */
const WITHIN_MS = 2_000;

/**
 * Bounds a room's `disconnect` for whoever calls it: it rejects where that takes longer, and the framework logs it and goes on.
 * The connection ends with the process then.
 */
export function boundDisconnect(room: Pick<Room, 'disconnect'>, withinMs = WITHIN_MS): void {
  const disconnect = room.disconnect.bind(room);
  room.disconnect = () => within(withinMs, 'Leaving the room', disconnect());
}
