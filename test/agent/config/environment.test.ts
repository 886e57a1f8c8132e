import { describe, expect, it } from 'vitest';
import { CallSettings, parseDispatchMetadata } from '../../../agent/config/call-settings.js';
import { parseWorkerConfig } from '../../../agent/config/environment.js';
import { ConfigError } from '../../../agent/config/errors.js';
import { PROFILES } from '../../../agent/config/profiles.js';
import { FINALIZE_SILENCE_MS } from '../../../agent/turn/pause-requests.js';
import { PROFILE_NAMES } from '../../../wire/profile.js';

const sfu = { LIVEKIT_URL: 'ws://localhost:7880', LIVEKIT_API_KEY: 'key', LIVEKIT_API_SECRET: 'secret' };
const keys = { DEEPGRAM_API_KEY: 'd', OPENAI_API_KEY: 'o', CARTESIA_API_KEY: 'c' };

function problemOf(env: NodeJS.ProcessEnv): string {
  try {
    parseWorkerConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('The environment was taken.');
}

describe('the environment', () => {
  it('needs only the SFU and the keys; the rest has defaults', () => {
    const config = parseWorkerConfig({ ...sfu, ...keys });
    expect(config).toMatchObject({
      agentName: 'turnwise',
      profile: 'good',
      metricsPort: 9464,
      healthPort: 8081,
      warmProcesses: 2,
      stt: [{ provider: 'deepgram', model: 'nova-3', baseUrl: 'wss://api.deepgram.com' }],
      llm: [{ provider: 'openai', model: 'gpt-4o-mini', baseUrl: 'https://api.openai.com/v1' }],
      tts: [{ provider: 'cartesia', model: 'sonic-3', baseUrl: 'https://api.cartesia.ai' }],
      listeningEngine: { name: 'deepgram/nova-3', local: false },
      callLog: { target: { kind: 'sqlite' }, keepsTexts: false, retentionDays: 30 },
    });
    expect(Object.isFrozen(config)).toBe(true);
  });

  it('keeps no call log when that is off, and names what is wrong with its settings without their values', () => {
    expect(parseWorkerConfig({ ...sfu, ...keys, CALL_LOG_URL: 'off' })).not.toHaveProperty('callLog');
    const problem = problemOf({
      ...{
        ...sfu,
        ...keys,
        CALL_LOG_URL: 'mysql://me:hunter2@db/calls',
        CALL_LOG_TEXT: 'perhaps',
        CALL_LOG_DAYS: '-3',
      },
    });
    expect(problem).toContain('CALL_LOG_URL is not file:PATH, a postgres:// URL, or off');
    expect(problem).toContain('CALL_LOG_TEXT is not on or off');
    expect(problem).toContain('CALL_LOG_DAYS is not a whole number of days');
    expect(problem).not.toMatch(/hunter2|perhaps/);
  });

  it('needs no key for another server that speaks the protocol, however its address is written', () => {
    const config = parseWorkerConfig({
      ...sfu,
      DEEPGRAM_BASE_URL: 'http://127.0.0.1:8790',
      OPENAI_BASE_URL: 'http://127.0.0.1:8790/v1/',
      CARTESIA_BASE_URL: 'ws://127.0.0.1:8790',
    });
    expect(config.stt[0].baseUrl).toBe('ws://127.0.0.1:8790');
    expect(config.llm[0].baseUrl).toBe('http://127.0.0.1:8790/v1');
    expect(config.tts[0].baseUrl).toBe('http://127.0.0.1:8790');
  });

  it('complains about a second provider that is at the vendor without a key', () => {
    const local = {
      ...sfu,
      ...keys,
      OPENAI_API_KEY: '',
      OPENAI_BASE_URL: 'http://localhost:1/v1',
      LLM: 'openai/a,openai/b',
    };
    expect(parseWorkerConfig(local).llm).toHaveLength(2);
    expect(problemOf({ ...local, OPENAI_BASE_URL_2: 'https://api.openai.com/v1/' })).toContain(
      'OPENAI_API_KEY_2 is not set',
    );
    const own = { ...local, OPENAI_BASE_URL_2: 'https://api.openai.com/v1', OPENAI_API_KEY_2: 'o2' };
    expect(parseWorkerConfig(own).llm[1]).toMatchObject({ apiKey: 'o2' });
  });

  it('takes several providers of a leg, each with variables of its own where they are set', () => {
    const config = parseWorkerConfig({
      ...sfu,
      ...keys,
      LLM: 'openai/a, openai/b,openai/c',
      OPENAI_API_KEY_2: 'o2',
      OPENAI_BASE_URL_3: 'http://127.0.0.1:11434/v1',
    });
    const vendor = 'https://api.openai.com/v1';
    expect(config.llm).toEqual([
      { provider: 'openai', model: 'a', baseUrl: vendor, apiKey: 'o' },
      { provider: 'openai', model: 'b', baseUrl: vendor, apiKey: 'o2' },
      { provider: 'openai', model: 'c', baseUrl: 'http://127.0.0.1:11434/v1', apiKey: 'none' },
    ]);
    expect(problemOf({ ...sfu, ...keys, TTS: 'cartesia/a,cartesia/b,cartesia/c,cartesia/d' })).toContain(
      'TTS names more',
    );
    expect(problemOf({ ...sfu, ...keys, STT: 'deepgram/a,acme/b', DEEPGRAM_BASE_URL_2: 'ftp://x' })).toContain(
      'STT is not',
    );
  });

  it('names every bad variable at once, and no value', () => {
    const problem = problemOf({
      LIVEKIT_URL: 'hunter2',
      METRICS_PORT: '99999',
      LATENCY_PROFILE: 'fastest-of-all',
      STT: 'acme/ears',
      MAX_CALLS: 'many',
      OPENAI_API_KEY: 'sk-very-secret',
    });
    for (const name of [
      'LIVEKIT_URL',
      'LIVEKIT_API_KEY',
      'LIVEKIT_API_SECRET',
      'METRICS_PORT',
      'LATENCY_PROFILE',
      'STT',
    ]) {
      expect(problem).toContain(name);
    }
    for (const name of ['MAX_CALLS', 'DEEPGRAM_API_KEY', 'CARTESIA_API_KEY']) expect(problem).toContain(name);
    for (const value of ['hunter2', '99999', 'fastest-of-all', 'acme', 'many', 'sk-very-secret']) {
      expect(problem).not.toContain(value);
    }
  });

  it('takes an empty value for an unset one, not for zero', () => {
    expect(parseWorkerConfig({ ...sfu, ...keys, METRICS_PORT: '' }).metricsPort).toBe(9464);
    expect(parseWorkerConfig({ ...sfu, ...keys, METRICS_PORT: '0' }).metricsPort).toBe(0);
  });

  it.each([
    ['METRICS_PORT', '0x10'],
    ['METRICS_PORT', '8081'],
    ['LIVEKIT_API_SECRET', '  '],
    ['DEEPGRAM_API_KEY', 'one\ntwo'],
    ['OPENAI_API_KEY', ''],
  ])('does not take %s=%j', (name, value) => {
    expect(problemOf({ ...sfu, ...keys, OPENAI_BASE_URL: 'https://api.openai.com/v1/', [name]: value })).toContain(
      name,
    );
  });

  it('lets the provider string win over the model variable', () => {
    const named = { ...sfu, ...keys, OPENAI_MODEL: 'gpt-x' };
    expect(parseWorkerConfig(named).llm[0].model).toBe('gpt-x');
    expect(parseWorkerConfig({ ...named, LLM: 'openai/gpt-y' }).llm[0].model).toBe('gpt-y');
  });
});

describe('what a call process is handed', () => {
  it('survives the fork, and anything else is refused', () => {
    const { stt, llm, tts, profile, phrasesDir, ordersDb, logLevel } = parseWorkerConfig({ ...sfu, ...keys });
    const settings = {
      stt,
      llm,
      tts,
      profile,
      phrasesDir,
      ordersDb,
      logLevel,
      metricsSocket: '/run/x.sock',
      turnModelSocket: '/run/y.sock',
    };
    expect(CallSettings.parse(JSON.parse(JSON.stringify(settings)))).toEqual(settings);
    expect(CallSettings.safeParse({ ...settings, extra: 1 }).success).toBe(false);
    expect(CallSettings.safeParse({ ...settings, metricsSocket: '' }).success).toBe(false);
  });

  it('reads the profile from the dispatch, and goes on without one it does not know', () => {
    expect(parseDispatchMetadata('{"profile":"excellent"}')).toEqual({ profile: 'excellent' });
    expect(parseDispatchMetadata('{"without":["openings"]}')).toEqual({ without: ['openings'] });
    expect(parseDispatchMetadata('')).toEqual({});
    expect(parseDispatchMetadata('{"tenant":"a"}')).toEqual({});
    for (const bad of ['{', '"good"', '{"profile":"warp"}', '{"without":["thinking"]}', '[]', 'x'.repeat(5_000)]) {
      expect(parseDispatchMetadata(bad)).toEqual({ problem: expect.any(String) });
    }
  });
});

describe('the profiles', () => {
  it('have targets whose stages add up to about the response, and waits in order', () => {
    for (const name of PROFILE_NAMES) {
      const { budget, endpointing } = PROFILES[name];
      expect(endpointing.minSilenceMs).toBeGreaterThan(FINALIZE_SILENCE_MS);
      expect(endpointing.minSilenceMs).toBeLessThanOrEqual(endpointing.maxSilenceMs);
      if (budget === undefined) continue;
      const { responseMs, ...stages } = budget;
      // Source 001's own rows: "acceptable" adds up to 1,250 ms beside its 1,200.
      expect(Object.values(stages).reduce((sum, ms) => sum + ms, 0)).toBeLessThanOrEqual(responseMs * 1.05);
    }
  });
});
