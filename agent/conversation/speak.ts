/**
 * Text in, voice out, through the synthesiser's plugin. The framework's own node releases a sentence only once the next has
 * begun (tokenize/token_stream.ts:234 of 1.8.1), so that a reply of one sentence waits for the LLM's end; here each sentence
 * is flushed when it is whole, in one streaming context.
 */
import { ReadableStream, type ReadableStreamDefaultReader } from 'node:stream/web';
import { tts } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import type { SpokenWord } from '../turn/heard-text.js';
import { cutSentences } from '../turn/sentences.js';

/** What is being said, growing while it is synthesised; every frame of it carries the same one. */
export interface Spoken {
  text: string;
  readonly words: SpokenWord[];
}

const spokenByFrame = new WeakMap<AudioFrame, Spoken>();

/** The speech that a frame belongs to; `undefined` for sound that is not ours. */
export function spokenOf(frame: AudioFrame): Spoken | undefined {
  return spokenByFrame.get(frame);
}

export interface SpeakEvents {
  /** The first text leaves for the synthesiser. */
  readonly onRequest: () => void;
  /** The first audio is here. */
  readonly onFirstAudio: () => void;
}

/** Speaks a stream of text. Cancelling the returned stream ends the synthesis. */
export function speak(voice: tts.TTS, text: ReadableStream<string>, events: SpeakEvents): ReadableStream<AudioFrame> {
  const stream = voice.stream();
  const reader = text.getReader();
  const spoken: Spoken = { text: '', words: [] };
  let isOver = false;
  const end = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    stream.close();
    await reader.cancel().catch(() => undefined);
  };
  return new ReadableStream<AudioFrame>({
    async start(controller) {
      const writing = write(reader, stream, spoken, events.onRequest, () => isOver);
      let isFirst = true;
      try {
        for await (const chunk of stream) {
          if (chunk === tts.SynthesizeStream.END_OF_STREAM) break;
          if (isFirst) events.onFirstAudio();
          isFirst = false;
          spokenByFrame.set(chunk.frame, spoken);
          for (const { text: word, endTime } of chunk.timedTranscripts ?? []) {
            if (endTime !== undefined) spoken.words.push({ word, endMs: endTime * 1_000 });
          }
          controller.enqueue(chunk.frame);
        }
        await writing;
        controller.close();
      } catch (error) {
        if (!isOver) controller.error(error);
      } finally {
        await end();
      }
    },
    cancel: end,
  });
}

async function write(
  reader: ReadableStreamDefaultReader<string>,
  stream: tts.SynthesizeStream,
  spoken: Spoken,
  onRequest: () => void,
  isOver: () => boolean,
): Promise<void> {
  let pending = '';
  let hasAsked = false;
  const say = (piece: string) => {
    if (piece === '' || isOver()) return;
    if (!hasAsked) onRequest();
    hasAsked = true;
    spoken.text += piece;
    stream.pushText(piece);
    stream.flush();
  };
  for (;;) {
    const { done, value } = await reader.read();
    if (isOver()) return;
    if (done) break;
    const { sentences, rest } = cutSentences(pending + value);
    for (const sentence of sentences) say(sentence);
    pending = rest;
  }
  say(pending);
  if (!isOver()) stream.endInput();
}
