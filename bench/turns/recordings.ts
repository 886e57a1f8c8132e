/** Labelled recordings from disk, and the variants of them that the benchmark makes itself. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readAudioFile } from '../audio-file.js';
import { resample } from '../caller/clip.js';
import { projectRoot } from '../installed.js';
import { spreadWords, withoutHallucinatedEnd } from './labels.js';
import { type Manifest, type ManifestRow, readManifests } from './manifest.js';
import { spanOf } from './pauses.js';
import { nameOf, type Recording, SAMPLE_RATE_HZ, type TimedWord } from './recording.js';

/** Kinds of rows that are no turn; the suite `interruptions` hears them. */
const NO_TURNS = new Set(['backchannel', 'noise', 'cough', 'echo', 'interruption']);

/** Files of one recording, cut or resampled in other ways, differ by less than this, in ms. */
const SAME_LENGTH_MS = 600;

export interface LoadOptions {
  /** Folders with manifests; default {@link defaultFolders}. */
  readonly folders?: readonly string[];
  /** Keeps words at the end of complete orders that nobody said (`labels.ts`). Default false. */
  readonly keepsHallucinatedWords?: boolean;
}

/** `shared/speech` beside the project where it is, and the project's own recordings. */
export function defaultFolders(): string[] {
  const own = join(projectRoot(), 'test/speech');
  // Where two hold one recording, the first one's labels count; those of `turns` are the most careful.
  return [join(own, 'turns'), join(projectRoot(), '../shared/speech'), own].filter((folder) => existsSync(folder));
}

/**
 * Every recording of a turn, each once, in the order of the manifests.
 * @throws CallError `BAD_INPUT` for a manifest of another form, AudioFileError for a file that cannot be read.
 */
export async function loadRecordings({
  folders = defaultFolders(),
  keepsHallucinatedWords = false,
}: LoadOptions = {}): Promise<Recording[]> {
  const manifests = (await Promise.all(folders.map((folder) => readManifests(folder)))).flat();
  const recordings = new Map<string, Recording>();
  for (const manifest of manifests) {
    for (const row of manifest.rows) {
      if (NO_TURNS.has(row.kind ?? '')) continue;
      const recording = await load(manifest, row, keepsHallucinatedWords);
      if (recording === undefined) continue;
      const same = twinOf(recording, recordings);
      // Of two files of one recording the one that names its speaker is kept.
      if (same !== undefined && (same.speaker !== undefined || recording.speaker === undefined)) continue;
      if (same !== undefined) recordings.delete(same.fingerprint);
      recordings.set(recording.fingerprint, recording);
    }
  }
  return [...recordings.values()];
}

/** Two files are of one recording when they hold the same samples, or have one name and about one length of speech. */
function twinOf(recording: Recording, others: ReadonlyMap<string, Recording>): Recording | undefined {
  const lengthOf = ({ speech }: Recording): number => speech.endMs - speech.startMs;
  const isTwin = (other: Recording): boolean =>
    nameOf(other) === nameOf(recording) && Math.abs(lengthOf(other) - lengthOf(recording)) < SAME_LENGTH_MS;
  return others.get(recording.fingerprint) ?? [...others.values()].find(isTwin);
}

/** Names a sound by its samples. */
export function fingerprintOf(samples: Int16Array): string {
  const bytes = new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

async function load(
  { folder }: Manifest,
  row: ManifestRow,
  keepsHallucinatedWords: boolean,
): Promise<Recording | undefined> {
  const samples = resample(await readAudioFile(join(folder, row.file)), SAMPLE_RATE_HZ);
  const span = spanOf(samples, SAMPLE_RATE_HZ);
  if (span === undefined) return undefined;
  const isComplete = row.complete ?? undefined;
  const labelled = wordsOf(row) ?? (row.text ? spreadWords(row.text, span.speech, span.pauses) : undefined);
  const cleaned =
    labelled !== undefined && isComplete === true && !keepsHallucinatedWords
      ? withoutHallucinatedEnd(labelled, span.speech)
      : { words: labelled, dropped: [] };
  const fingerprint = fingerprintOf(samples);
  return {
    fingerprint,
    originalFingerprint: fingerprint,
    file: row.file,
    set: setOf(row, cleaned.words),
    speaker: speakerOf(row),
    isHuman: row.human ?? true,
    asked: row.asked ?? 'none',
    isComplete,
    language: row.language ?? 'en',
    samples,
    words: cleaned.words,
    droppedWords: cleaned.dropped,
    ...span,
  };
}

/** Where nobody knows the words, no recogniser can be simulated: such turns stand apart from those with words. */
function setOf({ set }: ManifestRow, words: readonly TimedWord[] | undefined): string {
  const name = set ?? 'human-natural';
  return words === undefined && name === 'human-natural' ? 'human-untranscribed' : name;
}

function wordsOf({ words }: ManifestRow): TimedWord[] | undefined {
  return words?.map(({ word, startMs, endMs }) => ({ text: word, startMs, endMs }));
}

/** A name, and not a description ("one adult, near-field"), tells people apart. */
function speakerOf({ speaker }: ManifestRow): string | undefined {
  return speaker && /^\S+$/.test(speaker) ? speaker : undefined;
}
