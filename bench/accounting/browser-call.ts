/** One call from a real Chromium, with a second participant who hears both sides. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RoomServiceClient, TokenVerifier } from 'livekit-server-sdk';
import type { Page } from 'playwright-core';
import { z } from 'zod';
import { writeWav } from '../audio-file.js';
import { CALL_RATE_HZ } from '../caller/clip.js';
import { CallError } from '../caller/errors.js';
import { systemClock } from '../clock.js';
import { onBenchClock } from '../interruptions/followed-sound.js';
import type { SfuKeys } from '../interruptions/round-trip.js';
import { Witness } from '../interruptions/witness.js';
import type { SpokenRecording } from '../spoken-recording.js';
import { openChromium } from './browser-chromium.js';
import { ANSWER_MS, type MicrophonePlan, planMicrophone } from './browser-microphone.js';
import { type ClockReading, clockOffset } from './browser-sound.js';
import { readClock, takeSounds, tapAgent, tapMicrophone } from './browser-tap.js';
import { type BrowserTurn, type CallSound, followTurns } from './browser-turns.js';
import type { AccountedSystem } from './system.js';

const GREETING_TIMEOUT_MS = 60_000;
const PAGE_TIMEOUT_MS = 15_000;
/** Between the click and the microphone's first sample, at most; ms. */
const OPENING_MS = 1_500;

const Answer = z.object({ participant_token: z.string().min(1) });

/** Who is in the page's room, by the token that it was given and by the SFU. */
interface Place {
  readonly roomName: string;
  readonly caller: string;
  readonly agent: string;
}

export interface BrowserCallOptions {
  readonly system: Pick<AccountedSystem, 'stack' | 'sfu'>;
  readonly recordings: readonly SpokenRecording[];
  readonly name: string;
  readonly signal: AbortSignal;
}

export interface BrowserCall {
  readonly turns: readonly BrowserTurn[];
  /** How exactly the page's clock is known, in ms. */
  readonly clockExactToMs: number;
  /** What went wrong in the page and harmed no call. */
  readonly problems: readonly string[];
}

/** @throws CallError `NO_AGENT`, `NO_GREETING`; Playwright's own error where the page does not do what it should. */
export async function holdBrowserCall({ system, recordings, name, signal }: BrowserCallOptions): Promise<BrowserCall> {
  const plan = planMicrophone(recordings);
  const folder = await mkdtemp(join(tmpdir(), 'turnwise-microphone-'));
  try {
    const microphoneFile = join(folder, 'microphone.wav');
    await writeWav(microphoneFile, { samples: plan.samples, sampleRateHz: CALL_RATE_HZ });
    const browser = await openChromium(microphoneFile);
    const close = (): void => void browser.close();
    signal.addEventListener('abort', close);
    try {
      signal.throwIfAborted();
      const page = await browser.newPage();
      page.setDefaultTimeout(PAGE_TIMEOUT_MS);
      const problems: string[] = [];
      page.on('pageerror', (error) => problems.push(error.message));
      await tapMicrophone(page);
      await page.goto(system.stack.webUrl);
      const readings = await readClock(page);
      const { sound, exactToMs } = await hold(page, readings, { plan, sfu: system.sfu, signal });
      return { turns: followTurns(name, plan.turns, sound), clockExactToMs: exactToMs, problems };
    } finally {
      signal.removeEventListener('abort', close);
      await browser.close();
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** From the click to the end of the file. */
async function hold(
  page: Page,
  readings: readonly ClockReading[],
  { plan, sfu, signal }: { readonly plan: MicrophonePlan; readonly sfu: SfuKeys; readonly signal: AbortSignal },
): Promise<{ readonly sound: CallSound; readonly exactToMs: number }> {
  const [answer] = await Promise.all([
    page.waitForResponse((response) => response.url().endsWith('/token') && response.ok()),
    page.getByRole('button', { name: 'Start a call' }).click(),
  ]);
  const clickedAtMs = systemClock.nowMs();
  await page
    .locator('.entry-agent')
    .first()
    .waitFor({ timeout: GREETING_TIMEOUT_MS })
    .catch((error: unknown) => {
      throw new CallError('NO_GREETING', 'The page was not greeted.', { cause: error });
    });
  await tapAgent(page, PAGE_TIMEOUT_MS);
  const { participant_token: token } = Answer.parse(await answer.json());
  const { roomName, caller, agent } = await placeOf(token, sfu);
  // While the agent greets: it has found its caller, and what is left of the greeting lets the new jitter buffers settle.
  const witness = await Witness.join(sfu, roomName, [caller, agent]);
  try {
    witness.watchBuffers();
    await page.getByText('Listening', { exact: true }).waitFor();
    if (systemClock.nowMs() > clickedAtMs + (plan.turns[0]?.fromMs ?? 0)) {
      throw new CallError('NO_GREETING', 'The greeting came so late that the page had begun to speak.');
    }
    const overAtMs = clickedAtMs + OPENING_MS + (plan.turns.at(-1)?.untilMs ?? 0) + ANSWER_MS;
    await systemClock.sleep(Math.max(0, overAtMs - systemClock.nowMs()), signal);
    const sounds = await takeSounds(page);
    const clock = clockOffset([...readings, ...(await readClock(page))]);
    await page.getByRole('button', { name: 'End call' }).click();
    if (sounds === undefined || clock === undefined) throw new CallError('CALL_ENDED', 'The page had no sound.');
    const sound: CallSound = {
      microphone: onBenchClock(sounds.microphone, clock.offsetMs),
      agentInPage: onBenchClock(sounds.agent, clock.offsetMs),
      pageBuffer: sounds.buffer.map((reading) => ({ ...reading, atMs: reading.atMs + clock.offsetMs })),
      witness: {
        caller: witness.soundOf(caller),
        agent: witness.soundOf(agent),
        buffers: witness.bufferReadings,
      },
    };
    return { sound, exactToMs: clock.exactToMs };
  } finally {
    await witness.leave();
  }
}

async function placeOf(token: string, { url, apiKey, apiSecret }: SfuKeys): Promise<Place> {
  const { sub: caller = '', video } = await new TokenVerifier(apiKey, apiSecret).verify(token);
  const roomName = video?.room ?? '';
  const server = new RoomServiceClient(url.replace(/^ws/, 'http'), apiKey, apiSecret, { failover: false });
  // Nobody else is in the room yet.
  const agent = (await server.listParticipants(roomName)).find(({ identity }) => identity !== caller)?.identity;
  if (agent === undefined) throw new CallError('NO_AGENT', `There is no agent in ${roomName}.`);
  return { roomName, caller, agent };
}
