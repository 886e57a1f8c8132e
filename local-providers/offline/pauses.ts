import type { SynthesisChunk, Synthesiser, SynthesisOptions } from '../engine.js';

/** Pauses a speaker makes before going on after a sentence and after a comma, in ms, as within one synthesis. */
const SENTENCE_PAUSE_MS = 260;
const COMMA_PAUSE_MS = 120;

/** Silence due after a text that was spoken before, in ms. */
export function pauseAfterMs(text: string): number {
  if (/[.!?…]["'”’)\]]*\s*$/.test(text)) return SENTENCE_PAUSE_MS;
  return /[,;:—–]["'”’)\]]*\s*$/.test(text) ? COMMA_PAUSE_MS : 0;
}

/** Texts of one utterance arrive clause by clause; without a pause between them they would run into each other. */
export function withPauses(synthesiser: Synthesiser): Synthesiser {
  return {
    async *speak(options: SynthesisOptions, signal: AbortSignal): AsyncGenerator<SynthesisChunk, void, undefined> {
      const pauseMs = options.precededBy === undefined ? 0 : pauseAfterMs(options.precededBy);
      if (pauseMs > 0) {
        yield { kind: 'audio', samples: new Int16Array(Math.round((pauseMs * options.sampleRateHz) / 1_000)) };
      }
      for await (const chunk of synthesiser.speak(options, signal)) {
        yield chunk.kind === 'word'
          ? { ...chunk, startMs: chunk.startMs + pauseMs, endMs: chunk.endMs + pauseMs }
          : chunk;
      }
    },
  };
}
