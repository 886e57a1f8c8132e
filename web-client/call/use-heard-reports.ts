import type { Room } from 'livekit-client';
import { useEffect } from 'react';
import { HEARD_RPC_METHOD, type HeardReport, type TurnDocument } from '../../wire/turn.js';
import type { HeardMeter } from './heard-meter.js';
import { findAgent } from './use-call.js';

/** Tells the agent, turn by turn, how long the person at this page waited for the first sound of its answer. */
export function useHeardReports(room: Room, meter: HeardMeter, latest: TurnDocument | undefined): void {
  useEffect(() => {
    const heardResponseMs = latest === undefined ? undefined : meter.take();
    const destination = findAgent(room)?.identity;
    // The greeting answers nobody, and an unanswered turn was not heard.
    if (heardResponseMs === undefined || destination === undefined || !latest?.turn || !latest.responseMs) return;
    const report: HeardReport = { schema: 1, turn: latest.turn, heardResponseMs };
    room.localParticipant
      .performRpc({
        destinationIdentity: destination,
        method: HEARD_RPC_METHOD,
        payload: JSON.stringify(report),
      })
      .catch(() => {}); // A figure that is lost is lost; another agent may not know this method at all.
  }, [room, meter, latest]);
}
