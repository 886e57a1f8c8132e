/** What a person says while their page still connects, in a real Chromium: it reaches the agent's side whole and once. */
import { resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { readAudioFile } from '../../bench/audio-file.js';
import { startListeningAgent } from '../agent/pre-connect/listening-agent.js';
import { type Sfu, startSfu } from '../support/sfu.js';
import { findMoments } from './lags.js';
import { microphoneWith, openPage, startWeb } from './support.js';

/** An order of 5.3 s, which Chromium's microphone begins to speak as soon as it is opened, and hardly stops speaking. */
const RECORDING = '1e8e3e61.flac';
const BEFORE_MS = 100;

/** Time after the joining in which the rest of the order is said, in ms. */
const REST_MS = 2_000;

/** How much the place of neighbouring moments may differ at the seam, in ms: 10 of ours, and what jitter buffers leave out of a stream that begins: 40 were seen. */
const SEAM_MS = 60;

/** A moment that is found so far from where the others are is another one that sounds alike. */
const STRAY_MS = 500;

/** Longest stretch of the order in which no moment is found again, in ms: hissing sounds and a pause. */
const GAP_MS = 1_300;

describe('what is said while joining', () => {
  let sfu: Sfu;
  beforeAll(async () => {
    sfu = await startSfu();
  });
  afterAll(() => sfu?.close());

  async function call() {
    const { url } = await startWeb({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret });
    const microphoneFile = await microphoneWith(RECORDING, { beforeMs: BEFORE_MS, afterMs: 20_000 });
    const opened = await openPage(url, { microphoneFile });
    await opened.page.getByRole('button', { name: 'Start a call' }).click();
    return { ...opened, ...(await opened.place()) };
  }

  it.each([
    ['with the caller', 0],
    ['a second after the caller', 1_000],
    // Once more if need be: a machine that stalls for a tenth of a second loses sound before anybody could record it.
  ])('is heard whole and once by an agent that comes %s', { retry: 2 }, async (_when, lateMs) => {
    const { roomName, complaints } = await call();
    await sleep(lateMs);
    const agent = await startListeningAgent(sfu, roomName);
    onTestFinished(agent.close);
    await vi.waitFor(() => expect(agent.outcome).toBeDefined(), { timeout: 10_000 });
    await sleep(REST_MS);
    expect(agent.outcome, JSON.stringify(agent.timesMs)).toBe('matched');
    expect(new Set(agent.receiveOutcomes)).toEqual(new Set(['decoded']));

    const { samples: said } = await readAudioFile(resolve('test/speech/orders', RECORDING));
    const [heard, live] = [agent.heard(), agent.live()];
    // More than the live audio: what was said before it began.
    const pastMs = (heard.length - live.length) / 16;
    expect(pastMs).toBeGreaterThan(100 + lateMs / 2);
    const { moments: found, share } = findMoments(said, heard);
    // Noise suppression leaves hissing sounds unlike themselves, and now and then a vowel like another one.
    expect(share).toBeGreaterThan(0.3);
    const middleLagMs = found.map(({ lagMs }) => lagMs).toSorted((a, b) => a - b)[Math.floor(found.length / 2)] ?? 0;
    const moments = found.filter(({ lagMs }) => Math.abs(lagMs - middleLagMs) < STRAY_MS);
    expect(moments.length).toBeGreaterThanOrEqual(found.length * 0.9);
    // The order's very beginning is there, and from then on every moment follows the one before: nothing is lost or doubled.
    const [first] = moments;
    expect((first?.heardAtMs ?? 0) + (first?.lagMs ?? 0)).toBeLessThan(600);
    const steps = moments.slice(1).map(({ heardAtMs, lagMs }, at) => ({
      heardAtMs,
      stepMs: Math.abs(lagMs - (moments[at]?.lagMs ?? 0)),
    }));
    const gaps = moments.slice(1).map(({ heardAtMs }, at) => heardAtMs - (moments[at]?.heardAtMs ?? 0));
    expect(Math.max(...gaps)).toBeLessThan(GAP_MS);
    const seamAtMs = (heard.length - commonEnd(heard, live)) / 16;
    const known = JSON.stringify({ pastMs, seamAtMs, moments });
    expect(
      Math.max(...steps.filter(({ heardAtMs }) => Math.abs(heardAtMs - seamAtMs) < 400).map(({ stepMs }) => stepMs)),
      known,
    ).toBeLessThanOrEqual(SEAM_MS);
    expect(Math.max(...steps.map(({ stepMs }) => stepMs)), known).toBeLessThan(100);
    expect(complaints).toEqual([]);
  });

  it('is not sent by a page without a microphone, and the call is there all the same', async () => {
    const { url } = await startWeb({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret });
    const { page, place } = await openPage(url, { microphone: 'none' });
    await page.getByRole('button', { name: 'Start a call' }).click();
    const agent = await startListeningAgent(sfu, (await place()).roomName);
    onTestFinished(agent.close);
    await page.getByText('No microphone was found').waitFor();
    expect(agent.receiveOutcomes).toEqual([]);
  });

  it('leaves the microphone off when the call fails to begin', async () => {
    const { url } = await startWeb({ livekitUrl: 'ws://127.0.0.1:9', apiSecret: sfu.apiSecret });
    const { page } = await openPage(url);
    await page.addInitScript(() => {
      const given = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
      navigator.mediaDevices.getUserMedia = async (constraints) => {
        const stream = await given(constraints);
        const note = () => {
          document.title = stream
            .getTracks()
            .map(({ readyState }) => readyState)
            .join();
        };
        setInterval(note, 20);
        return stream;
      };
    });
    await page.reload();
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('The call server cannot be reached').waitFor({ timeout: 30_000 });
    await expect.poll(() => page.title(), { timeout: 5_000 }).toBe('ended');
  });
});

/** Samples at their ends that two sounds have in common. */
function commonEnd(a: Int16Array, b: Int16Array): number {
  let count = 0;
  while (count < Math.min(a.length, b.length) && a[a.length - 1 - count] === b[b.length - 1 - count]) count += 1;
  return count;
}
