import { initializeLogger } from '@livekit/agents';
import { afterAll, afterEach, beforeAll } from 'vitest';
import { type RunningProviders, startScripted } from './support.js';

export interface ScriptedEngine<Opened> {
  /** From the first test on. */
  readonly providers: RunningProviders;
  /** Is closed after its test. */
  keep<One extends Opened>(opened: One): One;
}

/** For a file of tests: an engine for all of them, and what they open on it. */
export function scriptedEngine<Opened>(close: (opened: Opened) => Promise<void>): ScriptedEngine<Opened> {
  let providers: RunningProviders | undefined;
  const kept: Opened[] = [];
  beforeAll(async () => {
    initializeLogger({ pretty: false, level: 'silent' });
    providers = await startScripted();
  });
  afterEach(async () => {
    await Promise.all(kept.splice(0).map(close));
  });
  afterAll(() => providers?.close());
  return {
    get providers() {
      if (providers === undefined) throw new Error('The engine runs only within tests.');
      return providers;
    },
    keep(opened) {
      kept.push(opened);
      return opened;
    },
  };
}
