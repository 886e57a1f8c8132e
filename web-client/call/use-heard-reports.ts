import type { LocalAudioTrack, RemoteAudioTrack, Room } from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { HEARD_RPC_METHOD, type HeardReport, type TurnDocument } from '../../wire/turn.js';
import { createHeardReporter, type HeardReporter } from './heard-reporter.js';
import { readSoundPath, type SoundPath } from './sound-path.js';
import { findAgent } from './use-call.js';

/** What was heard of one turn. */
export interface HeardTurn {
  readonly callId: string;
  readonly report: HeardReport;
}

/** Turns whose reports are kept to be shown. */
const KEPT = 20;

export interface HeardTurns {
  readonly reporter: HeardReporter;
  readonly heard: readonly HeardTurn[];
}

/** Tells the agent, turn by turn, how long the person at this page waited for the first sound of its answer. */
export function useHeardReports(
  room: Room,
  you: LocalAudioTrack | undefined,
  agent: RemoteAudioTrack | undefined,
  turns: readonly TurnDocument[],
): HeardTurns {
  const [heard, setHeard] = useState<readonly HeardTurn[]>([]);
  const tracks = useRef({ you, agent });
  tracks.current = { you, agent };
  const readPath = useCallback(() => readTracks(tracks.current.you, tracks.current.agent), []);
  const [reporter] = useState(() =>
    createHeardReporter({
      nowMs: () => performance.now(),
      readPath,
      send: ({ callId }, report) => {
        setHeard((known) => [...known, { callId, report }].slice(-KEPT));
        sendReport(room, report);
      },
    }),
  );
  const seen = useRef<ReadonlySet<TurnDocument>>(new Set());
  useEffect(() => {
    for (const turn of turns) if (!seen.current.has(turn)) reporter.addTurn(turn);
    seen.current = new Set(turns);
  }, [turns, reporter]);
  return { reporter, heard };
}

async function readTracks(you: LocalAudioTrack | undefined, agent: RemoteAudioTrack | undefined): Promise<SoundPath> {
  const reports = await Promise.all([you?.getRTCStatsReport(), agent?.getRTCStatsReport()]);
  return readSoundPath(reports.flatMap((report) => [...(report?.values() ?? [])]));
}

function sendReport(room: Room, report: HeardReport): void {
  const destinationIdentity = findAgent(room)?.identity;
  if (destinationIdentity === undefined) return;
  room.localParticipant
    .performRpc({ destinationIdentity, method: HEARD_RPC_METHOD, payload: JSON.stringify(report) })
    .catch(() => {}); // A figure that is lost is lost; another agent may not know this method at all.
}
