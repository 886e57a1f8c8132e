/**
 * Turns what a browser recorded into samples. Media of strangers is parsed by a process of its own (the FFmpeg that comes with
 * the framework: audio only, no network), which can reach no file, may take little memory and time, and takes nobody along.
 */
import { spawn } from 'node:child_process';
import { getFfmpegPath } from '@livekit/av';
import { JOIN_SAMPLE_RATE_HZ } from './seam.js';

/** How long decoding may take, in ms; ten seconds of Opus take about 50. */
const TIMEOUT_MS = 1_500;

/** Longest recording, in s: that of livekit-client ends after 10. */
const LONGEST_S = 11;
const LONGEST_BYTES = LONGEST_S * JOIN_SAMPLE_RATE_HZ * 2;

/** Address space of the helper, in KiB, and its processor time, in s: bounds that the kernel keeps. */
const MEMORY_KIB = 262_144;
const PROCESSOR_S = 2;

/** Containers that MediaRecorder writes, by media type, and how FFmpeg calls them: nothing is guessed from the bytes. */
const DEMUXERS: Readonly<Record<string, string>> = {
  'audio/webm': 'matroska',
  'video/webm': 'matroska',
  'audio/ogg': 'ogg',
  'audio/mp4': 'mov',
  'video/mp4': 'mov',
};

/** `unsupported`: not a container of ours. `unavailable`: no FFmpeg for this platform. The others: the media, or the time. */
export type DecodeProblem = 'unsupported' | 'unavailable' | 'malformed' | 'slow';

export class DecodeError extends Error {
  override readonly name = 'DecodeError';
  readonly code = 'PRE_CONNECT_DECODE';
  readonly retryable = false;
  readonly problem: DecodeProblem;

  constructor(problem: DecodeProblem, options?: ErrorOptions) {
    super(`The recording from before the connection could not be decoded: ${problem}.`, options);
    this.problem = problem;
  }
}

/**
 * Decodes a recording.
 * @param mimeType - As MediaRecorder tells it, with or without codecs.
 * @returns 16 kHz mono, at most {@link LONGEST_S} s of it.
 * @throws {@link DecodeError} after `timeoutMs` at the latest.
 */
export function decodeRecording(
  media: readonly Uint8Array[],
  mimeType: string,
  { timeoutMs = TIMEOUT_MS }: { readonly timeoutMs?: number } = {},
): Promise<Int16Array> {
  const [type = ''] = mimeType.toLowerCase().split(';');
  const demuxer = Object.hasOwn(DEMUXERS, type.trim()) ? DEMUXERS[type.trim()] : undefined;
  const program = getFfmpegPath();
  if (demuxer === undefined) return Promise.reject(new DecodeError('unsupported'));
  if (program === undefined) return Promise.reject(new DecodeError('unavailable'));
  return new Promise((resolve, reject) => {
    const helper = spawn('/bin/sh', ['-c', BOUNDED, program, ...argumentsFor(demuxer)], {
      // glibc reserves 64 MiB of addresses for each thread's own heap, by which one decoding in twenty ran out of them midway.
      env: { MALLOC_ARENA_MAX: '1' },
      stdio: ['pipe', 'pipe', 'ignore'],
    });
    const decoded: Buffer[] = [];
    let bytes = 0;
    let problem: DecodeProblem = 'malformed';
    const timer = setTimeout(() => {
      problem = 'slow';
      helper.kill('SIGKILL');
    }, timeoutMs);
    helper.stdout.on('data', (chunk: Buffer) => {
      bytes += chunk.length;
      if (bytes <= LONGEST_BYTES) decoded.push(chunk);
      else helper.kill('SIGKILL');
    });
    // A helper that has had enough closes its end; what came of it is told by its exit.
    helper.stdin.on('error', () => {});
    helper.once('error', (error) => {
      clearTimeout(timer);
      reject(new DecodeError('unavailable', { cause: error }));
    });
    helper.once('close', () => {
      clearTimeout(timer);
      const samples = samplesIn(Buffer.concat(decoded));
      // A recording cut short decodes up to there with a complaint: what was understood of it is good.
      if (problem === 'slow' || samples.length === 0) reject(new DecodeError(problem));
      else resolve(samples);
    });
    for (const chunk of media) helper.stdin.write(chunk);
    helper.stdin.end();
  });
}

/** Bounds itself, then becomes the program; where a bound is not to be had (macOS knows none for memory) the others hold. */
const BOUNDED = `ulimit -v ${MEMORY_KIB} 2>/dev/null; ulimit -t ${PROCESSOR_S} 2>/dev/null; exec "$0" "$@"`;

function argumentsFor(demuxer: string): string[] {
  const input = ['-protocol_whitelist', 'pipe', '-f', demuxer, '-i', 'pipe:0'];
  const output = ['-map', '0:a:0', '-t', String(LONGEST_S), '-ac', '1', '-ar', String(JOIN_SAMPLE_RATE_HZ)];
  return ['-v', 'quiet', '-nostdin', '-threads', '1', ...input, ...output, '-f', 's16le', 'pipe:1'];
}

/** Copied, so that the samples are aligned and keep no larger buffer. */
function samplesIn(bytes: Buffer): Int16Array {
  const samples = new Int16Array(Math.floor(bytes.length / 2));
  for (let index = 0; index < samples.length; index += 1) samples[index] = bytes.readInt16LE(index * 2);
  return samples;
}
