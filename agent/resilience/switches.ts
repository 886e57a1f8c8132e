/** What is done about providers that are late or fail. Pure. */
import type { Profile } from '../config/profiles.js';

export interface ResilienceSwitches {
  /** Give a silent request up early, by what its provider needed lately. */
  readonly deadlines: boolean;
  /** Send a second request when the first is late. */
  readonly hedging: boolean;
  /** Go on to another provider, or once more to the same, after a failure. */
  readonly fallback: boolean;
  /** Extra requests per request that hedging may make, e.g. 0.1. */
  readonly hedgeShare: number;
}

export function switchesOf({ techniques, hedgeShare }: Profile): ResilienceSwitches {
  const { deadlines, hedging, fallback } = techniques;
  return { deadlines, hedging, fallback, hedgeShare };
}

/** Extra requests per request; none where none are sent: whoever sends none does not pay for those of others. */
export function shareOf({ hedging, hedgeShare }: ResilienceSwitches): number {
  return hedging ? hedgeShare : 0;
}
