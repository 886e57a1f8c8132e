/**
 * Makes the synthetic part of turns/ and overlaps/ again and replaces its rows in their manifests; recorded rows stay.
 * Needs `npm run build` and the `flac` command: node test/speech/make-synthetic.mjs
 */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { joined, measure, RATE_HZ, silence, writeFlac } from './synthetic/audio.mjs';
import { between, randomOf } from './synthetic/random.mjs';
import { READ_OUTS } from './synthetic/read-outs.mjs';
import { BACKCHANNELS, INTERRUPTIONS } from './synthetic/remarks.mjs';
import { cough, NOISES } from './synthetic/sounds.mjs';
import { SPEAKERS, speak } from './synthetic/voices.mjs';

/** Turns of each kind of read-out in each of the two sets. */
const TURNS_PER_KIND = 10;
/** Between groups people pause so long, in ms. */
const PAUSE_MS = [200, 900];
const COUGHS = 300;
const NOISES_PER_KIND = 26;

const SPOKEN = { source: { script: 'test/speech/make-synthetic.mjs' }, licence: 'Apache-2.0 (made by this project; voices: Flite, BSD-style)' };
const MADE = { source: { script: 'test/speech/make-synthetic.mjs' }, licence: 'Apache-2.0 (made by this project)' };

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const round = (ms) => Math.round(ms);
const slice = (sound, fromMs, toMs) => sound.slice(round((fromMs * RATE_HZ) / 1000), round((toMs * RATE_HZ) / 1000));
const peakOf = (random) => between(random, 0.2, 0.7);

/** One group after the other with silence between: by a comma, which lengthens its last sound, or by a cut, which does not. */
function readOut(seed, { kind, asked, groups: groupsOf }, set, speaker) {
  const random = randomOf(seed);
  const groups = groupsOf(random);
  const comma = set === 'synthetic-readout';
  const tokens = groups.flatMap((group, index) =>
    comma && index < groups.length - 1 ? [...group.slice(0, -1), { ...group.at(-1), say: `${group.at(-1).say},` }] : group,
  );
  const spoken = speak(tokens, speaker);
  const leadMs = round(between(random, 150, 400));
  const parts = [silence(leadMs)];
  const insertedMs = [];
  const words = [];
  let count = 0;
  let cutMs = 0;
  let shiftMs = leadMs;
  groups.forEach((group, index) => {
    for (const word of spoken.words.slice(count, count + group.length))
      words.push({ word: word.word, startMs: round(word.startMs + shiftMs), endMs: round(word.endMs + shiftMs) });
    count += group.length;
    if (index === groups.length - 1) return;
    const endMs = spoken.words[count - 1].endMs;
    const nextMs = spoken.words[count].startMs;
    const pauseMs = round(between(random, ...PAUSE_MS));
    const gapMs = Math.max(0, pauseMs - (nextMs - endMs));
    const splitMs = (endMs + nextMs) / 2;
    parts.push(faded(slice(spoken.sound, cutMs, splitMs)), silence(gapMs));
    insertedMs.push([round(endMs + shiftMs), round(nextMs + shiftMs + gapMs)]);
    cutMs = splitMs;
    shiftMs += gapMs;
  });
  parts.push(faded(slice(spoken.sound, cutMs, Number.POSITIVE_INFINITY)), silence(400));
  const sound = joined(random, parts, peakOf(random));
  const file = `synthetic/${seed}.flac`;
  writeFlac(here(`turns/${file}`), sound);
  const { durationMs, speechStartMs, speechEndMs, pausesMs } = measure(sound);
  return {
    ...{ file, set, kind, complete: true, asked, human: false, speaker: speaker.name },
    ...{ text: words.map(({ word }) => word).join(' '), words, wordTimes: 'from the synthesiser, relative to the start of the file' },
    ...{ durationMs, speechStartMs, speechEndMs, pausesMs, insertedMs, ...SPOKEN },
  };
}

/** Ends within 4 ms, so that a cut makes no click. */
function faded(sound) {
  const ramp = 64;
  return sound.map((sample, index) => sample * Math.min(1, (index + 1) / ramp, (sound.length - index) / ramp));
}

function overlap(seed, type, sound, more) {
  const random = randomOf(`${seed} level`);
  const whole = joined(random, [silence(100), sound, silence(150)], peakOf(random));
  const file = `synthetic/${seed}.flac`;
  writeFlac(here(`overlaps/${file}`), whole);
  const { durationMs, speechStartMs, speechEndMs } = measure(whole);
  return { file, class: type, human: false, ...more, durationMs, speechStartMs, speechEndMs };
}

function remarks(type, list) {
  return list.flatMap(({ text, say }, index) =>
    SPEAKERS.map((speaker) => {
      const tokens = type === 'backchannel' ? [{ word: text, say }] : text.split(' ').map((word) => ({ word, say: word }));
      const spoken = speak(tokens, speaker);
      const words = spoken.words.map(({ word, startMs, endMs }) => ({ word, startMs: round(startMs + 100), endMs: round(endMs + 100) }));
      const seed = `${type}-${String(index + 1).padStart(2, '0')}-${speaker.name}`;
      return { ...overlap(seed, type, spoken.sound, { text, words, speaker: speaker.name }), ...SPOKEN };
    }),
  );
}

function soundsOf(type, name, count, make) {
  return Array.from({ length: count }, (_, index) => {
    const seed = `${type}-${name}-${String(index + 1).padStart(3, '0')}`;
    return { ...overlap(seed, type, make(randomOf(seed)), { text: null, kind: name, speaker: `made-${name}` }), ...MADE };
  });
}

/** Recorded rows first, as they are. */
function replaceSynthetic(path, rows) {
  const recorded = JSON.parse(readFileSync(here(path), 'utf8')).filter(({ file }) => !file.startsWith('synthetic/'));
  const lines = [...recorded, ...rows].map((row) => JSON.stringify(row));
  writeFileSync(here(path), `[\n${lines.join(',\n')}\n]\n`);
  console.log(`${path}: ${recorded.length} recorded rows, ${rows.length} synthetic rows`);
}

rmSync(here('turns/synthetic'), { recursive: true, force: true });
rmSync(here('overlaps/synthetic'), { recursive: true, force: true });
const turns = ['synthetic-readout', 'inserted'].flatMap((set, half) =>
  READ_OUTS.flatMap((readOutKind, kind) =>
    Array.from({ length: TURNS_PER_KIND }, (_, index) => {
      const seed = `${set === 'inserted' ? 'inserted' : 'comma'}-${readOutKind.kind}-${String(index + 1).padStart(2, '0')}`;
      return readOut(seed, readOutKind, set, SPEAKERS[(index + kind + half) % SPEAKERS.length]);
    }),
  ),
);
replaceSynthetic('turns/manifest.json', turns);
replaceSynthetic('overlaps/manifest.json', [
  ...remarks('interruption', INTERRUPTIONS.map((text) => ({ text, say: text }))),
  ...remarks('backchannel', BACKCHANNELS),
  ...soundsOf('cough', 'cough', COUGHS, cough),
  ...Object.entries(NOISES).flatMap(([name, make]) => soundsOf('noise', name, NOISES_PER_KIND, make)),
]);
