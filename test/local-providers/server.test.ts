import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { isKeyAccepted, readCredentials } from '../../local-providers/call-key.js';
import { takeClauses } from '../../local-providers/clauses.js';
import { ConfigError, parseConfig } from '../../local-providers/config.js';
import { countTokens, splitTokens } from '../../local-providers/tokens.js';
import { type RunningProviders, startScripted } from './support.js';

let providers: RunningProviders;
beforeAll(async () => {
  providers = await startScripted({ requiredKey: 'secret' });
});
afterAll(() => providers.close());

describe('LocalProviders', () => {
  it('says that it is alive and ready', async () => {
    expect((await fetch(`${providers.url}/healthz`)).status).toBe(200);
    const ready = await fetch(`${providers.url}/readyz`);
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready', engine: 'scripted' }]);
    expect((await fetch(`${providers.url}/elsewhere`)).status).toBe(404);
  });

  it('takes only the key it was told, with any call behind it', async () => {
    const status = async (key: string): Promise<number> =>
      (await fetch(`${providers.url}/v1/models`, { headers: { Authorization: `Bearer ${key}` } })).status;
    expect(await Promise.all(['secret', 'secret:call', 'other', 'secretive'].map(status))).toEqual([
      200, 200, 401, 401,
    ]);
  });

  it('ends open sockets and requests when it closes, twice if asked to', async () => {
    const own = await startScripted();
    await own.script({ call: 'open', timing: { llmTtft: 60_000 } });
    const socket = new WebSocket(`${own.wsUrl}/v1/listen?encoding=linear16&sample_rate=16000`, {
      headers: { Authorization: 'Token key' },
    });
    const closed = new Promise<number>((resolve) => socket.on('close', resolve));
    await new Promise((resolve) => socket.on('open', resolve));
    const answer = fetch(`${own.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { Authorization: 'Bearer key:open' },
      body: JSON.stringify({ model: 'm', messages: [{ role: 'user', content: 'hi' }], stream: true }),
    }).then(
      () => 'answered',
      () => 'cut',
    );
    await vi.waitFor(async () => expect((await own.counters('open')).llm.requests).toBe(1));
    await Promise.all([own.close(), own.close()]);
    expect(await closed).toBe(1001);
    expect(await answer).toBe('cut');
  });

  it.each([
    ['words without times', { call: 'x', words: [{ word: 'hi' }] }],
    ['a word that ends before it starts', { call: 'x', words: [{ word: 'hi', startMs: 10, endMs: 5 }] }],
    ['a misspelt field', { call: 'x', wrods: [] }],
    ['no call', { words: [] }],
    ['words for all calls', { call: '*', words: [] }],
    ['an unknown preset', { call: 'x', preset: 'slow' }],
    ['an unknown fault', { call: 'x', faults: [{ component: 'stt', kind: 'explode' }] }],
  ])('refuses a script with %s', async (_case, body) => {
    const response = await fetch(`${providers.url}/script`, { method: 'POST', body: JSON.stringify(body) });
    expect(response.status).toBe(400);
  });

  it('names a recording that is not there', async () => {
    const body = JSON.stringify({ call: 'x', turns: [{ recording: 'nothing.wav' }] });
    const response = await fetch(`${providers.url}/script`, { method: 'POST', body });
    expect([response.status, await response.text()]).toEqual([404, expect.stringContaining('SCRIPT_DATA_DIR')]);
  });

  it('forgets a call when asked to', async () => {
    await providers.script({ call: 'orders/a.flac', words: [] });
    const at = `${providers.url}/script/${encodeURIComponent('orders/a.flac')}`;
    expect((await fetch(at)).status).toBe(200);
    await fetch(at, { method: 'DELETE' });
    expect((await fetch(at)).status).toBe(404);
  });
});

describe('parseConfig', () => {
  it('has a default for everything, and takes an empty value for none', () => {
    expect(parseConfig({ LOCAL_PROVIDERS_PORT: '' })).toMatchObject({
      LOCAL_PROVIDERS_PORT: 8790,
      LOCAL_PROVIDERS_ENGINE: 'offline',
      SCRIPTED_PRESET: 'fixed',
    });
  });

  it('names every bad value at once, and repeats none', () => {
    const env = {
      LOCAL_PROVIDERS_PORT: '99999',
      LOCAL_PROVIDERS_ENGINE: 'magic',
      LOCAL_PROVIDERS_KEY: 'a:b',
      SCRIPTED_PRESET: 'rapid',
      LOG_LEVEL: 'loud',
    };
    let message = '';
    try {
      parseConfig(env);
    } catch (error) {
      expect(error).toBeInstanceOf(ConfigError);
      message = (error as Error).message;
    }
    for (const [name, value] of Object.entries(env)) {
      expect(message).toContain(name);
      expect(message).not.toContain(value);
    }
  });
});

describe('readCredentials', () => {
  it('finds the call behind the key, and prefers the header', () => {
    expect(readCredentials('key:orders/90a00f8a.flac', {})).toEqual({ key: 'key', callKey: 'orders/90a00f8a.flac' });
    expect(readCredentials('key:one', { 'x-turnwise-call': 'two' })).toEqual({ key: 'key', callKey: 'two' });
    expect(readCredentials('key', {})).toEqual({ key: 'key' });
    expect(readCredentials('key:no good name', {})).toEqual({ key: 'key' });
  });

  it('never lets an empty key in', () => {
    expect(isKeyAccepted('', undefined)).toBe(false);
    expect(isKeyAccepted('anything', undefined)).toBe(true);
  });
});

describe('takeClauses', () => {
  it('loses no character of any text', () => {
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom('a', ' ', '.', ',', '\n', '4', '"', '?') }), (text) => {
        const { clauses, rest } = takeClauses(text);
        expect(clauses.join('') + rest).toBe(text);
      }),
    );
  });

  it('ends clauses at punctuation, but not within a number', () => {
    expect(takeClauses('Sure, that is 4.50 dollars. And')).toEqual({
      clauses: ['Sure, ', 'that is 4.50 dollars. '],
      rest: 'And',
    });
  });
});

describe('splitTokens', () => {
  it('loses no character of any text', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(splitTokens(text).join('')).toBe(text);
      }),
    );
  });

  it('counts words, numbers and marks', () => {
    expect(countTokens("You'd like 2 lattes, right?")).toBe(7);
  });
});
