import type { Room, TextStreamReader } from 'livekit-client';
import { useCallback, useEffect, useState } from 'react';
import { TURN_TOPIC, type TurnDocument } from '../../wire/turn.js';
import { addTurn } from './timing.js';
import { mergeTranscript, type TranscriptEntry, type TranscriptUpdate } from './transcript.js';

/** LiveKit's topics and attributes for transcripts and typed text. */
const TRANSCRIPTION_TOPIC = 'lk.transcription';
const CHAT_TOPIC = 'lk.chat';
const SEGMENT_ATTRIBUTE = 'lk.segment_id';
const FINAL_ATTRIBUTE = 'lk.transcription_final';

/** Longest message one can type, in characters. */
export const MESSAGE_MAX_CHARACTERS = 500;

export interface Conversation {
  readonly entries: readonly TranscriptEntry[];
  readonly turns: readonly TurnDocument[];
  /** Sends typed text to the agent. @throws when it could not be sent; the transcript is then as before. */
  readonly send: (text: string) => Promise<void>;
  readonly clear: () => void;
}

/** What was said and how long it took, from the room's text streams. */
export function useConversation(room: Room): Conversation {
  const [entries, setEntries] = useState<readonly TranscriptEntry[]>([]);
  const [turns, setTurns] = useState<readonly TurnDocument[]>([]);

  useEffect(() => {
    const update = (entry: TranscriptUpdate) => setEntries((known) => mergeTranscript(known, entry));
    room.registerTextStreamHandler(TRANSCRIPTION_TOPIC, (reader, { identity }) => {
      void readSegment(reader, identity === room.localParticipant.identity ? 'you' : 'agent', update);
    });
    room.registerTextStreamHandler(TURN_TOPIC, (reader, { identity }) => {
      // Anybody in the room may send on a topic; timings are the agent's to tell.
      if (room.getParticipantByIdentity(identity)?.isAgent !== true) return;
      reader.readAll().then(
        (json) => setTurns((known) => addTurn(known, json)),
        () => {}, // The sender left amid its document.
      );
    });
    return () => {
      room.unregisterTextStreamHandler(TRANSCRIPTION_TOPIC);
      room.unregisterTextStreamHandler(TURN_TOPIC);
    };
  }, [room]);

  const send = useCallback(
    async (text: string) => {
      const { id } = await room.localParticipant.sendText(text, { topic: CHAT_TOPIC });
      setEntries((known) => mergeTranscript(known, { id, speaker: 'you', text, final: true, typed: true }));
    },
    [room],
  );
  const clear = useCallback(() => {
    setEntries([]);
    setTurns([]);
  }, []);
  return { entries, turns, send, clear };
}

/**
 * Follows one stream of one segment. The agent's own speech comes as one growing stream, which is final when it closes; a
 * caller's comes as many, each holding the whole text so far and marked final or not.
 */
async function readSegment(
  reader: TextStreamReader,
  speaker: TranscriptEntry['speaker'],
  update: (entry: TranscriptUpdate) => void,
): Promise<void> {
  const attributes = reader.info.attributes ?? {};
  const id = attributes[SEGMENT_ATTRIBUTE] ?? reader.info.id;
  let text = '';
  try {
    for await (const chunk of reader) {
      text += chunk;
      update({ id, speaker, text, final: false, typed: false });
    }
  } catch {
    // The sender left amid the sentence; what arrived is what was said.
  }
  update({ id, speaker, text, final: speaker === 'agent' || attributes[FINAL_ATTRIBUTE] === 'true', typed: false });
}
