/** An agent for tests of the page: joins the room a page has opened, and says and writes what the test tells it. */
import type { TextStreamWriter } from '@livekit/rtc-node';
import { systemClock } from '../../bench/clock.js';
import { HEARD_RPC_METHOD, HeardReport, type TurnDocument } from '../../wire/turn.js';
import type { Sfu } from './sfu.js';
import { startToneAgent } from './tone-agent.js';

export interface PageAgent {
  /** What the page reported to have heard, oldest first. */
  readonly heard: readonly HeardReport[];
  /** Texts the caller typed, oldest first. */
  readonly typed: readonly string[];
  attributes(attributes: Readonly<Record<string, string>>): Promise<void>;
  /** What the caller was heard to say; interim unless final. */
  hear(segmentId: string, text: string, final?: boolean): Promise<void>;
  /** Begins a reply; the words come as they are written, and the reply is whole when it is closed. */
  beginReply(segmentId: string): Promise<TextStreamWriter>;
  /** A whole reply. */
  reply(segmentId: string, text: string): Promise<void>;
  turn(document: TurnDocument): Promise<void>;
  /** Sounds for as long as this, beginning now. */
  sound(durationMs: number): void;
  /** Leaves. May be called twice. */
  close(): Promise<void>;
}

/** Where a page's caller is. */
export interface CallerPlace {
  readonly roomName: string;
  readonly callerIdentity: string;
}

export async function startPageAgent(sfu: Sfu, { roomName, callerIdentity }: CallerPlace): Promise<PageAgent> {
  const { room, tone, close } = await startToneAgent(sfu, roomName);
  const self = room.localParticipant;
  if (self === undefined) throw new Error('The agent is not in its room.');
  const heard: HeardReport[] = [];
  self.registerRpcMethod(HEARD_RPC_METHOD, async ({ payload }) => {
    heard.push(HeardReport.parse(JSON.parse(payload)));
    return '';
  });
  const typed: string[] = [];
  room.registerTextStreamHandler('lk.chat', (reader) => void reader.readAll().then((text) => typed.push(text)));
  const beginReply = (segmentId: string): Promise<TextStreamWriter> =>
    self.streamText({
      topic: 'lk.transcription',
      attributes: { 'lk.segment_id': segmentId, 'lk.transcription_final': 'false' },
    });
  let closed: Promise<void> | undefined;
  return {
    heard,
    typed,
    attributes: (attributes) => self.setAttributes({ ...attributes }),
    async hear(segmentId, text, final = false) {
      const writer = await self.streamText({
        topic: 'lk.transcription',
        senderIdentity: callerIdentity,
        attributes: { 'lk.segment_id': segmentId, 'lk.transcription_final': String(final) },
      });
      await writer.write(text);
      await writer.close();
    },
    beginReply,
    async reply(segmentId, text) {
      const writer = await beginReply(segmentId);
      await writer.write(text);
      await writer.close();
    },
    async turn(document) {
      await self.sendText(JSON.stringify(document), { topic: 'turnwise.turn' });
    },
    sound: (durationMs) => tone(systemClock.nowMs(), durationMs),
    close() {
      closed ??= close();
      return closed;
    },
  };
}
