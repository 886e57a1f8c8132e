/**
 * Records both sides of a page's call by the browser's own recorder, which needs no time of the page's thread, and finds in the
 * recording afterwards how long each answer was waited for: the truth for what the page measures while it goes on.
 */
import type { Page } from 'playwright-core';

/** Width of the windows in which the recording is measured, in ms: two are one of those by which speech ends. */
const WINDOW_MS = 5;
/** Speech ends with the last 10 ms within this many dB of the loudest (docs/sources.md). */
const SPEECH_RANGE_DB = 30;
/** The agent's tone is at -15 dB; what the codec makes of the other side stays far below this. */
const TONE_DB = -35;
/** Silence before a tone that is an answer of its own, in ms. */
const APART_MS = 1_000;

declare global {
  interface Window {
    /** What the page got of the microphone. */
    spokenStream?: MediaStream;
    endRecording?: () => Promise<{ readonly you: number[]; readonly agent: number[] }>;
  }
}

/** To be called before the page opens its microphone. */
export async function keepMicrophone(page: Page): Promise<void> {
  await page.evaluate(() => {
    const open = navigator.mediaDevices.getUserMedia.bind(navigator.mediaDevices);
    navigator.mediaDevices.getUserMedia = async (wish) => {
      window.spokenStream = await open(wish);
      return window.spokenStream;
    };
  });
}

/** Begins to record; the agent's voice must be there. */
export async function beginRecording(page: Page): Promise<void> {
  await page.waitForFunction(() =>
    [...document.querySelectorAll('audio')].some(({ srcObject }) => srcObject instanceof MediaStream),
  );
  await page.evaluate((windowMs) => {
    const voice = [...document.querySelectorAll('audio')].find(({ srcObject }) => srcObject instanceof MediaStream);
    if (window.spokenStream === undefined || !(voice?.srcObject instanceof MediaStream)) throw new Error('No sound.');
    const context = new AudioContext({ sampleRate: 48_000 });
    const sides = new ChannelMergerNode(context, { numberOfInputs: 2 });
    context.createMediaStreamSource(window.spokenStream).connect(sides, 0, 0);
    context.createMediaStreamSource(voice.srcObject).connect(sides, 0, 1);
    const both = new MediaStreamAudioDestinationNode(context, { channelCount: 2 });
    sides.connect(both);
    const recorder = new MediaRecorder(both.stream, { audioBitsPerSecond: 256_000 });
    const pieces: Blob[] = [];
    recorder.ondataavailable = ({ data }) => pieces.push(data);
    const ended = new Promise((resolve) => {
      recorder.onstop = resolve;
    });
    recorder.start();
    window.endRecording = async () => {
      recorder.stop();
      await ended;
      const sound = await context.decodeAudioData(await new Blob(pieces).arrayBuffer());
      await context.close();
      const levels = (channel: number): number[] => {
        const samples = sound.getChannelData(channel);
        const size = Math.round((sound.sampleRate * windowMs) / 1_000);
        return Array.from({ length: Math.floor(samples.length / size) }, (_, window) => {
          const part = samples.subarray(window * size, (window + 1) * size);
          return 10 * Math.log10(part.reduce((sum, sample) => sum + sample * sample, 1e-12) / size);
        });
      };
      return { you: levels(0), agent: levels(1) };
    };
  }, WINDOW_MS);
}

/** Ends the recording. @returns How long each answer in it was waited for, in ms, in order; NaN: nothing was said before it. */
export async function endRecording(page: Page): Promise<number[]> {
  const levels = await page.evaluate(() => window.endRecording?.());
  if (levels === undefined) throw new Error('Nothing is being recorded.');
  const { you, agent } = levels;
  const waits: number[] = [];
  let endedAt = 0;
  for (const [window, db] of agent.entries()) {
    if (db < TONE_DB) continue;
    if (waits.length === 0 || (window - endedAt) * WINDOW_MS > APART_MS) {
      const said = inPairs(you.slice(endedAt, window));
      const peak = said.reduce((loudest, one) => Math.max(loudest, one), Number.NEGATIVE_INFINITY);
      const last = said.findLastIndex((one) => one >= peak - SPEECH_RANGE_DB);
      waits.push(last < 0 ? Number.NaN : (window - endedAt - 2 * (last + 1)) * WINDOW_MS);
    }
    endedAt = window + 1;
  }
  return waits;
}

/** Levels of two windows together, by their power. */
function inPairs(levelsDb: readonly number[]): number[] {
  return Array.from({ length: Math.floor(levelsDb.length / 2) }, (_, pair) => {
    const powers = levelsDb.slice(2 * pair, 2 * pair + 2).map((db) => 10 ** (db / 10));
    return 10 * Math.log10(powers.reduce((sum, power) => sum + power, 0) / powers.length);
  });
}
