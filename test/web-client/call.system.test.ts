/** A person's first call: the whole of Turnwise, a real Chromium, a recorded sentence as microphone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type Stack, startStack } from '../support/stack.js';
import { loudness, microphoneWith, openPage, picture } from './support.js';

/** Silence before the sentence, so that the greeting is over, and after it, so that the turn ends, in ms. */
const BEFORE_MS = 6_000;
const AFTER_MS = 30_000;

/** How long the agent may take to come and greet, and to answer, in ms; two cores share this machine with the tests. */
const GREETING_TIMEOUT_MS = 30_000;
const ANSWER_TIMEOUT_MS = 60_000;

describe('a call from a browser', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack();
  });
  afterAll(() => stack?.close());

  it('is greeted, is heard and written down, and is answered by voice', async () => {
    const microphoneFile = await microphoneWith('7594182a.flac', { beforeMs: BEFORE_MS, afterMs: AFTER_MS });
    const { page, complaints } = await openPage(stack.webUrl, { microphoneFile, height: 860 });
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.locator('.entry-agent').first().waitFor({ timeout: GREETING_TIMEOUT_MS });
    expect(await loudness(page, GREETING_TIMEOUT_MS)).toBeGreaterThan(0.01);
    await page.getByText('Heard by').waitFor();

    await page.getByText('You are heard').waitFor({ timeout: ANSWER_TIMEOUT_MS });
    await page.locator('.entry-you:not(.entry-interim)').first().waitFor({ timeout: ANSWER_TIMEOUT_MS });
    await page.getByText('Speaking', { exact: true }).waitFor({ timeout: ANSWER_TIMEOUT_MS });
    expect(await loudness(page, ANSWER_TIMEOUT_MS)).toBeGreaterThan(0.01);
    await page.locator('.entry-you ~ .entry-agent').first().waitFor({ timeout: ANSWER_TIMEOUT_MS });
    await page
      .getByRole('img', { name: /^Answered after \d+ milliseconds/ })
      .first()
      .waitFor({ timeout: ANSWER_TIMEOUT_MS });
    await picture(page, 'whole-call');

    await page.getByRole('button', { name: 'End call' }).click();
    await page.getByRole('heading', { name: 'The call has ended' }).waitFor();
    expect(complaints).toEqual([]);
  });

  it('is served in writing too', async () => {
    const { page } = await openPage(stack.webUrl, { microphone: 'none' });
    await page.getByRole('button', { name: 'Type only, no microphone' }).click();
    await page.locator('.entry-agent').first().waitFor({ timeout: GREETING_TIMEOUT_MS });
    await page.getByLabel('Type instead of talking').fill('what does a latte cost');
    await page.keyboard.press('Enter');
    await page.locator('.entry-you ~ .entry-agent').first().waitFor({ timeout: ANSWER_TIMEOUT_MS });
  });
});
