import { describe, expect, it } from 'vitest';
import { settledWithin, within } from '../../agent/within.js';

it('says whether work was done in time, failed or not', async () => {
  expect(await settledWithin(1_000, Promise.resolve())).toBe(true);
  expect(await settledWithin(1_000, Promise.reject(new Error('It fails.')))).toBe(true);
  expect(await settledWithin(1, new Promise(() => undefined))).toBe(false);
});

describe('waiting for what may never answer', () => {
  it('gives what comes in time', async () => {
    expect(await within(5_000, 'It', Promise.resolve('here'))).toBe('here');
  });

  it('says what took too long', async () => {
    await expect(within(10, 'The room', new Promise(() => undefined))).rejects.toThrow(
      'The room took longer than 10 ms.',
    );
  });

  it('rejects as the work does, and lets go of what comes late', async () => {
    await expect(within(5_000, 'It', Promise.reject(new Error('broken')))).rejects.toThrow('broken');
    let fail = (_: Error) => {};
    const work = new Promise<void>((_, reject) => (fail = reject));
    await expect(within(5, 'It', work)).rejects.toThrow('5 ms');
    // Nobody waits for it any more: an unhandled rejection would fail this file.
    fail(new Error('late'));
    await new Promise((resolve) => setImmediate(resolve));
  });
});
