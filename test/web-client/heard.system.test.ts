/** What a page measures of the wait for an answer, against an agent whose answers are known to the frame. */
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type Sfu, startSfu } from '../support/sfu.js';
import { type AnsweringAgent, startAnsweringAgent } from './answering-agent.js';
import { beginRecording, endRecording, keepMicrophone } from './page-recording.js';
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

  async function call() {
    const { url } = await startWeb({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret });
    const microphoneFile = await microphoneWith('7594182a.flac', { beforeMs: 500, afterMs: 4_000 });
    const { page, place, complaints } = await openPage(url, { microphoneFile, height: 860 });
    await keepMicrophone(page);
    await page.getByRole('button', { name: 'Start a call' }).click();
    const agent = await startAnsweringAgent(sfu, { roomName: (await place()).roomName, delayMs: DELAY_MS });
    onTestFinished(agent.close);
    await page.getByText('Listening', { exact: true }).waitFor();
    await beginRecording(page);
    return { page, agent, complaints };
  }

  async function answered({ answers, heard }: AnsweringAgent): Promise<void> {
    await expect.poll(() => answers.length, { timeout: WITHIN_MS, interval: 100 }).toBeGreaterThanOrEqual(ANSWERS);
    // One may be thrown away: where the machine lost samples, nobody knows.
    await expect.poll(() => heard.length, { timeout: 5_000 }).toBeGreaterThanOrEqual(ANSWERS - 1);
  }

  /** Each report with what the recording has of the same answer. */
  async function compared(
    page: Page,
    { answers, heard }: AnsweringAgent,
  ): Promise<{ toldMs: number; truthMs: number }[]> {
    const truths = await endRecording(page);
    return heard.flatMap(({ turn, heardResponseMs: toldMs }) => {
      // Recording may have begun after the first of them.
      const truthMs = truths.at(turn - answers.length - 1);
      return truthMs === undefined ? [] : [{ toldMs, truthMs }];
    });
  }

  // Both again if need be: where the machine itself is so busy that the browser's audio threads come too late, neither the
  // page's figure nor the recording is the truth.
  it('is what a recording of both sides has, and is shown with the way to the ear', { retry: 2 }, async () => {
    const { page, agent, complaints } = await call();
    await answered(agent);
    const figures = await compared(page, agent);
    expect(figures.length).toBeGreaterThanOrEqual(ANSWERS - 2);
    for (const { toldMs, truthMs } of figures) expect(Math.abs(toldMs - truthMs)).toBeLessThanOrEqual(EXACT_TO_MS);
    // Nobody hears an answer before it is given.
    for (const { heardResponseMs } of agent.heard) expect(heardResponseMs).toBeGreaterThan(DELAY_MS);
    expect(agent.heard.at(-1)).toMatchObject({ roundTripMs: expect.any(Number), jitterBufferMs: expect.any(Number) });
    await page
      .getByText(/^Heard after \d+ ms: on the way network \d+, jitter buffer \d+, the rest −?\d+/)
      .first()
      .waitFor();
    expect(await faults(page)).toEqual([]);
    await picture(page, 'heard');
    expect(complaints).toEqual([]);
  });

  it('is the same while the page’s own thread is busy', { retry: 2 }, async () => {
    const { page, agent } = await call();
    const busy = await page.evaluate(() =>
      Number(
        setInterval(() => {
          const untilMs = performance.now() + 250;
          while (performance.now() < untilMs);
        }, 300),
      ),
    );
    await answered(agent);
    await page.evaluate((timer) => clearInterval(timer), busy);
    const figures = await compared(page, agent);
    expect(figures.length).toBeGreaterThanOrEqual(ANSWERS - 2);
    for (const { toldMs, truthMs } of figures) expect(Math.abs(toldMs - truthMs)).toBeLessThanOrEqual(EXACT_TO_MS);
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
