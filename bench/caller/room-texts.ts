/** What the agent tells the room in text: transcripts of both sides, and one document per turn. */
import type { Room, TextStreamReader } from '@livekit/rtc-node';
import { z } from 'zod';
import { TURN_TOPIC, TurnDocument } from '../../wire/turn.js';

/** Topic and attributes of transcripts, as LiveKit defines them. */
const TRANSCRIPTION_TOPIC = 'lk.transcription';
const Attributes = z.object({
  'lk.segment_id': z.string().optional(),
  'lk.transcription_final': z.string().optional(),
});

export interface TranscriptSegment {
  readonly id: string;
  readonly speaker: 'caller' | 'agent';
  /** As far as it is known; an interim text may still change. */
  readonly text: string;
  readonly final: boolean;
}

export interface RoomTextsOptions {
  readonly room: Room;
  /** Called whenever a segment was added, changed or finished. */
  readonly onSegment: (segment: TranscriptSegment) => void;
  readonly onTurn: (turn: TurnDocument) => void;
  /** A document or transcript that does not have the form it should have. */
  readonly onBroken: (problem: string) => void;
}

/** What was said on both sides in one turn. */
export interface TakenTexts {
  readonly said: string;
  readonly reply: string;
  readonly document: TurnDocument | undefined;
  /** The one turn among them whose first sound was heard as an answer; absent where there were none or several. */
  readonly heardTurn: TurnDocument | undefined;
}

export class RoomTexts {
  readonly #options: RoomTextsOptions;
  readonly #segments = new Map<string, TranscriptSegment>();
  readonly #turns: TurnDocument[] = [];
  #turnsTaken = 0;
  readonly #segmentsTaken = new Set<string>();

  constructor(options: RoomTextsOptions) {
    this.#options = options;
    const { room, onBroken } = options;
    const broken = (error: unknown): void => onBroken(`A text stream of the agent broke: ${String(error)}`);
    room.registerTextStreamHandler(TRANSCRIPTION_TOPIC, (reader, sender) => {
      this.#readTranscript(reader, sender.identity).catch(broken);
    });
    room.registerTextStreamHandler(TURN_TOPIC, (reader) => {
      this.#readTurn(reader).catch(broken);
    });
  }

  /** All segments, in the order in which they began. */
  get segments(): readonly TranscriptSegment[] {
    return [...this.#segments.values()];
  }

  /** All turn documents, in the order in which they came. */
  get turns(): readonly TurnDocument[] {
    return this.#turns;
  }

  /** Whether a turn has been accounted for since the last {@link take}, and every text in it is whole. */
  get settled(): boolean {
    return this.#turnsTaken < this.#turns.length && this.#newSegments().every(({ final }) => final);
  }

  /** What came since this was asked last. Turn documents win over transcripts: they say what was played. */
  take(): TakenTexts {
    const turns = this.#turns.slice(this.#turnsTaken);
    const segments = this.#newSegments();
    this.#turnsTaken += turns.length;
    for (const { id } of segments) this.#segmentsTaken.add(id);
    const textOf = (speaker: TranscriptSegment['speaker']): string =>
      joined(segments.filter((segment) => segment.speaker === speaker).map(({ text }) => text));
    const answered = turns.filter(({ outcome }) => outcome === 'answered');
    const sounded = turns.filter(({ turn, responseMs }) => turn > 0 && responseMs !== undefined);
    const [heardTurn, ...others] = sounded.filter(({ supersededBy }) => supersededBy === undefined);
    return {
      said: joined(turns.map(({ said }) => said)) || textOf('caller'),
      reply: joined(turns.map(({ reply }) => reply)) || textOf('agent'),
      document: answered.at(-1) ?? turns.at(-1),
      heardTurn: others.length === 0 ? heardTurn : undefined,
    };
  }

  #newSegments(): TranscriptSegment[] {
    return this.segments.filter(({ id }) => !this.#segmentsTaken.has(id));
  }

  async #readTranscript(reader: TextStreamReader, identity: string): Promise<void> {
    const attributes = Attributes.parse(reader.info.attributes ?? {});
    const id = attributes['lk.segment_id'] ?? reader.info.streamId;
    // Recognised speech is sent in the name of who spoke it.
    const speaker = identity === this.#options.room.localParticipant?.identity ? 'caller' : 'agent';
    let text = '';
    for await (const piece of reader) {
      text += piece;
      this.#update({ id, speaker, text, final: false });
    }
    // A stream of the agent's grows with its voice and is final at its end; one of the caller's says so itself.
    const final = speaker === 'agent' || attributes['lk.transcription_final'] === 'true';
    this.#update({ id, speaker, text, final });
  }

  #update(segment: TranscriptSegment): void {
    // An interim that overtook its final on the way changes nothing any more.
    if (this.#segments.get(segment.id)?.final === true && !segment.final) return;
    this.#segments.set(segment.id, segment);
    this.#options.onSegment(segment);
  }

  async #readTurn(reader: TextStreamReader): Promise<void> {
    const parsed = TurnDocument.safeParse(JSON.parse(await reader.readAll()));
    if (!parsed.success) {
      this.#options.onBroken(`A turn document has a wrong form: ${z.prettifyError(parsed.error)}`);
      return;
    }
    this.#turns.push(parsed.data);
    this.#options.onTurn(parsed.data);
  }
}

function joined(texts: readonly string[]): string {
  return texts
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .join(' ');
}
