/** A minute of a call, as fast as it goes, whose connections are lost again and again at moments that a seed chooses. */
import { afterEach, describe, expect, it } from 'vitest';
import { seededRandom } from '../../../local-providers/random.js';
import { LiteralRecogniser } from './literal-recogniser.js';
import { RecogniserCall } from './recogniser-call.js';

const TURNS = 14;
const SECOND = 16_000;
/** Samples in one frame of 10 ms. */
const FRAME = 160;

let engine: LiteralRecogniser | undefined;
let call: RecogniserCall | undefined;

afterEach(() => {
  call?.recogniser.close();
  engine?.close();
});

interface Turn {
  readonly words: readonly string[];
  readonly samples: Int16Array;
  /** Where the last word ends. */
  readonly endsAt: number;
}

/** Words of 0.1 to 0.7 s with short pauses, and a long one at the end: 6 s at most, so that some connection hears it all. */
function makeTurn(random: () => number, firstNumber: number): Turn {
  const upTo = (most: number) => Math.floor(random() * most);
  const samples: number[] = new Array<number>(upTo(SECOND)).fill(0);
  const words: string[] = [];
  for (let word = 0; word <= upTo(4); word += 1) {
    const length = SECOND / 10 + upTo(0.6 * SECOND);
    words.push(`${firstNumber + word}:${length}`);
    for (let at = 0; at < length; at += 1) samples.push(firstNumber + word);
    samples.push(...new Array<number>(1 + upTo(SECOND / 5)).fill(0));
  }
  const endsAt = samples.length;
  samples.push(...new Array<number>(SECOND).fill(0));
  return { words, samples: Int16Array.from(samples), endsAt };
}

/** Gives the turn in frames, tells of voice where there is some, and asks for the final a while after its end. */
async function play(to: RecogniserCall, { samples, endsAt }: Turn, tellsVoice: boolean): Promise<void> {
  let hasAsked = false;
  for (let at = 0; at < samples.length; at += FRAME) {
    const frame = samples.subarray(at, at + FRAME);
    to.recogniser.send(frame);
    if (tellsVoice && frame.some((sample) => sample !== 0)) to.recogniser.noteVoice(performance.now());
    if (!hasAsked && at >= endsAt + 0.2 * SECOND) {
      hasAsked = true;
      to.recogniser.finalize();
    }
    if (at % (2 * FRAME) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
}

describe('a minute of a call whose connections drop', () => {
  for (const seed of [1, 2, 3, 4]) {
    it(`keeps every sample of every word, once and in order (seed ${seed})`, async () => {
      const random = seededRandom(seed, 'endurance');
      const turns = Array.from({ length: TURNS }, (_, turn) => makeTurn(random, 1 + turn * 10));
      engine = await LiteralRecogniser.start(() => Math.floor(random() * 8 * SECOND) + SECOND / 50);
      call = new RecogniserCall('long', [{ wsUrl: engine.url }]).attach();
      for (const [index, turn] of turns.entries()) {
        await play(call, turn, seed % 2 === 0);
        // What is longer ago than 10 s is not kept, and here a minute passes in a second.
        await call.waitFor(({ answers }) => answers === index + 1);
      }
      expect(call.text.split(' ')).toEqual(turns.flatMap(({ words }) => words));
      expect(engine.connections).toBeGreaterThan(5);
    });
  }
});
