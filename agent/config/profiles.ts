/** The latency profiles: one table that feeds budgets, turn-taking, alerts and the page (targets: source 001; tiers: 003). */
import { type ProfileName, TECHNIQUES, type Technique } from '../../wire/profile.js';
import type { EmotionRange } from '../turn/emotion.js';

/** Target durations of one response, in ms. */
export interface LatencyBudget {
  /** P50 of end of speech to first sound. */
  readonly responseMs: number;
  readonly networkMs: number;
  readonly turnMs: number;
  readonly sttMs: number;
  readonly llmTtftMs: number;
  readonly ttsTtfbMs: number;
  readonly audioMs: number;
}

/** How long to go on waiting in silence: what the evidence says (`turn/wait.ts`), shifted and bounded. */
export interface EndpointingCurve {
  /** Silence that commits a turn which surely is complete, in ms. */
  readonly minSilenceMs: number;
  /** Silence that commits a turn which surely is not, in ms. */
  readonly maxSilenceMs: number;
  /** Added to what the evidence says, in ms: how patient or hasty the profile is. */
  readonly biasMs: number;
}

export interface Profile {
  readonly name: ProfileName;
  /** Absent for the control arm, which has no target. */
  readonly budget?: LatencyBudget;
  readonly endpointing: EndpointingCurve;
  /** Whether callers may interrupt the agent. */
  readonly interruptible: boolean;
  /** Whether words that were heard with too little confidence are asked about before anything is made of them. */
  readonly asksAgain: boolean;
  /** What the voice shows of emotions (source 003: `enable_emotions`, "basic presets" and "full control"). */
  readonly emotions: EmotionRange;
  /** Longest text of a reply, in tokens (source 003: 150). */
  readonly maxTokens: number;
  readonly techniques: Readonly<Record<Technique, boolean>>;
  /** A caller who has heard nothing for so long after the turn is told to wait, in ms; 2.5 s at most (docs/sources.md). */
  readonly fillerAfterMs: number;
  /** Most requests beyond one a turn that hedging may cost, as a share of all. */
  readonly hedgeShare: number;
  /**
   * What the recogniser is told besides (source 003): its own end of an utterance, in ms, and signs of voice. Deepgram itself
   * takes no end below 1 s (`providers/deepgram-connection.ts`).
   */
  readonly recogniser: { readonly utteranceEndMs: number; readonly vadEvents: boolean };
}

const EXCELLENT: LatencyBudget = {
  responseMs: 500,
  networkMs: 50,
  turnMs: 100,
  sttMs: 100,
  llmTtftMs: 150,
  ttsTtfbMs: 80,
  audioMs: 20,
};
const GOOD: LatencyBudget = {
  responseMs: 800,
  networkMs: 100,
  turnMs: 200,
  sttMs: 150,
  llmTtftMs: 250,
  ttsTtfbMs: 80,
  audioMs: 20,
};
const ACCEPTABLE: LatencyBudget = {
  responseMs: 1200,
  networkMs: 150,
  turnMs: 300,
  sttMs: 200,
  llmTtftMs: 400,
  ttsTtfbMs: 150,
  audioMs: 50,
};

/** The same shape at another response target: the tiers of source 003 name only the whole. */
function scaled(budget: LatencyBudget, responseMs: number): LatencyBudget {
  const factor = responseMs / budget.responseMs;
  const stages = Object.entries(budget).map(([stage, ms]) => [stage, Math.round(ms * factor)] as const);
  return Object.fromEntries(stages) as unknown as LatencyBudget;
}

const MAX_TOKENS = 150;
const FILLER_MS = { quick: 1_500, latest: 2_500 } as const;
const HEDGE_SHARE = 0.1;

/** Every technique, but those named. */
function without(...off: readonly Technique[]): Readonly<Record<Technique, boolean>> {
  const switches = TECHNIQUES.map((technique) => [technique, !off.includes(technique)] as const);
  return Object.freeze(Object.fromEntries(switches) as Record<Technique, boolean>);
}

/** What costs nothing but care: all but what is said or asked before it is known to be needed. */
const FRUGAL = without('openings', 'speculation', 'speculative-voice', 'hedging');

const SHARED = {
  interruptible: true,
  asksAgain: true,
  emotions: 'none',
  maxTokens: MAX_TOKENS,
  techniques: without('openings'),
  fillerAfterMs: FILLER_MS.latest,
  hedgeShare: HEDGE_SHARE,
  recogniser: { utteranceEndMs: 1_000, vadEvents: false },
} as const satisfies Omit<Profile, 'name' | 'endpointing'>;

function profile(
  name: ProfileName,
  over: Partial<Profile> & Required<Pick<Profile, 'budget' | 'endpointing'>>,
): Profile {
  return Object.freeze({ ...SHARED, ...over, name });
}

const QUICK: EndpointingCurve = { minSilenceMs: 240, maxSilenceMs: 1_600, biasMs: -50 };
const MEASURED: EndpointingCurve = { minSilenceMs: 256, maxSilenceMs: 1_800, biasMs: 0 };
const PATIENT: EndpointingCurve = { minSilenceMs: 320, maxSilenceMs: 2_000, biasMs: 100 };

/** Source 003's cheap tiers: whole replies, no interruption. */
const CHEAP = {
  endpointing: PATIENT,
  interruptible: false,
  techniques: without('openings', 'speculation', 'speculative-voice', 'hedging', 'first-clause'),
} as const;

export const PROFILES: Readonly<Record<ProfileName, Profile>> = Object.freeze({
  excellent: profile('excellent', {
    budget: EXCELLENT,
    endpointing: QUICK,
    techniques: without(),
    fillerAfterMs: FILLER_MS.quick,
  }),
  good: profile('good', { budget: GOOD, endpointing: MEASURED }),
  acceptable: profile('acceptable', { budget: ACCEPTABLE, endpointing: PATIENT, techniques: FRUGAL }),
  enterprise: profile('enterprise', {
    budget: scaled(EXCELLENT, 400),
    endpointing: QUICK,
    techniques: without(),
    emotions: 'full',
    fillerAfterMs: FILLER_MS.quick,
    recogniser: { utteranceEndMs: 500, vadEvents: true },
  }),
  pro: profile('pro', {
    budget: scaled(GOOD, 600),
    endpointing: MEASURED,
    interruptible: false,
    emotions: 'preset',
    recogniser: { utteranceEndMs: 800, vadEvents: false },
  }),
  starter: profile('starter', { ...CHEAP, budget: scaled(ACCEPTABLE, 2500) }),
  free: profile('free', { ...CHEAP, budget: scaled(ACCEPTABLE, 3000) }),
  // 768 ms is the silence that source 000 measured in its own sequential pipeline.
  naive: Object.freeze({
    ...SHARED,
    name: 'naive' as const,
    endpointing: { minSilenceMs: 768, maxSilenceMs: 768, biasMs: 0 },
    interruptible: false,
    asksAgain: false,
    techniques: without(...TECHNIQUES.filter((technique) => technique !== 'fillers' && technique !== 'accounts')),
  }),
});

/** The same profile with techniques switched off. */
export function withoutTechniques(from: Profile, off: readonly Technique[]): Profile {
  const changed = Object.fromEntries(off.map((technique) => [technique, false]));
  return Object.freeze({ ...from, techniques: Object.freeze({ ...from.techniques, ...changed }) });
}
