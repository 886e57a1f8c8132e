/** The latency profiles: one table that feeds budgets, turn-taking, alerts and the page (targets: source 001; tiers: 003). */
import type { ProfileName } from '../../wire/profile.js';

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
  /** Longest reply, in tokens (source 003: 150). */
  readonly maxTokens: number;
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

function profile(name: ProfileName, budget: LatencyBudget, endpointing: EndpointingCurve): Profile {
  return Object.freeze({ name, budget, endpointing, interruptible: true, asksAgain: true, maxTokens: MAX_TOKENS });
}

const QUICK: EndpointingCurve = { minSilenceMs: 224, maxSilenceMs: 1_600, biasMs: -100 };
const MEASURED: EndpointingCurve = { minSilenceMs: 256, maxSilenceMs: 1_800, biasMs: 0 };
const PATIENT: EndpointingCurve = { minSilenceMs: 320, maxSilenceMs: 2_000, biasMs: 100 };

export const PROFILES: Readonly<Record<ProfileName, Profile>> = Object.freeze({
  excellent: profile('excellent', EXCELLENT, QUICK),
  good: profile('good', GOOD, MEASURED),
  acceptable: profile('acceptable', ACCEPTABLE, PATIENT),
  enterprise: profile('enterprise', scaled(EXCELLENT, 400), QUICK),
  pro: profile('pro', scaled(GOOD, 600), MEASURED),
  starter: profile('starter', scaled(ACCEPTABLE, 2500), PATIENT),
  free: profile('free', scaled(ACCEPTABLE, 3000), PATIENT),
  // 768 ms is the silence that source 000 measured in its own sequential pipeline.
  naive: Object.freeze({
    name: 'naive' as const,
    endpointing: { minSilenceMs: 768, maxSilenceMs: 768, biasMs: 0 },
    interruptible: false,
    asksAgain: false,
    maxTokens: MAX_TOKENS,
  }),
});
