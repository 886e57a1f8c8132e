/**
 * What goes over the turn model's socket: frames of a length (4 bytes) and that many bytes. A request is an id (4) and PCM of
 * 16 bits; an answer is the request's id (4), a status (1), the probability (4) and the time the model took, in ms (4).
 * Lengths and numbers are little-endian; samples are as they lie in memory, since both ends are on one machine.
 */

/** What the model looks at: 1.2 s at 16 kHz, in samples. More is refused. */
export const MAX_SAMPLES = 19_200;

const LENGTH_BYTES = 4;
const ID_BYTES = 4;
const ANSWER_BYTES = 13;
const STATUSES = ['score', 'busy', 'failed'] as const;

export interface ScoreRequest {
  readonly id: number;
  /** Mono PCM at 16 kHz, 1 to {@link MAX_SAMPLES} samples. */
  readonly pcm: Int16Array;
}

export type ScoreAnswer =
  | { readonly id: number; readonly status: 'score'; readonly probability: number; readonly inferenceMs: number }
  | { readonly id: number; readonly status: 'busy' | 'failed' };

/** The other end does not speak this protocol; its connection is of no use any more. */
export class FrameError extends Error {
  override readonly name = 'FrameError';
  readonly code = 'turn-model-frame';
  readonly retryable = false;
}

/** Puts frames together from whatever pieces they arrive in. Holds one frame at most. */
export class FrameReader {
  readonly #minBytes: number;
  readonly #maxBytes: number;
  readonly #length = Buffer.alloc(LENGTH_BYTES);
  #lengthBytes = 0;
  #payload: Buffer | undefined;
  #payloadBytes = 0;

  private constructor(minBytes: number, maxBytes: number) {
    this.#minBytes = minBytes;
    this.#maxBytes = maxBytes;
  }

  static forRequests(): FrameReader {
    return new FrameReader(ID_BYTES + 2, ID_BYTES + 2 * MAX_SAMPLES);
  }

  static forAnswers(): FrameReader {
    return new FrameReader(ANSWER_BYTES, ANSWER_BYTES);
  }

  /** @returns What has become whole. @throws {@link FrameError} at a length out of bounds; the reader is of no use then. */
  push(chunk: Uint8Array): Buffer[] {
    const whole: Buffer[] = [];
    let rest = chunk;
    while (rest.length > 0) {
      rest = this.#payload === undefined ? this.#takeLength(rest) : this.#takePayload(rest, this.#payload, whole);
    }
    return whole;
  }

  #takeLength(bytes: Uint8Array): Uint8Array {
    const part = bytes.subarray(0, LENGTH_BYTES - this.#lengthBytes);
    this.#length.set(part, this.#lengthBytes);
    this.#lengthBytes += part.length;
    if (this.#lengthBytes === LENGTH_BYTES) {
      const length = this.#length.readUInt32LE();
      if (length < this.#minBytes || length > this.#maxBytes) throw new FrameError(`A frame of ${length} bytes came.`);
      // Memory of its own: samples can be looked at in place only where they are aligned.
      this.#payload = Buffer.allocUnsafeSlow(length);
      this.#payloadBytes = 0;
    }
    return bytes.subarray(part.length);
  }

  #takePayload(bytes: Uint8Array, payload: Buffer, whole: Buffer[]): Uint8Array {
    const part = bytes.subarray(0, payload.length - this.#payloadBytes);
    payload.set(part, this.#payloadBytes);
    this.#payloadBytes += part.length;
    if (this.#payloadBytes === payload.length) {
      whole.push(payload);
      this.#payload = undefined;
      this.#lengthBytes = 0;
    }
    return bytes.subarray(part.length);
  }
}

/** @throws RangeError when there are no samples, or too many. */
export function encodeRequest({ id, pcm }: ScoreRequest): Buffer {
  if (pcm.length === 0 || pcm.length > MAX_SAMPLES) throw new RangeError(`${pcm.length} samples cannot be scored.`);
  const frame = Buffer.allocUnsafe(LENGTH_BYTES + ID_BYTES + pcm.byteLength);
  frame.writeUInt32LE(ID_BYTES + pcm.byteLength);
  frame.writeUInt32LE(id, LENGTH_BYTES);
  frame.set(new Uint8Array(pcm.buffer, pcm.byteOffset, pcm.byteLength), LENGTH_BYTES + ID_BYTES);
  return frame;
}

/** @param payload - From {@link FrameReader}. @throws {@link FrameError} when it holds half a sample. */
export function decodeRequest(payload: Buffer): ScoreRequest {
  const bytes = payload.length - ID_BYTES;
  if (bytes % 2 !== 0) throw new FrameError('A request with half a sample came.');
  return { id: payload.readUInt32LE(), pcm: new Int16Array(payload.buffer, payload.byteOffset + ID_BYTES, bytes / 2) };
}

export function encodeAnswer(answer: ScoreAnswer): Buffer {
  const frame = Buffer.alloc(LENGTH_BYTES + ANSWER_BYTES);
  frame.writeUInt32LE(ANSWER_BYTES);
  frame.writeUInt32LE(answer.id, 4);
  frame.writeUInt8(STATUSES.indexOf(answer.status), 8);
  if (answer.status === 'score') {
    frame.writeFloatLE(answer.probability, 9);
    frame.writeFloatLE(answer.inferenceMs, 13);
  }
  return frame;
}

/**
 * @param payload - From {@link FrameReader}.
 * @returns The answer; a score that is no probability is a failure, not a score.
 * @throws {@link FrameError} at a status that does not exist.
 */
export function decodeAnswer(payload: Buffer): ScoreAnswer {
  const id = payload.readUInt32LE();
  const status = STATUSES[payload.readUInt8(4)];
  if (status === undefined) throw new FrameError('An answer with an unknown status came.');
  if (status !== 'score') return { id, status };
  const probability = payload.readFloatLE(5);
  const inferenceMs = payload.readFloatLE(9);
  if (!isProbability(probability) || !(inferenceMs >= 0)) return { id, status: 'failed' };
  return { id, status, probability, inferenceMs };
}

/** False for NaN, too. */
export function isProbability(value: number): boolean {
  return value >= 0 && value <= 1;
}
