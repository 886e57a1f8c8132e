/** What each piece of evidence adds to a wait. Written by `npm run fit`; see docs/turn-taking.md. */
import type { PolicyWeights } from './wait.js';

export const FITTED_WEIGHTS: PolicyWeights = {
  withText: {
    baseMs: 766,
    perUnitMs: {
      turnModel: -163,
      unscored: 135,
      vadLevel: 164,
      vadFade: 30,
      volumeDrop: -24,
      volumeSlope: -75,
      pitchDrop: 104,
      pitchSlope: 86,
      voiceSoFar: -446,
      shortStretch: 147,
      conjunctionEnd: 479,
      functionWordEnd: 300,
      fillerEnd: 586,
      openEndLengthened: 118,
      shortAnswer: -170,
      closing: -169,
      questionForm: -286,
      sentenceEnd: -100,
      fewWords: 266,
      stability: -357,
      askedShort: -38,
      readOutUnfinished: 496,
      readOutComplete: -165,
      askedReadOut: 99,
    },
  },
  withoutText: {
    baseMs: 394,
    perUnitMs: {
      turnModel: -327,
      unscored: 70,
      vadLevel: 78,
      vadFade: 19,
      volumeDrop: 55,
      volumeSlope: -44,
      pitchDrop: 66,
      pitchSlope: 73,
      voiceSoFar: -114,
      shortStretch: 56,
    },
  },
};
