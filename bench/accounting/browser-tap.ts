/**
 * The bench's own ear in a page: follows tracks piece by piece as the browser hands them over, without the page's audio context,
 * AudioWorklet or meter, so that the page's figure is not measured by what made it.
 */
import type { Page } from 'playwright-core';
import { systemClock } from '../clock.js';
import type { TappedSound } from '../interruptions/followed-sound.js';
import { HEARD_WINDOW_MS } from '../interruptions/heard-levels.js';
import { type BufferReading, READ_BUFFER_EVERY_MS } from '../interruptions/jitter-buffers.js';
import type { ClockReading } from './browser-sound.js';

/** Pieces of 10 ms that wait while the page's thread is busy, before the oldest are thrown away: 4 s. */
const QUEUED_PIECES = 400;
/** Readings of the page's clock at a time; the one with the shortest way counts. */
const CLOCK_READINGS = 20;

export interface PageSounds {
  readonly microphone: TappedSound;
  readonly agent: TappedSound;
  /** Of the page's jitter buffer before the agent's track, by the page's clock. */
  readonly buffer: readonly BufferReading[];
}

interface Taps {
  follow(name: 'microphone' | 'agent', track: MediaStreamTrack): void;
  readonly sounds: Partial<Omit<PageSounds, 'buffer'>>;
  readonly buffer: readonly BufferReading[];
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
  await page.addInitScript(installTaps, {
    windowMs: HEARD_WINDOW_MS,
    queuedPieces: QUEUED_PIECES,
    readEveryMs: READ_BUFFER_EVERY_MS,
  });
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
  const taken = await page.evaluate(
    () => window.turnwiseTaps && { ...window.turnwiseTaps.sounds, buffer: window.turnwiseTaps.buffer },
  );
  const { microphone, agent, buffer = [] } = taken ?? {};
  return microphone === undefined || agent === undefined ? undefined : { microphone, agent, buffer };
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
function installTaps({
  windowMs,
  queuedPieces,
  readEveryMs,
}: {
  windowMs: number;
  queuedPieces: number;
  readEveryMs: number;
}): void {
  const silenceDbfs = -120;
  const sounds: { -readonly [name in keyof Taps['sounds']]: Taps['sounds'][name] } = {};
  const receivers: RTCRtpReceiver[] = [];
  const buffer: BufferReading[] = [];
  const readBuffer = async (track: MediaStreamTrack): Promise<void> => {
    const report = await receivers.find((receiver) => receiver.track === track)?.getStats();
    report?.forEach((stat: RTCInboundRtpStreamStats) => {
      if (stat.type !== 'inbound-rtp') return;
      buffer.push({
        atMs: performance.now(),
        track: stat.id,
        delayMs: (stat.jitterBufferDelay ?? 0) * 1_000,
        samples: stat.jitterBufferEmittedCount ?? 0,
        energy: stat.totalAudioEnergy ?? 0,
      });
    });
  };
  const follow = async (name: keyof typeof sounds, track: MediaStreamTrack): Promise<void> => {
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
  window.turnwiseTaps = {
    follow(name, track) {
      void follow(name, track);
      if (name === 'agent') setInterval(() => void readBuffer(track), readEveryMs);
    },
    sounds,
    buffer,
  };
  const Connection = window.RTCPeerConnection;
  window.RTCPeerConnection = class extends Connection {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      this.addEventListener('track', ({ receiver }) => receivers.push(receiver));
    }
  };
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
