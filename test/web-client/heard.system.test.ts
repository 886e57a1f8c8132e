/** What a page measures of the wait for an answer, against an agent whose answers are known to the frame. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { wayToEarMs } from '../../agent/turn/heard-report.js';
import { type Sfu, startSfu } from '../support/sfu.js';
import { type AnsweringAgent, startAnsweringAgent } from './answering-agent.js';
import { faults, microphoneWith, openPage, picture, startWeb } from './support.js';

/** Between the end of what the agent hears and its answer, in ms. */
const DELAY_MS = 900;
/** Answers that are measured, and how long that may take, in ms: one comes every seven seconds. */
const ANSWERS = 4;
const WITHIN_MS = 60_000;
/** How far a figure may be from the truth, in ms. */
const EXACT_TO_MS = 30;

describe('what a page heard', () => {
  let sfu: Sfu;
  beforeAll(async () => {
    sfu = await startSfu();
  });
  afterAll(() => sfu?.close());

  async function call(): Promise<{
    readonly page: Page;
    readonly agent: AnsweringAgent;
    readonly complaints: readonly string[];
  }> {
    const { url } = await startWeb({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret });
    const microphoneFile = await microphoneWith('7594182a.flac', { beforeMs: 500, afterMs: 4_000 });
    const { page, place, complaints } = await openPage(url, { microphoneFile, height: 860 });
    await page.getByRole('button', { name: 'Start a call' }).click();
    const agent = await startAnsweringAgent(sfu, { roomName: (await place()).roomName, delayMs: DELAY_MS });
    onTestFinished(agent.close);
    await page.getByText('Listening', { exact: true }).waitFor();
    return { page, agent, complaints };
  }

  /** How far each report is from what the agent knows, with the way that lies between them. */
  function errorsMs({ answers, heard }: AnsweringAgent): number[] {
    return heard.flatMap((report) => {
      const answer = answers.find(({ turn }) => turn === report.turn);
      const wayMs = wayToEarMs(report, answer?.path);
      return answer === undefined || wayMs === undefined ? [] : [report.heardResponseMs - answer.responseMs - wayMs];
    });
  }

  async function measured(agent: AnsweringAgent): Promise<void> {
    await expect
      .poll(() => agent.answers.length, { timeout: WITHIN_MS, interval: 100 })
      .toBeGreaterThanOrEqual(ANSWERS);
    await expect.poll(() => agent.heard.length, { timeout: 2_000 }).toBeGreaterThanOrEqual(ANSWERS / 2);
    process.stdout.write(
      `${JSON.stringify({ answers: agent.answers, heard: agent.heard, errors: errorsMs(agent) })}\n`,
    );
  }

  it('is what the agent knows, with the way between them, and is shown', async () => {
    const { page, agent, complaints } = await call();
    await measured(agent);
    expect(errorsMs(agent).length).toBeGreaterThanOrEqual(ANSWERS / 2);
    for (const errorMs of errorsMs(agent)) expect(Math.abs(errorMs)).toBeLessThanOrEqual(EXACT_TO_MS);
    await page
      .getByText(/^Heard after \d+ ms: on the way network \d+, jitter buffer \d+, the rest −?\d+/)
      .first()
      .waitFor();
    expect(await faults(page)).toEqual([]);
    await picture(page, 'heard');
    expect(complaints).toEqual([]);
  });

  it('is the same while the page’s own thread is busy', async () => {
    const { page, agent } = await call();
    await page.evaluate(() => {
      setInterval(() => {
        const untilMs = performance.now() + 250;
        while (performance.now() < untilMs);
      }, 300);
    });
    await measured(agent);
    expect(errorsMs(agent).length).toBeGreaterThanOrEqual(ANSWERS / 2);
    for (const errorMs of errorsMs(agent)) expect(Math.abs(errorMs)).toBeLessThanOrEqual(EXACT_TO_MS);
  });

  it('is not told where there is no audio thread, and levels are shown all the same', async () => {
    const { url } = await startWeb({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret });
    const microphoneFile = await microphoneWith('7594182a.flac', { beforeMs: 500, afterMs: 4_000 });
    const { page, place } = await openPage(url, { microphoneFile });
    await page.evaluate(() => {
      AudioWorklet.prototype.addModule = () => Promise.reject(new Error('No audio thread here.'));
    });
    await page.getByRole('button', { name: 'Start a call' }).click();
    const agent = await startAnsweringAgent(sfu, { roomName: (await place()).roomName, delayMs: DELAY_MS });
    onTestFinished(agent.close);
    await page.getByText('You are heard').waitFor();
    await page.locator('.bar.lit').first().waitFor();
    await expect.poll(() => agent.answers.length, { timeout: WITHIN_MS, interval: 100 }).toBeGreaterThanOrEqual(2);
    expect(agent.heard).toEqual([]);
  });
});

describe('a rating', () => {
  it('is given once, by keyboard too, and thanked for in words', async () => {
    const sfu = await startSfu();
    onTestFinished(() => sfu.close());
    const { url } = await startWeb({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret });
    const { page, place } = await openPage(url, { width: 360, height: 740 });
    await page.getByRole('button', { name: 'Start a call' }).click();
    const agent = await startAnsweringAgent(sfu, { roomName: (await place()).roomName, delayMs: DELAY_MS });
    onTestFinished(agent.close);
    await page.getByRole('group', { name: 'How is this call?' }).waitFor();
    expect(await faults(page)).toEqual([]);
    const good = page.getByRole('button', { name: 'Good' });
    await good.focus();
    await page.keyboard.press('Enter');
    await page.getByText('Thank you.').waitFor();
    expect(await good.getAttribute('aria-pressed')).toBe('true');
    expect(await good.evaluate((button) => button === document.activeElement)).toBe(true);
    // It can be reached, and does nothing any more.
    await page.getByRole('button', { name: 'Bad' }).focus();
    await page.keyboard.press('Enter');
    expect(await faults(page)).toEqual([]);
    await picture(page, 'rated-360');
    expect(agent.feedback).toEqual([{ schema: 1, rating: 'up' }]);
  });
});
