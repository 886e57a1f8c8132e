import { describe, expect, it } from 'vitest';
import { ConfigError, parseConfig } from '../../token-server/config.js';

const SECRET = 'a-secret-that-must-not-be-shown';
const needed = { LIVEKIT_URL: 'ws://127.0.0.1:7880', LIVEKIT_API_KEY: 'devkey', LIVEKIT_API_SECRET: SECRET };

function refusal(env: NodeJS.ProcessEnv): string {
  try {
    parseConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.message;
    throw error;
  }
  throw new Error('the configuration was accepted');
}

describe('the configuration of the token server', () => {
  it('needs only the SFU and its key', () => {
    expect(parseConfig(needed)).toMatchObject({
      AGENT_NAME: 'turnwise',
      LATENCY_PROFILE: 'good',
      WEB_HOST: '127.0.0.1',
      WEB_PORT: 3000,
      TOKEN_METRICS_PORT: 9465,
      TOKEN_SERVER_AUTH: 'open',
      EARLY_DISPATCH: 'on',
    });
  });

  it('reads an empty variable as unset', () => {
    expect(parseConfig({ ...needed, WEB_PORT: '', LIVEKIT_PUBLIC_URL: '' }).WEB_PORT).toBe(3000);
  });

  it('takes 0 for a free port', () => {
    expect(parseConfig({ ...needed, WEB_PORT: '0', TOKEN_METRICS_PORT: '0' })).toMatchObject({
      WEB_PORT: 0,
      TOKEN_METRICS_PORT: 0,
    });
  });

  it('names every missing variable at once', () => {
    expect(refusal({})).toMatch(
      /LIVEKIT_URL is not set\n.*LIVEKIT_API_KEY is not set\n.*LIVEKIT_API_SECRET is not set/,
    );
  });

  it('names every malformed variable at once and shows no value of a secret', () => {
    const message = refusal({
      LIVEKIT_URL: 'http://127.0.0.1:7880',
      LIVEKIT_API_KEY: 'devkey',
      LIVEKIT_API_SECRET: SECRET,
      WEB_PORT: '70000',
      TOKEN_METRICS_PORT: 'many',
      LATENCY_PROFILE: 'fastest',
      TOKEN_SERVER_KEY: 'short-secret',
      TOKEN_SERVER_AUTH: 'jwt',
    });
    for (const name of [
      'LIVEKIT_URL',
      'WEB_PORT',
      'TOKEN_METRICS_PORT',
      'LATENCY_PROFILE',
      'TOKEN_SERVER_KEY',
      'TOKEN_SERVER_AUTH',
    ]) {
      expect(message).toContain(`  ${name} is`);
    }
    expect(message).not.toContain(SECRET);
    expect(message).not.toContain('short-secret');
  });

  it.each(['0.0.0.0', '::', '192.0.2.7'])('refuses to be open on %s', (host) => {
    expect(refusal({ ...needed, WEB_HOST: host })).toContain(
      'TOKEN_SERVER_AUTH is open, which is for this machine alone',
    );
  });

  it.each(['127.0.0.1', '127.8.8.8', '::1', 'localhost'])('may be open on %s', (host) => {
    expect(parseConfig({ ...needed, WEB_HOST: host }).WEB_HOST).toBe(host);
  });

  it('may listen on every address with a key', () => {
    const env = { ...needed, WEB_HOST: '0.0.0.0', TOKEN_SERVER_AUTH: 'key', TOKEN_SERVER_KEY: '0123456789abcdef' };
    expect(parseConfig(env).WEB_HOST).toBe('0.0.0.0');
  });

  it('asks for the key that key mode needs', () => {
    expect(refusal({ ...needed, TOKEN_SERVER_AUTH: 'key' })).toContain('TOKEN_SERVER_KEY is not set');
  });

  it('takes early dispatch as on or off, and nothing else', () => {
    expect(parseConfig({ ...needed, EARLY_DISPATCH: 'off' }).EARLY_DISPATCH).toBe('off');
    expect(refusal({ ...needed, EARLY_DISPATCH: 'true' })).toContain('EARLY_DISPATCH is neither on nor off');
  });

  it('says plainly that jwt is not there yet', () => {
    expect(refusal({ ...needed, TOKEN_SERVER_AUTH: 'jwt' })).toContain('comes with a later version');
  });
});
