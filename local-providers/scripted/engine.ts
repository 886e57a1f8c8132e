import type { Clock } from '../clock.js';
import type { Engine } from '../engine.js';
import { ScriptedConversationalist } from './conversationalist.js';
import { ScriptedRecogniser } from './recogniser.js';
import type { ScriptStore } from './script-store.js';
import { ScriptedSynthesiser } from './synthesiser.js';

/** Known words, set latencies, asked-for faults: the engine of tests and benches. */
export function createScriptedEngine(clock: Clock, scripts: ScriptStore): Engine {
  return {
    name: 'scripted',
    recogniser: new ScriptedRecogniser(clock, scripts),
    synthesiser: new ScriptedSynthesiser(clock, scripts),
    conversationalist: new ScriptedConversationalist(clock, scripts),
    ready: async () => undefined,
    close: async () => undefined,
  };
}
