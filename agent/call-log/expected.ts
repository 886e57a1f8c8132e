/** What the environment in which a report is made expects each provider of the log to take. Pure. */
import {
  type Component,
  type ExpectedOverrides,
  expectationOf,
  expectationsOf,
  expectedMs,
} from '../config/expected-latencies.js';
import { LEGS, readProviders } from '../config/providers.js';

/** In ms, end of speech to final, request to first token, first text to first byte. */
export type ExpectedOf = (component: Component, provider: string, model: string) => number;

/** Spread into a program's environment. */
export const EXPECTED_VARIABLES = {
  STT_EXPECTED_MS: expectedMs,
  LLM_EXPECTED_MS: expectedMs,
  TTS_EXPECTED_MS: expectedMs,
};

/**
 * As the worker of this environment expects it (`turnwise_provider_expected_seconds`). Of providers that the log knows and the
 * environment does not, it is what their vendor's own service takes.
 * @param given - The environment without empty values.
 */
export function expectedIn(
  given: Readonly<Record<string, string | undefined>>,
  overrides: ExpectedOverrides,
): ExpectedOf {
  // Keys may be missing: nobody is asked anything here.
  const legs = {
    stt: readProviders(given, LEGS.stt).providers,
    llm: readProviders(given, LEGS.llm).providers,
    tts: readProviders(given, LEGS.tts).providers,
  };
  const configured = expectationsOf(legs, overrides);
  return (component, provider, model) =>
    (
      configured.find((one) => one.component === component && one.provider === provider && one.model === model) ??
      expectationOf(component, { provider, model })
    ).expectedMs;
}
