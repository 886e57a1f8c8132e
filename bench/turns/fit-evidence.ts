/** What the fit starts from: which evidence there is, which way each piece may speak, and what is believed before any data. */
import type { EvidenceName } from '../../agent/turn/evidence.js';

export interface Prior {
  /** Believed before any data, in ms a unit: what the rare kinds stay near to, of which hardly a recording tells. */
  readonly ms: number;
  /** Which way it may speak: 1 for a longer wait only, -1 for a shorter one only, 0 for either. */
  readonly sign: -1 | 0 | 1;
}

/** Of the sound. A weight that data does not move away from 0 is worth nothing, and says so. */
const SOUND = {
  turnModel: { ms: -120, sign: -1 },
  unscored: { ms: 60, sign: 1 },
  vadLevel: { ms: 60, sign: 1 },
  vadFade: { ms: 0, sign: -1 },
  volumeDrop: { ms: 0, sign: -1 },
  volumeSlope: { ms: 0, sign: 1 },
  pitchDrop: { ms: -20, sign: -1 },
  pitchSlope: { ms: 20, sign: 1 },
  voiceSoFar: { ms: -100, sign: -1 },
  shortStretch: { ms: 60, sign: 1 },
} as const satisfies Partial<Record<EvidenceName, Prior>>;

const WORDS = {
  conjunctionEnd: { ms: 500, sign: 1 },
  functionWordEnd: { ms: 400, sign: 1 },
  fillerEnd: { ms: 600, sign: 1 },
  openEndLengthened: { ms: 150, sign: 1 },
  shortAnswer: { ms: -250, sign: -1 },
  closing: { ms: -150, sign: -1 },
  questionForm: { ms: -100, sign: -1 },
  sentenceEnd: { ms: -100, sign: -1 },
  fewWords: { ms: 150, sign: 1 },
  stability: { ms: 0, sign: -1 },
  askedShort: { ms: -50, sign: -1 },
} as const satisfies Partial<Record<EvidenceName, Prior>>;

/** Fitted by themselves, with all else fixed: the recordings that tell of them have pauses that were put in. */
const READ_OUTS = {
  readOutUnfinished: { ms: 900, sign: 1 },
  readOutComplete: { ms: -200, sign: -1 },
  askedReadOut: { ms: 300, sign: 1 },
} as const satisfies Partial<Record<EvidenceName, Prior>>;

export const PRIORS: Readonly<Partial<Record<EvidenceName, Prior>>> = { ...SOUND, ...WORDS, ...READ_OUTS };
export const SOUND_NAMES = Object.keys(SOUND) as EvidenceName[];
export const WORD_NAMES = Object.keys(WORDS) as EvidenceName[];
export const READ_OUT_NAMES = Object.keys(READ_OUTS) as EvidenceName[];

/** Pieces of evidence that are left out together to see what they are worth. */
export const GROUPS: Readonly<Record<string, readonly EvidenceName[]>> = {
  'turn-model': ['turnModel', 'unscored'],
  vad: ['vadLevel', 'vadFade'],
  volume: ['volumeDrop', 'volumeSlope'],
  pitch: ['pitchDrop', 'pitchSlope'],
  length: ['voiceSoFar', 'shortStretch', 'fewWords'],
  'open-ends': ['conjunctionEnd', 'functionWordEnd', 'fillerEnd', 'openEndLengthened'],
  answers: ['shortAnswer', 'closing', 'questionForm', 'sentenceEnd', 'askedShort'],
  'read-outs': ['readOutUnfinished', 'readOutComplete', 'askedReadOut'],
  stability: ['stability'],
};
