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
import type { Turn } from './turn.js';

/** What is being said, growing while it is synthesised; every frame of it carries the same one. */
export interface Spoken {
  text: string;
  readonly words: SpokenWord[];
  /** The turn that it answers. */
  readonly turn: Turn | undefined;
}

const spokenByFrame = new WeakMap<AudioFrame, Spoken>();

/** The speech that a frame belongs to; `undefined` for sound that is not ours. */
export function spokenOf(frame: AudioFrame): Spoken | undefined {
  return spokenByFrame.get(frame);
}

/**
 * Speaks a stream of text. Cancelling the returned stream ends the synthesis.
 * @param turn - The turn it answers; its instants are noted there.
 * @param onSaying - Told the text so far, whenever more of it goes to the synthesiser.
 */
export function speak(
  voice: tts.TTS,
  text: ReadableStream<string>,
  turn: Turn | undefined,
  onSaying: (text: string) => void,
): ReadableStream<AudioFrame> {
  const stream = voice.stream();
  const reader = text.getReader();
  const spoken: Spoken = { text: '', words: [], turn };
  let isOver = false;
  let failure: { readonly error: unknown } | undefined;
  const end = async (): Promise<void> => {
    if (isOver) return;
    isOver = true;
    stream.close();
    await reader.cancel().catch(() => undefined);
  };
  return new ReadableStream<AudioFrame>({
    async start(controller) {
      // Text that fails to come must end the sound too, or its stream would wait for more until the framework gives up.
      const writing = write(reader, stream, spoken, { isOver: () => isOver, onSaying }).catch((error: unknown) => {
        failure = { error };
        stream.close();
      });
      try {
        for await (const chunk of stream) {
          if (chunk === tts.SynthesizeStream.END_OF_STREAM) break;
          turn?.mark('firstByteAtMs');
          spokenByFrame.set(chunk.frame, spoken);
          for (const { text: word, endTime } of chunk.timedTranscripts ?? []) {
            if (endTime !== undefined) spoken.words.push({ word, endMs: endTime * 1_000 });
          }
          controller.enqueue(chunk.frame);
        }
        await writing;
        if (failure !== undefined) throw failure.error;
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
  { isOver, onSaying }: { readonly isOver: () => boolean; readonly onSaying: (text: string) => void },
): Promise<void> {
  let pending = '';
  const say = (piece: string) => {
    if (piece === '' || isOver()) return;
    spoken.turn?.mark('ttsRequestedAtMs');
    spoken.text += piece;
    onSaying(spoken.text);
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
