import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseWorkerConfig } from '../../../agent/config/environment.js';
import { ConfigError } from '../../../agent/config/errors.js';
import { DRIFT_MIN_SAMPLES, driftOf, expectationOf, expectationsOf } from '../../../agent/config/expected-latencies.js';

const sfu = { LIVEKIT_URL: 'ws://localhost:7880', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' };
const keys = { DEEPGRAM_API_KEY: 'd', OPENAI_API_KEY: 'o', CARTESIA_API_KEY: 'c' };
const LOCAL = 'http://127.0.0.1:8790';

/** `component provider/model ms` of every provider that this environment names. */
function expectedBy(env: NodeJS.ProcessEnv): string[] {
  const config = parseWorkerConfig({ ...sfu, ...keys, ...env });
  return expectationsOf(config, config.expectedMs).map(
    ({ component, provider, model, expectedMs }) => `${component} ${provider}/${model} ${expectedMs}`,
  );
}

describe('what a provider is expected to take', () => {
  it("is what others measured of the vendor's own service", () => {
    expect(expectedBy({})).toEqual([
      'stt deepgram/nova-3 247',
      'llm openai/gpt-4o-mini 553',
      'tts cartesia/sonic-3 188',
    ]);
    expect(expectationOf('llm', { provider: 'openai', model: 'gpt-4o-2024-08-06' }).expectedMs).toBe(546);
  });

  it('is what source 003 declares for other servers and for models that nobody measured', () => {
    const elsewhere = { DEEPGRAM_BASE_URL: LOCAL, OPENAI_BASE_URL: `${LOCAL}/v1`, CARTESIA_BASE_URL: LOCAL };
    expect(expectedBy(elsewhere).map((line) => line.split(' ')[2])).toEqual(['150', '220', '90']);
    expect(expectedBy({ LLM: 'openai/gpt-9' })).toContain('llm openai/gpt-9 220');
    expect(expectationOf('llm', { provider: 'openai', model: 'gpt-4.1-nano' }).expectedMs).toBe(220);
  });

  it('is what the environment says of the primary, and each provider is told once', () => {
    expect(expectedBy({ LLM: 'openai/gpt-4o-mini,openai/gpt-4o,openai/gpt-4o', LLM_EXPECTED_MS: '300' })).toEqual([
      'stt deepgram/nova-3 247',
      'llm openai/gpt-4o-mini 300',
      'llm openai/gpt-4o 546',
      'tts cartesia/sonic-3 188',
    ]);
    expect(expectedBy({ LLM: 'openai/gpt-4o,openai/gpt-4o', LLM_EXPECTED_MS: '300' })).toContain(
      'llm openai/gpt-4o 300',
    );
  });

  it.each(['0', '-5', '1.5', 'soon', '60001'])('is not %s', (value) => {
    expect(() => parseWorkerConfig({ ...sfu, ...keys, TTS_EXPECTED_MS: value })).toThrow(ConfigError);
    expect(() => parseWorkerConfig({ ...sfu, ...keys, TTS_EXPECTED_MS: value })).toThrow(/TTS_EXPECTED_MS is not/);
  });
});

describe('drift', () => {
  const ms = fc.integer({ min: 1, max: 60_000 });
  const enough = fc.array(ms, { minLength: DRIFT_MIN_SAMPLES, maxLength: 100 });

  it('is not told of a few turns', () => {
    expect(
      driftOf(
        90,
        Array.from({ length: DRIFT_MIN_SAMPLES - 1 }, () => 500),
      ),
    ).toBeUndefined();
    expect(
      driftOf(
        90,
        Array.from({ length: DRIFT_MIN_SAMPLES }, () => 500),
      ),
    ).toBe(410);
  });

  it('has as many turns above as below, in whatever order they came', () => {
    fc.assert(
      fc.property(ms, enough, (expected, recent) => {
        const drift = driftOf(expected, recent) ?? Number.NaN;
        const half = recent.length / 2;
        expect(recent.filter((value) => value - expected > drift).length).toBeLessThanOrEqual(half);
        expect(recent.filter((value) => value - expected < drift).length).toBeLessThanOrEqual(half);
        expect(driftOf(expected, recent.toReversed())).toBe(drift);
      }),
    );
  });

  it('grows by what all turns grow by', () => {
    fc.assert(
      fc.property(ms, enough, ms, (expected, recent, later) => {
        const before = driftOf(expected, recent) ?? Number.NaN;
        expect(
          driftOf(
            expected,
            recent.map((value) => value + later),
          ),
        ).toBeCloseTo(before + later, 6);
      }),
    );
  });
});
