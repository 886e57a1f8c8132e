import type { Engine } from '../engine.js';
import { createConversationalist } from './conversation/conversationalist.js';
import { withPauses } from './pauses.js';
import { createRecogniser } from './recogniser/recogniser.js';
import { createSynthesiser } from './synthesiser.js';

export interface OfflineEngineOptions {
  /** Made by the build from `agent/assistant.ts`. */
  readonly vocabularyFile: string;
  /** Where setup put the speech engines. */
  readonly enginesDir: string;
  readonly logProblem: (problem: string) => void;
}

/** Real recognition and synthesis and a rule-based conversationalist, without key, account or network. */
export function createOfflineEngine(options: OfflineEngineOptions): Engine {
  const recogniser = createRecogniser(options);
  const synthesiser = createSynthesiser();
  return {
    name: 'offline',
    recogniser,
    synthesiser: withPauses(synthesiser),
    conversationalist: createConversationalist(),
    ready: async () => {
      await Promise.all([recogniser.ready(), synthesiser.ready()]);
    },
    close: async () => {
      await Promise.all([recogniser.close(), synthesiser.close()]);
    },
  };
}
