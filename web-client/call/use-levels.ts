import { createAudioAnalyser, type LocalAudioTrack, type RemoteAudioTrack, TrackEvent } from 'livekit-client';
import { useEffect, useState, useSyncExternalStore } from 'react';
import type { HeardMeter } from './heard-meter.js';
import { createLevelStore, type LevelStore, type Levels, rms, SILENT } from './levels.js';

/** How often levels are read, in ms, and of how many samples: about 10 ms at 48 kHz, so that nothing falls between. */
const SAMPLE_EVERY_MS = 10;
const ANALYSER = { fftSize: 512, smoothingTimeConstant: 0 };

/** Samples between two that are shown: thirty a second are enough for the eye. */
const SHOWN_EVERY = 3;

type Probe = ReturnType<typeof createAudioAnalyser>;

/** Measures both tracks, once for all who want to know: an audio context is dear on a phone. */
export function useLevels(
  you: LocalAudioTrack | undefined,
  agent: RemoteAudioTrack | undefined,
  meter: HeardMeter,
): LevelStore {
  const [store] = useState(createLevelStore);
  useEffect(() => {
    if (you === undefined && agent === undefined) return;
    const samples = new Float32Array(ANALYSER.fftSize);
    const level = (probe: Probe | undefined) => {
      if (probe === undefined) return 0;
      probe.analyser.getFloatTimeDomainData(samples);
      return rms(samples);
    };
    let youProbe = you && createAudioAnalyser(you, ANALYSER);
    const agentProbe = agent && createAudioAnalyser(agent, ANALYSER);
    // Another microphone is another stream below the same track.
    const restarted = () => {
      youProbe?.cleanup().catch(() => {});
      youProbe = you && createAudioAnalyser(you, ANALYSER);
    };
    you?.on(TrackEvent.Restarted, restarted);
    let count = 0;
    const timer = setInterval(() => {
      const levels: Levels = { youRms: level(youProbe), agentRms: level(agentProbe) };
      meter.sample({ nowMs: performance.now(), ...levels });
      count += 1;
      if (count % SHOWN_EVERY === 0) store.set(levels);
    }, SAMPLE_EVERY_MS);
    return () => {
      clearInterval(timer);
      you?.off(TrackEvent.Restarted, restarted);
      youProbe?.cleanup().catch(() => {});
      agentProbe?.cleanup().catch(() => {});
      store.set(SILENT);
    };
  }, [you, agent, meter, store]);
  return store;
}

/** Renders whoever calls it whenever the levels change. */
export function useLevelsOf(store: LevelStore): Levels {
  return useSyncExternalStore(store.subscribe, store.get);
}
