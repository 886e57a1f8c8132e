/** The decoding helper: what it takes, and that nothing it is given hurts anybody else. */
import { spawnSync } from 'node:child_process';
import { getFfmpegPath } from '@livekit/av';
import { describe, expect, it } from 'vitest';
import { DecodeError, decodeRecording } from '../../../agent/pre-connect/decode.js';
import { findSeam } from '../../../agent/pre-connect/seam.js';
import { ms, RATE_HZ, voice } from './voice.js';

/** As a browser that writes Ogg records it; WebM is proven with a browser's own (test/web-client/joining.system.test.ts). */
function recordedOgg(samples: Int16Array): Uint8Array {
  const { stdout, status } = spawnSync(
    getFfmpegPath() ?? 'ffmpeg',
    [
      '-v',
      'quiet',
      '-f',
      's16le',
      '-ar',
      String(RATE_HZ),
      '-ac',
      '1',
      '-i',
      'pipe:0',
      '-c:a',
      'libopus',
      '-f',
      'ogg',
      'pipe:1',
    ],
    { input: Buffer.from(samples.buffer, samples.byteOffset, samples.byteLength) },
  );
  expect(status).toBe(0);
  return stdout;
}

const problemOf = (decoding: Promise<Int16Array>) =>
  decoding.then(
    () => 'decoded',
    (error: unknown) => (error instanceof DecodeError ? error.problem : error),
  );

describe('decoding', () => {
  const said = voice(3_000);
  const media = recordedOgg(said);

  it('gives 16 kHz mono, in pieces or whole, in a fraction of a second', async () => {
    const pieces = Array.from({ length: Math.ceil(media.length / 1_000) }, (_, at) =>
      media.subarray(at * 1_000, (at + 1) * 1_000),
    );
    const samples = await decodeRecording(pieces, 'audio/ogg;codecs=opus');
    expect(samples.length).toBeCloseTo(ms(3_000), -3);
    const seam = findSeam(samples, said.subarray(ms(2_500)));
    expect(Math.abs((seam?.recordedAt ?? 0) - (seam?.liveAt ?? 0) - ms(2_500))).toBeLessThan(ms(10));
  });

  it('gives all of it every time, within the memory it may take', async () => {
    const lengths = new Set<number>();
    for (let time = 0; time < 60; time += 1) lengths.add((await decodeRecording([media], 'audio/ogg')).length);
    expect([...lengths]).toHaveLength(1);
  });

  it('gives what is there of a recording that was cut short', async () => {
    const samples = await decodeRecording([media.subarray(0, media.length / 2)], 'audio/ogg');
    expect(samples.length).toBeGreaterThan(ms(500));
  });

  it('gives eleven seconds at most', async () => {
    expect(await decodeRecording([recordedOgg(voice(13_000))], 'audio/ogg')).toHaveLength(ms(11_000));
  });

  it('says what it does not know, without starting anything', async () => {
    for (const type of ['', 'text/html', 'audio/wav', 'constructor', 'application/vnd.apple.mpegurl']) {
      expect([type, await problemOf(decodeRecording([media], type))]).toEqual([type, 'unsupported']);
    }
  });

  it('says that media is malformed', async () => {
    const garbage = Uint8Array.from({ length: 50_000 }, (_, at) => (at * 7_919) % 251);
    const broken = media.map((byte, at) => (at > 200 && at % 3 === 0 ? byte ^ 0xff : byte));
    for (const [type, bytes] of [
      ['audio/webm', garbage],
      ['audio/webm;codecs=opus', media],
      ['video/mp4', garbage],
      ['audio/ogg', garbage],
      ['audio/webm', new Uint8Array()],
    ] as const) {
      expect([type, await problemOf(decodeRecording([bytes], type))]).toEqual([type, 'malformed']);
    }
    expect(['malformed', 'decoded']).toContain(await problemOf(decodeRecording([broken], 'audio/ogg')));
  });

  it('ends in time', async () => {
    const startedAtMs = performance.now();
    expect(await problemOf(decodeRecording([media], 'audio/ogg', { timeoutMs: 1 }))).toBe('slow');
    expect(performance.now() - startedAtMs).toBeLessThan(500);
  });
});
