import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { decodeTokenPayload } from 'livekit-client';
import { pino } from 'pino';
import type { Browser, Page } from 'playwright-core';
import { onTestFinished, vi } from 'vitest';
import { readAudioFile, writeWav } from '../../bench/audio-file.js';
import { parseConfig } from '../../token-server/config.js';
import { createMetrics } from '../../token-server/metrics.js';
import { createTokenServer } from '../../token-server/server.js';
import { type BrowserOptions, openBrowser } from '../support/browser.js';
import type { CallerPlace } from '../support/page-agent.js';
import { joinSounds, silence } from '../support/sounds.js';

/** How long a page may take to ask for its room, in ms. */
const PLACE_TIMEOUT_MS = 10_000;

export interface WebOptions {
  readonly livekitUrl: string;
  readonly apiSecret: string;
  readonly ratePerMinute?: number;
  /** Switches key mode on. */
  readonly accessKey?: string;
}

/** The token server with the built page, as `npm start` runs it but within the test; closed with it. */
export async function startWeb({ livekitUrl, apiSecret, ratePerMinute = 1_000, accessKey }: WebOptions) {
  const app = await createTokenServer({
    config: parseConfig({
      LIVEKIT_URL: livekitUrl,
      LIVEKIT_API_KEY: 'devkey',
      LIVEKIT_API_SECRET: apiSecret,
      TOKEN_RATE_PER_MINUTE: String(ratePerMinute),
      ...(accessKey !== undefined && { TOKEN_SERVER_AUTH: 'key', TOKEN_SERVER_KEY: accessKey }),
    }),
    metrics: createMetrics(),
    logger: pino({ level: 'silent' }),
    webClientDir: resolve('dist/web-client'),
    nowMs: () => performance.now(),
  });
  const url = await app.listen({ host: '127.0.0.1', port: 0 });
  const close = () => app.close();
  onTestFinished(close);
  return { url, close };
}

export interface OpenPage {
  readonly page: Page;
  readonly browser: Browser;
  /** Where the page's latest call is, once it has been let in. */
  place(): Promise<CallerPlace>;
  /** Errors and security policy violations the page has reported. */
  readonly complaints: readonly string[];
}

/** livekit-client's own line when a call ends before any agent has taken what the page recorded: most agents here take nothing. */
const NO_TAKER = /^error sending preconnect buffer/;

/** A page of its own browser, closed with the test. */
export async function openPage(
  url: string,
  options: BrowserOptions & { width?: number; height?: number } = {},
): Promise<OpenPage> {
  const { width = 1_280, height = 800, ...browserOptions } = options;
  const browser = await openBrowser(browserOptions);
  onTestFinished(() => browser.close());
  const page = await browser.newPage({ viewport: { width, height } });
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    if (message.type() === 'error' && !NO_TAKER.test(message.text())) complaints.push(message.text());
  });
  let token: string | undefined;
  page.on('response', async (response) => {
    if (!response.url().endsWith('/token') || !response.ok()) return;
    // Nobody asks any more once the page is closed.
    const answer: { participant_token?: string } = await response.json().catch(() => ({}));
    token = answer.participant_token ?? token;
  });
  await page.goto(url);
  const place = () =>
    vi.waitFor(() => {
      if (token === undefined) throw new Error('The page has asked for no token.');
      const { sub = '', video } = decodeTokenPayload(token);
      return { roomName: video?.room ?? '', callerIdentity: sub };
    }, PLACE_TIMEOUT_MS);
  return { page, browser, place, complaints };
}

/** Keeps a picture of the page where `SCREENSHOTS` names a folder; nothing otherwise. */
export async function picture(page: Page, name: string): Promise<void> {
  const folder = process.env.SCREENSHOTS;
  if (folder === undefined) return;
  await mkdir(folder, { recursive: true });
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage: true });
}

/** Accessibility faults that can be found from the page alone: unnamed controls, repeated ids, sideways scrolling. */
export function faults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const found: string[] = [];
    for (const control of document.querySelectorAll<HTMLElement>('button, input, select, textarea, summary')) {
      const labels = control instanceof HTMLElement && 'labels' in control ? (control.labels as NodeList | null) : null;
      const named = control.textContent?.trim() || control.getAttribute('aria-label') || (labels?.length ?? 0) > 0;
      if (!named) found.push(`unnamed ${control.outerHTML.slice(0, 80)}`);
    }
    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    for (const id of ids.filter((id, index) => ids.indexOf(id) !== index)) found.push(`id ${id} twice`);
    if (document.documentElement.scrollWidth > document.documentElement.clientWidth) found.push('scrolls sideways');
    if (document.querySelectorAll('main').length !== 1) found.push('not one main landmark');
    if (document.querySelectorAll('h1').length !== 1) found.push('not one h1');
    return found;
  });
}

/**
 * How loud the agent's voice gets, 0 to 1, measured on the track that the page plays; done once it is loud.
 */
export function loudness(page: Page, withinMs = 2_000): Promise<number> {
  return page.evaluate(async (withinMs) => {
    const audio = [...document.querySelectorAll('audio')].find(({ srcObject }) => srcObject instanceof MediaStream);
    if (!(audio?.srcObject instanceof MediaStream)) throw new Error('The page plays no stream.');
    const context = new AudioContext();
    const analyser = context.createAnalyser();
    context.createMediaStreamSource(audio.srcObject).connect(analyser);
    const samples = new Float32Array(analyser.fftSize);
    let peak = 0;
    const untilMs = performance.now() + withinMs;
    while (performance.now() < untilMs && peak < 0.1) {
      await new Promise(requestAnimationFrame);
      analyser.getFloatTimeDomainData(samples);
      peak = samples.reduce((loudest, sample) => Math.max(loudest, Math.abs(sample)), peak);
    }
    await context.close();
    return peak;
  }, withinMs);
}

/** A WAV file, gone with the test, of a person's recorded order with quiet around it; Chromium plays it over and over. */
export async function microphoneWith(recording: string, quiet: { beforeMs: number; afterMs: number }): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'turnwise-microphone-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const { samples, sampleRateHz } = await readAudioFile(resolve('test/speech/orders', recording));
  const path = join(folder, 'microphone.wav');
  await writeWav(path, {
    samples: joinSounds(silence(quiet.beforeMs, sampleRateHz), samples, silence(quiet.afterMs, sampleRateHz)),
    sampleRateHz,
  });
  return path;
}
