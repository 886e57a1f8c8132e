/**
 * What each provider is expected to take, so that its drift from that can be seen. Pure. The figures are in ms and mean what the
 * metrics measure: STT from the end of speech to the last final, LLM from the request to the first token, TTS from the first
 * text sent to the first audio received. They are other people's, over networks of theirs: `STT_EXPECTED_MS`,
 * `LLM_EXPECTED_MS` and `TTS_EXPECTED_MS` say better what is usual where the worker runs.
 */
import { z } from 'zod';
import { LEGS, type ProviderSettings } from './providers.js';

export const COMPONENTS = ['stt', 'llm', 'tts'] as const;
export type Component = (typeof COMPONENTS)[number];

interface Figure {
  readonly expectedMs: number;
  /** Who measured it, and how. */
  readonly source: string;
}

export interface Expectation extends Figure {
  readonly component: Component;
  readonly provider: string;
  readonly model: string;
}

/** Of the primary provider of each leg, in ms. */
export type ExpectedOverrides = Readonly<Partial<Record<Component, number>>>;

const STT_BENCHMARK = 'pipecat-ai/stt-benchmark: median of 1,000 samples, end of speech to final';
const LLM_BENCHMARK = 'kwindla/aiewf-eval: median of 30 turns with about 12,000 tokens of context';

/** By vendor and model; at addresses other than the vendor's own they do not count. */
const MEASURED: Readonly<Record<Component, Readonly<Record<string, Figure>>>> = {
  stt: {
    'deepgram/nova-3': { expectedMs: 247, source: STT_BENCHMARK },
    'deepgram/nova-3-general': { expectedMs: 247, source: STT_BENCHMARK },
    'deepgram/nova-2': { expectedMs: 150, source: "VozLux' code (source 003): declared" },
  },
  llm: {
    'openai/gpt-4o-mini': { expectedMs: 553, source: LLM_BENCHMARK },
    'openai/gpt-4o': { expectedMs: 546, source: LLM_BENCHMARK },
    'openai/gpt-4.1': { expectedMs: 536, source: LLM_BENCHMARK },
  },
  tts: {
    'cartesia/sonic-3': { expectedMs: 188, source: 'Coval, May 2026: median over the network' },
    'cartesia/sonic-2': { expectedMs: 90, source: "VozLux' code (source 003): declared" },
  },
};

/**
 * For all others, servers on this machine among them: what VozLux (source 003) declares of Deepgram, Llama 3.1 8B on Groq and
 * Cartesia, which is also what the scripted providers' preset `fixed` takes.
 */
const DECLARED: Readonly<Record<Component, Figure>> = {
  stt: { expectedMs: 150, source: "VozLux' breakdown (source 003)" },
  llm: { expectedMs: 220, source: "VozLux' breakdown (source 003)" },
  tts: { expectedMs: 90, source: "VozLux' breakdown (source 003)" },
};

/** A model's dated or numbered version is expected to take what the model takes. */
const VERSION = /-(?:\d{4}-\d{2}-\d{2}|\d{4,8})$/;

/**
 * @param of - `baseUrl` as the environment's parser gives it; absent: the vendor's own address.
 * @param overrideMs - What the environment says instead.
 */
export function expectationOf(
  component: Component,
  of: Pick<ProviderSettings, 'provider' | 'model'> & { readonly baseUrl?: string },
  overrideMs?: number,
): Expectation {
  const { provider, model, baseUrl } = of;
  const who = { component, provider, model };
  if (overrideMs !== undefined) {
    return { ...who, expectedMs: overrideMs, source: `${component.toUpperCase()}_EXPECTED_MS` };
  }
  const isVendors = baseUrl === undefined || baseUrl === LEGS[component].vendorUrl;
  const figures = MEASURED[component];
  const measured = figures[`${provider}/${model}`] ?? figures[`${provider}/${model.replace(VERSION, '')}`];
  return { ...who, ...(isVendors && measured !== undefined ? measured : DECLARED[component]) };
}

/**
 * Of all providers that may be asked, each once: what `turnwise_provider_expected_seconds` is set to.
 * @param overrides - They are for the primary of each leg.
 */
export function expectationsOf(
  legs: Readonly<Record<Component, readonly ProviderSettings[]>>,
  overrides: ExpectedOverrides = {},
): readonly Expectation[] {
  return COMPONENTS.flatMap((component) => {
    const named = new Map<string, Expectation>();
    for (const [index, settings] of legs[component].entries()) {
      const key = `${settings.provider}/${settings.model}`;
      if (named.has(key)) continue;
      named.set(key, expectationOf(component, settings, index === 0 ? overrides[component] : undefined));
    }
    return [...named.values()];
  });
}

/** Below so many turns a median says more about them than about the provider. */
export const DRIFT_MIN_SAMPLES = 20;

/**
 * How much later a provider is than expected, in ms; below 0 where it is faster.
 * @param recentMs - What it took of late, in any order.
 * @returns Median of what was measured less what is expected; undefined of fewer than {@link DRIFT_MIN_SAMPLES}.
 */
export function driftOf(expectedMs: number, recentMs: readonly number[]): number | undefined {
  if (recentMs.length < DRIFT_MIN_SAMPLES) return undefined;
  const sorted = recentMs.toSorted((a, b) => a - b);
  const upper = sorted[Math.floor(sorted.length / 2)] ?? 0;
  const lower = sorted[Math.ceil(sorted.length / 2) - 1] ?? 0;
  return (lower + upper) / 2 - expectedMs;
}

/** A setting like `STT_EXPECTED_MS`. */
export const expectedMs = z
  .string()
  .regex(/^\d{1,5}$/, { error: 'is not a whole number of ms' })
  .transform(Number)
  .refine((value) => value >= 1 && value <= 60_000, { error: 'is not between 1 and 60000 ms' })
  .optional();
