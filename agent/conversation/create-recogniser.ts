import type { Assistant } from '../assistant.js';
import type { CallSettings } from '../config/call-settings.js';
import type { Profile } from '../config/profiles.js';
import { Recogniser } from '../providers/recogniser.js';
import type { CallMemory } from '../resilience/call-memory.js';
import { switchesOf } from '../resilience/switches.js';
import type { Measurements } from '../telemetry/metrics.js';
import { systemClock } from './clock.js';
import { EAR_SAMPLE_RATE_HZ } from './ear.js';

/** The recogniser's own silence before it ends a stretch, in ms: only a fallback, since the ear asks for its finals. */
const ENDPOINTING_MS = 300;

export interface RecogniserParts {
  readonly settings: CallSettings;
  readonly profile: Profile;
  readonly assistant: Assistant;
  readonly measurements: Measurements;
  readonly memory: CallMemory;
}

/** A recogniser that connects at once. */
export function createRecogniser({ settings, profile, assistant, measurements, memory }: RecogniserParts): Recogniser {
  return new Recogniser({
    providers: settings.stt,
    switches: switchesOf(profile),
    language: assistant.language,
    keyterms: assistant.keyterms,
    sampleRateHz: EAR_SAMPLE_RATE_HZ,
    endpointingMs: ENDPOINTING_MS,
    ...profile.recogniser,
    clock: systemClock,
    measurements,
    memory,
  });
}
