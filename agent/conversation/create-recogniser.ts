import type { Assistant } from '../assistant.js';
import type { CallSettings } from '../config/call-settings.js';
import type { Profile } from '../config/profiles.js';
import { Recogniser } from '../providers/recogniser.js';
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
}

/** A recogniser that connects at once. */
export function createRecogniser({ settings, profile, assistant, measurements }: RecogniserParts): Recogniser {
  const { deadlines, hedging, fallback } = profile.techniques;
  return new Recogniser({
    providers: settings.stt,
    switches: { deadlines, hedging, fallback, hedgeShare: profile.hedgeShare },
    language: assistant.language,
    keyterms: assistant.keyterms,
    sampleRateHz: EAR_SAMPLE_RATE_HZ,
    endpointingMs: ENDPOINTING_MS,
    ...profile.recogniser,
    clock: systemClock,
    measurements,
  });
}
