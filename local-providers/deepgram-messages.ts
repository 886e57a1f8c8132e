import { randomUUID } from 'node:crypto';
import type { RecognisedSegment, Recogniser } from './engine.js';

/** What every message of one stream carries. */
export interface StreamIdentity {
  readonly requestId: string;
  readonly modelUuid: string;
  readonly modelInfo: Recogniser['info'];
  readonly isPunctuated: boolean;
}

export function createStreamIdentity(modelInfo: Recogniser['info'], isPunctuated: boolean): StreamIdentity {
  return { requestId: randomUUID(), modelUuid: randomUUID(), modelInfo, isPunctuated };
}

/** Deepgram gives seconds, rounded to the microsecond at most. */
function seconds(ms: number): number {
  return Math.round(ms * 1_000) / 1_000_000;
}

export interface ResultFlags {
  readonly isFinal: boolean;
  readonly speechFinal: boolean;
  readonly fromFinalize: boolean;
}

export function resultsMessage(identity: StreamIdentity, segment: RecognisedSegment, flags: ResultFlags): object {
  const { isPunctuated } = identity;
  return {
    type: 'Results',
    channel_index: [0, 1],
    duration: seconds(segment.durationMs),
    start: seconds(segment.startMs),
    is_final: flags.isFinal,
    speech_final: flags.speechFinal,
    channel: {
      alternatives: [
        {
          transcript: segment.words.map((word) => (isPunctuated ? word.punctuatedWord : word.word)).join(' '),
          confidence: segment.confidence,
          words: segment.words.map((word) => ({
            word: word.word,
            start: seconds(word.startMs),
            end: seconds(word.endMs),
            confidence: word.confidence,
            ...(isPunctuated ? { punctuated_word: word.punctuatedWord } : {}),
          })),
        },
      ],
    },
    metadata: { request_id: identity.requestId, model_info: identity.modelInfo, model_uuid: identity.modelUuid },
    from_finalize: flags.fromFinalize,
  };
}

export function speechStartedMessage(atMs: number): object {
  return { type: 'SpeechStarted', channel: [0, 1], timestamp: seconds(atMs) };
}

export function utteranceEndMessage(lastWordEndMs: number): object {
  return { type: 'UtteranceEnd', channel: [0, 1], last_word_end: seconds(lastWordEndMs) };
}

export function metadataMessage(
  identity: StreamIdentity,
  { durationMs, sha256, createdUnixMs }: { durationMs: number; sha256: string; createdUnixMs: number },
): object {
  return {
    type: 'Metadata',
    transaction_key: 'deprecated',
    request_id: identity.requestId,
    sha256,
    created: new Date(createdUnixMs).toISOString(),
    duration: seconds(durationMs),
    channels: 1,
    models: [identity.modelUuid],
    model_info: { [identity.modelUuid]: identity.modelInfo },
  };
}

/** The JSON body of a refused request. */
export function deepgramError(code: string, message: string): { body: string; headers: Record<string, string> } {
  const requestId = randomUUID();
  return {
    body: JSON.stringify({ err_code: code, err_msg: message, request_id: requestId }),
    headers: { 'Content-Type': 'application/json', 'dg-error': message, 'dg-request-id': requestId },
  };
}
