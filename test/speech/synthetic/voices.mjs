/** Flite's voices, each at three speeds of playing, which shift pitch and formants as well: twelve voices in all. */
import { FliteRun, loadFlite, VOICES } from '../../../dist/local-providers/offline/synthesis/flite.js';
import { RATE_HZ } from './audio.mjs';

const SPEEDS = [1, 0.9, 1.12];

/** In an order that changes the person first. */
export const SPEAKERS = SPEEDS.flatMap((speed) =>
  VOICES.map((voice) => ({ name: speed === 1 ? `flite-${voice}` : `flite-${voice}-${speed}`, voice, speed })),
);

const program = await loadFlite();
const phonesOfWord = new Map();

/**
 * @param tokens - `{ word, say }`: what is written, and what the synthesiser is given for it; a comma in `say` makes a pause.
 * @returns The sound from the first phone to the last, and words and inner silences in ms from its start.
 */
export function speak(tokens, { voice, speed }) {
  const { samples, sampleRateHz, phones } = new FliteRun(program).speak(tokens.map(({ say }) => say).join(' '), voice);
  if (sampleRateHz !== RATE_HZ) throw new Error(`Voice ${voice} speaks at ${sampleRateHz} Hz.`);
  const first = phones.findIndex(({ name }) => name !== 'pau');
  const last = phones.findLastIndex(({ name }) => name !== 'pau');
  const heard = phones.slice(first, last + 1);
  const originMs = heard[0].startMs;
  const endMs = heard.at(-1).endMs;
  const at = (ms) => (ms - originMs) / speed;
  return {
    sound: played(samples.subarray((originMs * RATE_HZ) / 1000, (endMs * RATE_HZ) / 1000), speed),
    words: timeWords(tokens, heard).map((word) => ({ ...word, startMs: at(word.startMs), endMs: at(word.endMs) })),
    silencesMs: heard.filter(({ name }) => name === 'pau').map((pau) => [at(pau.startMs), at(pau.endMs)]),
  };
}

/** Plays samples faster or slower; cubic interpolation is enough, for flite leaves the top of the band nearly empty. */
function played(samples, speed) {
  const sound = new Float64Array(Math.floor(samples.length / speed));
  const value = (index) => (samples[Math.max(0, Math.min(samples.length - 1, index))] ?? 0) / 32768;
  for (let index = 0; index < sound.length; index++) {
    const whole = Math.floor(index * speed);
    const part = index * speed - whole;
    const [a, b, c, d] = [value(whole - 1), value(whole), value(whole + 1), value(whole + 2)];
    sound[index] =
      b + 0.5 * part * (c - a + part * (2 * a - 5 * b + 4 * c - d + part * (3 * (b - c) + d - a)));
  }
  return sound;
}

/** Flite tells when each phone ends, not whose it is: the phones of the words alone are laid along those of the phrase. */
function timeWords(tokens, heard) {
  const sounds = heard.filter(({ name }) => name !== 'pau');
  const expected = tokens.flatMap(({ say }, index) => phonesAlone(say).map((name) => ({ name, index })));
  const cost = Array.from({ length: expected.length + 1 }, (_, row) =>
    Array.from({ length: sounds.length + 1 }, (_, column) => (row === 0 ? column : column === 0 ? row : 0)),
  );
  for (let row = 1; row <= expected.length; row++)
    for (let column = 1; column <= sounds.length; column++)
      cost[row][column] = Math.min(
        cost[row - 1][column - 1] + (expected[row - 1].name === sounds[column - 1].name ? 0 : 0.9),
        cost[row - 1][column] + 1,
        cost[row][column - 1] + 1,
      );
  const owner = new Array(sounds.length);
  let row = expected.length;
  let column = sounds.length;
  while (column > 0) {
    const same = row > 0 && expected[row - 1].name === sounds[column - 1].name ? 0 : 0.9;
    if (row > 0 && cost[row][column] === cost[row - 1][column - 1] + same) owner[--column] = expected[--row].index;
    else if (row > 0 && cost[row][column] === cost[row - 1][column] + 1) row--;
    else owner[--column] = expected[Math.max(0, row - 1)].index;
  }
  return tokens.map(({ word }, index) => {
    const own = sounds.filter((_, position) => owner[position] === index);
    if (own.length === 0) throw new Error(`No sound was found for "${word}".`);
    return { word, startMs: own[0].startMs, endMs: own.at(-1).endMs };
  });
}

function phonesAlone(say) {
  const word = say.replace(/,$/, '');
  let phones = phonesOfWord.get(word);
  if (phones === undefined) {
    phones = new FliteRun(program)
      .speak(word, 'slt')
      .phones.map(({ name }) => name)
      .filter((name) => name !== 'pau');
    phonesOfWord.set(word, phones);
  }
  return phones;
}
