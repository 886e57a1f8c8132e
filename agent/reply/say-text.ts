/** Speaks a text that the agent has of its own, not from the language model: from the cache where it is a phrase. */
import type { ReadableStream } from 'node:stream/web';
import type { AudioFrame } from '@livekit/rtc-node';
import type { Phrase } from '../phrases/phrase.js';
import type { ReplyVoice } from './reply-voice.js';

/** @param phrases - What is synthesised already, by its text. */
export function sayText(
  text: ReadableStream<string>,
  voice: ReplyVoice,
  phrases: (text: string) => Phrase | undefined,
): ReadableStream<AudioFrame> {
  // A text that fails to come ends its sound.
  write(text, voice, phrases).catch(() => undefined);
  return voice.frames;
}

async function write(
  text: ReadableStream<string>,
  voice: ReplyVoice,
  phrases: (text: string) => Phrase | undefined,
): Promise<void> {
  try {
    for await (const piece of text) {
      const phrase = phrases(piece.trim());
      if (phrase === undefined || !voice.begin(phrase, piece)) voice.write(piece);
    }
  } finally {
    voice.end();
  }
}

/** Reads a text to its end and leaves it: it is said by other means. */
export async function drain(text: ReadableStream<string>): Promise<void> {
  const reader = text.getReader();
  while (!(await reader.read()).done);
}
