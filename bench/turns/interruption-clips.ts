/** What people, and machines, do while an agent speaks: short recordings with a class each. */
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readAudioFile } from '../audio-file.js';
import { resample } from '../caller/clip.js';
import { CallError, messageOf } from '../caller/errors.js';
import { projectRoot } from '../installed.js';
import { RecordingFile, readManifests } from './manifest.js';
import { spanOf } from './pauses.js';
import { SAMPLE_RATE_HZ, type TimedWord } from './recording.js';
import { defaultFolders, fingerprintOf, loadRecordings } from './recordings.js';

/** Classes that must not stop the agent, in the order of the tables. */
export const HARMLESS_CLASSES = ['backchannel', 'cough', 'noise', 'echo'] as const;
export const OVERLAP_CLASSES = ['interruption', ...HARMLESS_CLASSES] as const;
export type OverlapClass = (typeof OVERLAP_CLASSES)[number];

/** Made by a person's mouth, by something else that was recorded, or by a program. */
export const SOURCES = ['human', 'recorded', 'synthetic'] as const;
export type Source = (typeof SOURCES)[number];

export interface OverlapClip {
  /** Names the sound: a hash of its samples. */
  readonly fingerprint: string;
  readonly file: string;
  readonly class: OverlapClass;
  /** What kind within its class: `order`, `remark`, `laugh`, `keys`, … */
  readonly kind: string;
  readonly source: Source;
  /** Who speaks, or the recording where that is not known: the halves never share one. */
  readonly cluster: string;
  /** At {@link SAMPLE_RATE_HZ}. */
  readonly samples: Int16Array;
  /** Empty where nothing is said or nobody knows what. */
  readonly words: readonly TimedWord[];
  /** First audible sample, in ms from the first. */
  readonly startMs: number;
}

/** How much of a longer recording is heard, in ms from its first sound: verdicts come earlier. */
const HEARD_MS = 1_600;
/** Turns of one such word answer a question; over an agent's speech nobody can say whether they are more than a backchannel. */
const AMBIGUOUS = new Set(['yes', 'yeah', 'okay', 'right', 'sure']);
/** Background before the first sound that is kept, in ms. */
const LEAD_MS = 100;

const Ms = z.number().min(0);
const Row = z.object({
  file: RecordingFile,
  class: z.enum(OVERLAP_CLASSES),
  kind: z.string().max(40).nullish(),
  human: z.boolean(),
  recorded: z.boolean().nullish(),
  speaker: z.string().max(500).nullish(),
  text: z.string().max(1_000).nullish(),
  words: z.array(z.object({ word: z.string().min(1), startMs: Ms, endMs: Ms })).nullish(),
});
type Row = z.infer<typeof Row>;

/**
 * The project's own overlaps, backchannels and noises of the folders given, and the beginnings of their turns as interruptions.
 * @throws CallError `BAD_INPUT` for a manifest of another form, AudioFileError for a file that cannot be read.
 */
export async function loadClips(folders: readonly string[] = defaultFolders()): Promise<OverlapClip[]> {
  const clips = [...(await ownOverlaps()), ...(await otherSounds(folders)), ...(await beginningsOfTurns(folders))];
  const unique = new Map<string, OverlapClip>();
  for (const clip of clips) if (!unique.has(clip.fingerprint)) unique.set(clip.fingerprint, clip);
  return [...unique.values()];
}

async function ownOverlaps(): Promise<OverlapClip[]> {
  const folder = join(projectRoot(), 'test/speech/overlaps');
  const path = join(folder, 'manifest.json');
  if (!existsSync(path)) return [];
  let rows: Row[];
  try {
    rows = z.array(Row).parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).slice(0, 500) : messageOf(error);
    throw new CallError('BAD_INPUT', `${path} is no manifest of overlaps (${reason}).`, { cause: error });
  }
  const clips: OverlapClip[] = [];
  for (const row of rows) {
    const samples = resample(await readAudioFile(join(folder, row.file)), SAMPLE_RATE_HZ);
    const words = row.words?.flatMap(({ word, startMs, endMs }) => parted({ text: word, startMs, endMs }));
    const { file, text, speaker } = row;
    const source = row.human ? 'human' : row.recorded ? 'recorded' : 'synthetic';
    const kind = row.kind ?? (row.class === 'interruption' ? 'remark' : row.class);
    clips.push(...clipOf({ file, class: row.class, kind, source, speaker, samples, words, text }));
  }
  return clips;
}

