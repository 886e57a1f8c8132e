/** A phrase as the pieces that are played, from memory. */
import { ReadableStream } from 'node:stream/web';
import { AudioFrame } from '@livekit/rtc-node';
import type { Phrase } from './phrase.js';

/** Length of a piece, in ms: a frame of Opus as the framework sends it; a cut waits for no longer. */
const PIECE_MS = 20;

/** Cuts sound into pieces of 20 ms, the last as long as what is left. Each is a copy, which may be written to. */
export function* phrasePieces(samples: Int16Array, sampleRateHz: number): Generator<Int16Array, void, undefined> {
  const length = Math.max(1, Math.round((PIECE_MS * sampleRateHz) / 1_000));
  for (let at = 0; at < samples.length; at += length) yield samples.slice(at, at + length);
}

/**
 * Frames for `session.say(text, { audio })`, made as they are asked for.
 * @param onFrame - Told each frame before it is given out, to tie it to what it belongs to.
 */
export function phraseFrames(
  phrase: Pick<Phrase, 'samples'>,
  sampleRateHz: number,
  onFrame?: (frame: AudioFrame) => void,
): ReadableStream<AudioFrame> {
  const pieces = phrasePieces(phrase.samples, sampleRateHz);
  return new ReadableStream<AudioFrame>({
    pull(controller) {
      const { done, value } = pieces.next();
      if (done) {
        controller.close();
        return;
      }
      const frame = new AudioFrame(value, sampleRateHz, 1, value.length);
      onFrame?.(frame);
      controller.enqueue(frame);
    },
  });
}
