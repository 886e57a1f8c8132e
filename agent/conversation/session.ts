/** The framework's parts as this project runs them. */
import { type stt, type tts, voice } from '@livekit/agents';
import { TTS as CartesiaTts } from '@livekit/agents-plugin-cartesia';
import { LLM as OpenAiLlm } from '@livekit/agents-plugin-openai';
import type { ProviderSettings } from '../config/environment.js';
import type { Profile } from '../config/profiles.js';
import { MOUTH_SAMPLE_RATE_HZ } from './mouth.js';

/** @param language - BCP 47 tag of what is said. */
export function createVoice(settings: ProviderSettings & { readonly voice: string }, language: string): CartesiaTts {
  return new CartesiaTts({
    apiKey: settings.apiKey,
    baseUrl: settings.baseUrl,
    model: settings.model,
    voice: settings.voice,
    sampleRate: MOUTH_SAMPLE_RATE_HZ,
    language: language.split('-')[0] ?? 'en',
  });
}

export interface SessionParts {
  readonly ear: stt.STT;
  readonly synthesiser: tts.TTS;
  readonly llm: ProviderSettings;
  readonly profile: Profile;
}

/** A session whose ear alone decides when a turn is over: docs/decisions/2026-11-21-ear-and-mouth.md. */
export function createSession({ ear, synthesiser, llm, profile }: SessionParts): voice.AgentSession {
  return new voice.AgentSession({
    stt: ear,
    vad: null,
    llm: new OpenAiLlm({
      apiKey: llm.apiKey,
      baseURL: llm.baseUrl,
      model: llm.model,
      maxCompletionTokens: profile.maxTokens,
    }),
    tts: synthesiser,
    aecWarmupDuration: null,
    userAwayTimeout: null,
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
      preemptiveGeneration: { enabled: false },
    },
  });
}
