/** The framework's session as this project runs it. */
import { type llm, type stt, type tts, voice } from '@livekit/agents';

export interface SessionParts {
  readonly ear: stt.STT;
  /** Asked by our agent alone: the framework only looks whether there are any. */
  readonly model: llm.LLM;
  readonly voice: tts.TTS;
}

/** A session whose ear alone decides when a turn is over: docs/decisions/2026-11-21-ear-and-mouth.md. */
export function createSession({ ear, model, voice: synthesiser }: SessionParts): voice.AgentSession {
  return new voice.AgentSession({
    stt: ear,
    vad: null,
    llm: model,
    tts: synthesiser,
    aecWarmupDuration: null,
    userAwayTimeout: null,
    // Above our own deadlines, which say something: the framework's 10 s run from an opening's first frame and end it mutely.
    ttsReadIdleTimeout: 60_000,
    forwardAudioIdleTimeout: 60_000,
    ttsTextTransforms: null,
    useTtsAlignedTranscript: false,
    turnHandling: {
      turnDetection: 'stt',
      endpointing: { mode: 'fixed', minDelay: 0, maxDelay: 0 },
      interruption: {
        mode: 'vad',
        minDuration: 0,
        minWords: 0,
        resumeFalseInterruption: false,
      },
      // Ours begins replies itself (reply/drafts.ts): the framework's way restarts at every interim and cannot be told to stop.
      preemptiveGeneration: { enabled: false },
    },
  });
}
