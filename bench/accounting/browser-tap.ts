/**
 * The bench's own ear in a page: follows tracks piece by piece as the browser hands them over, without the page's audio context,
 * AudioWorklet or meter, so that the page's figure is not measured by what made it.
 */
import type { Page } from 'playwright-core';
import { systemClock } from '../clock.js';
import { HEARD_WINDOW_MS } from '../interruptions/heard-levels.js';
import type { ClockReading, TappedSound } from './browser-sound.js';

/** Pieces of 10 ms that wait while the page's thread is busy, before the oldest are thrown away: 4 s. */
const QUEUED_PIECES = 400;
/** Readings of the page's clock at a time; the one with the shortest way counts. */
const CLOCK_READINGS = 20;

export interface PageSounds {
  readonly microphone: TappedSound;
  readonly agent: TappedSound;
}

interface Taps {
  follow(name: keyof PageSounds, track: MediaStreamTrack): void;
  readonly sounds: Partial<PageSounds>;
}

declare global {
  interface Window {
    turnwiseTaps?: Taps;
  }
}

/** Chromium's, of the W3C's mediacapture-transform in its first form; TypeScript's library does not declare it. */
declare class MediaStreamTrackProcessor {
  constructor(init: { readonly track: MediaStreamTrack; readonly maxBufferSize: number });
  readonly readable: ReadableStream<AudioData>;
}

/** To be called before the page is opened: the microphone is followed from its first sample on. */
export async function tapMicrophone(page: Page): Promise<void> {
  await page.addInitScript(installTaps, { windowMs: HEARD_WINDOW_MS, queuedPieces: QUEUED_PIECES });
}

/** Waits until the page plays the agent's voice, and follows it. */
export async function tapAgent(page: Page, timeoutMs: number): Promise<void> {
  await page.waitForFunction(
    () => {
      const voices = [...document.querySelectorAll('audio')].map(({ srcObject }) => srcObject);
      const voice = voices.find((source) => source instanceof MediaStream);
      const [track] = voice?.getAudioTracks() ?? [];
      if (track === undefined) return false;
      window.turnwiseTaps?.follow('agent', track);
      return true;
    },
    undefined,
    { timeout: timeoutMs },
  );
}

/** @returns undefined where a track was never heard. */
export async function takeSounds(page: Page): Promise<PageSounds | undefined> {
  const { microphone, agent } = (await page.evaluate(() => window.turnwiseTaps?.sounds)) ?? {};
  return microphone === undefined || agent === undefined ? undefined : { microphone, agent };
}

export async function readClock(page: Page): Promise<ClockReading[]> {
  const readings: ClockReading[] = [];
  while (readings.length < CLOCK_READINGS) {
    const askedAtMs = systemClock.nowMs();
    const pageMs = await page.evaluate(() => performance.now());
    readings.push({ askedAtMs, pageMs, toldAtMs: systemClock.nowMs() });
  }
  return readings;
}

/** Runs in the page: whatever it needs is in it. */
function installTaps({ windowMs, queuedPieces }: { windowMs: number; queuedPieces: number }): void {
  const silenceDbfs = -120;
  const sounds: { -readonly [name in keyof PageSounds]?: PageSounds[name] } = {};
  const follow = async (name: keyof PageSounds, track: MediaStreamTrack): Promise<void> => {
    const pieces: [number, number][] = [];
    const levelsDbfs: number[] = [];
    const { readable } = new MediaStreamTrackProcessor({ track, maxBufferSize: queuedPieces });
    const reader = readable.getReader();
    let windowFrames = 0;
    let frames = 0;
    let sum = 0;
    let summed = 0;
    for (;;) {
      const { done, value: piece } = await reader.read();
      if (done) return;
      const arrivedAtMs = performance.now();
      const samples = new Float32Array(piece.numberOfFrames);
      piece.copyTo(samples, { planeIndex: 0, format: 'f32-planar' });
      const { sampleRate: sampleRateHz } = piece;
      piece.close();
      if (frames === 0) {
        windowFrames = Math.round((sampleRateHz * windowMs) / 1_000);
        sounds[name] = { sampleRateHz, windowFrames, pieces, levelsDbfs };
      }
      pieces.push([frames, arrivedAtMs]);
      frames += samples.length;
      for (const sample of samples) {
        sum += sample * sample;
        summed += 1;
        if (summed < windowFrames) continue;
        levelsDbfs.push(sum === 0 ? silenceDbfs : Math.round(100 * Math.log10(sum / windowFrames)) / 10);
        sum = 0;
        summed = 0;
      }
    }
  };
  window.turnwiseTaps = { follow: (name, track) => void follow(name, track), sounds };
  // A page that is not secure has none; the first, empty one is such a page.
  const devices = navigator.mediaDevices as MediaDevices | undefined;
  if (devices === undefined) return;
  const open = devices.getUserMedia.bind(devices);
  devices.getUserMedia = async (wish) => {
    const stream = await open(wish);
    for (const track of stream.getAudioTracks()) void follow('microphone', track);
    return stream;
  };
}
