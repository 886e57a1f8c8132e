/** What each piece of evidence adds to a wait. Written by `npm run fit`; see docs/turn-taking.md. */
import type { PolicyWeights } from './wait.js';

export const FITTED_WEIGHTS: PolicyWeights = {
  withText: {
    baseMs: 420,
    perUnitMs: {
      turnModel: -140,
      unscored: 60,
      vadLevel: 100,
      conjunctionEnd: 300,
      functionWordEnd: 600,
      fillerEnd: 700,
    },
  },
  withoutText: { baseMs: 700, perUnitMs: { turnModel: -200, unscored: 100, vadLevel: 100 } },
};