/** A label of several words is parted by their letters. */
function parted({ text, startMs, endMs }: TimedWord): TimedWord[] {
  const parts = text.split(/\s+/).filter((part) => part !== '');
  const letters = parts.join('').length;
  let before = 0;
  return parts.map((part) => {
    const fromMs = startMs + ((endMs - startMs) * before) / letters;
    before += part.length;
    return { text: part, startMs: fromMs, endMs: startMs + ((endMs - startMs) * before) / letters };
  });
}

/** Backchannels and noises among the recordings of turns. */
async function otherSounds(folders: readonly string[]): Promise<OverlapClip[]> {
  const clips: OverlapClip[] = [];
  for (const { folder, rows } of (await Promise.all(folders.map((folder) => readManifests(folder)))).flat()) {
    for (const { file, kind, text } of rows) {
      if (kind !== 'backchannel' && kind !== 'noise') continue;
      const whole = resample(await readAudioFile(join(folder, file)), SAMPLE_RATE_HZ);
      for (const samples of kind === 'noise' ? pieces(whole) : [whole]) {
        const source = kind === 'noise' ? 'recorded' : 'human';
        clips.push(...clipOf({ file, class: kind, kind, source, speaker: file, samples, text }));
      }
    }
  }
  return clips;
}

async function beginningsOfTurns(folders: readonly string[]): Promise<OverlapClip[]> {
  const recordings = await loadRecordings({ folders });
  return recordings
    .filter(({ isHuman, set }) => isHuman && set.startsWith('human'))
    .filter(({ words }) => words !== undefined && !(words.length === 1 && AMBIGUOUS.has(words[0]?.text ?? '')))
    .flatMap(({ file, speaker, samples, words, speech }) => {
      const from = Math.max(0, Math.round(((speech.startMs - LEAD_MS) / 1000) * SAMPLE_RATE_HZ));
      const fromMs = (from / SAMPLE_RATE_HZ) * 1000;
      const shifted = words?.map((word) => ({ ...word, startMs: word.startMs - fromMs, endMs: word.endMs - fromMs }));
      const heard = samples.slice(from, from + ((HEARD_MS + LEAD_MS) / 1000) * SAMPLE_RATE_HZ);
      const source = 'human';
      return clipOf({ file, class: 'interruption', kind: 'turn', source, speaker, samples: heard, words: shifted });
    });
}

interface Parts {
  readonly file: string;
  readonly class: OverlapClass;
  readonly kind: string;
  readonly source: Source;
  readonly speaker: string | null | undefined;
  readonly samples: Int16Array;
  readonly words?: readonly TimedWord[] | undefined;
  readonly text?: string | null | undefined;
}

/** None of digital silence. */
function clipOf({ speaker, text, words, samples, ...parts }: Parts): OverlapClip[] {
  const span = spanOf(samples, SAMPLE_RATE_HZ);
  if (span === undefined) return [];
  const fingerprint = fingerprintOf(samples);
  const { startMs, endMs } = span.speech;
  const known = words ?? (text ? parted({ text, startMs, endMs }) : []);
  // Made sounds name their kind as speaker.
  const isNamed = speaker && !speaker.startsWith('made-');
  return [{ ...parts, fingerprint, cluster: isNamed ? speaker : fingerprint, samples, words: known, startMs }];
}

function pieces(samples: Int16Array): Int16Array[] {
  const length = (HEARD_MS / 1000) * SAMPLE_RATE_HZ;
  const count = Math.max(1, Math.floor(samples.length / length));
  return Array.from({ length: count }, (_, index) => samples.slice(index * length, (index + 1) * length));
}
