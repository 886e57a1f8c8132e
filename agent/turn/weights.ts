/** What each piece of evidence adds to a wait. Written by `npm run fit`; see docs/turn-taking.md. */
import type { PolicyWeights } from './wait.js';

export const FITTED_WEIGHTS: PolicyWeights = {
  withText: {
    baseMs: 770,
    perUnitMs: {
      turnModel: -145,
      unscored: 130,
      vadLevel: 163,
      pitchSlope: 14,
      voiceSoFar: -478,
      shortStretch: 142,
      conjunctionEnd: 465,
      functionWordEnd: 191,
      fillerEnd: 600,
      shortAnswer: -165,
      closing: -164,
      questionForm: -261,
      sentenceEnd: -100,
      fewWords: 266,
      stability: -383,
      askedShort: -59,
      readOutUnfinished: 668,
      readOutComplete: -64,
      askedReadOut: 508,
    },
  },
  withoutText: {
    baseMs: 705,
    perUnitMs: {
      turnModel: -343,
      unscored: 65,
      vadLevel: 111,
      pitchSlope: 27,
      voiceSoFar: -120,
      shortStretch: 60,
    },
  },
};
