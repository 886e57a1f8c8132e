import type { LocalAudioTrack, RemoteAudioTrack } from 'livekit-client';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { HeardReporter } from './heard-reporter.js';
import { tapLevels } from './level-tap.js';
import { createLevelStore, type LevelStore, type Levels, SILENT } from './levels.js';

/** Measures both tracks, once for all who want to know: an audio context is dear on a phone. */
export function useLevels(
  you: LocalAudioTrack | undefined,
  agent: RemoteAudioTrack | undefined,
  reporter: HeardReporter,
): LevelStore {
  const [store] = useState(createLevelStore);
  useEffect(() => {
    if (you === undefined && agent === undefined) return;
    const end = tapLevels({ you, agent, onLevels: store.set, onBatch: reporter.push });
    return () => {
      end();
      store.set(SILENT);
    };
  }, [you, agent, reporter, store]);
  return store;
}

/** Renders whoever calls it whenever the levels change. */
export function useLevelsOf(store: LevelStore): Levels {
  return useSyncExternalStore(store.subscribe, store.get);
}
