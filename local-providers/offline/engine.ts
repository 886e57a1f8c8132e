import type { Engine, Recogniser } from '../engine.js';
import { createConversationalist } from './conversation/conversationalist.js';
import { withPauses } from './pauses.js';
import { createSynthesiser } from './synthesiser.js';

export interface OfflineEngineOptions {
  /** Made by the build from `agent/assistant.ts`. */
  readonly vocabularyFile: string;
  /** Where setup put the speech engines. */
  readonly enginesDir: string;
  readonly logProblem: (problem: string) => void;
}

/** Real recognition and synthesis and a rule-based conversationalist, without key, account or network. */
export function createOfflineEngine({ logProblem }: OfflineEngineOptions): Engine {
  const synthesiser = createSynthesiser();
  return {
    name: 'offline',
    recogniser: missingRecogniser,
    synthesiser: withPauses(synthesiser),
    conversationalist: createConversationalist(),
    ready: async () => {
      logProblem('This build has no offline recogniser yet: nobody is heard.');
      await synthesiser.ready();
    },
    close: () => synthesiser.close(),
  };
}

const missingRecogniser: Recogniser = {
  info: { name: 'none', version: '0', arch: 'none' },
  open: (_options, onEvent) => {
    onEvent({ kind: 'failed', error: new Error('This build has no offline recogniser yet.') });
    return { write: () => undefined, finalize: () => undefined, close: async () => undefined, abort: () => undefined };
  },
};
