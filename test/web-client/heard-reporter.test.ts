import { describe, expect, it } from 'vitest';
import { createHeardReporter } from '../../web-client/call/heard-reporter.js';
import type { LevelBatch } from '../../web-client/call/level-batch.js';
import type { SoundPath } from '../../web-client/call/sound-path.js';
import type { HeardReport } from '../../wire/turn.js';
import { turnDocument } from './documents.js';
import { batchesOf, type Part } from './level-batches.js';

function start(paths: (SoundPath | Error)[] = []) {
  const sent: HeardReport[] = [];
  let nowMs = 0;
  const reporter = createHeardReporter({
    nowMs: () => nowMs,
    readPath: async () => {
      const path = paths.shift() ?? {};
      if (path instanceof Error) throw path;
      return path;
    },
    send: (_document, report) => sent.push(report),
  });
  const play = (parts: readonly Part[], from = 0): void => {
    for (const batch of batchesOf(parts, from)) {
      nowMs += 32;
      reporter.push(batch, 0);
    }
  };
  return { sent, reporter, play };
}

const ANSWERED: readonly Part[] = [
  ['you', 800],
  ['quiet', 600],
  ['agent', 1_000],
  ['quiet', 200],
];
const document = turnDocument(1, { instants: { playoutStartedAtMs: 1_000, playoutEndedAtMs: 2_000 } });
/** Lets what was promised come true. */
const settled = async () => {
  for (let i = 0; i < 10; i += 1) await Promise.resolve();
};

describe('both tracks', () => {
  it('may be taken anew each time the agent has stopped speaking, and not while anything is measured', () => {
    const { reporter } = start();
    const pause: Part = ['quiet', 150];
    const twice: readonly Part[] = [
      ...ANSWERED,
      pause,
      ['you', 500],
      ['quiet', 600],
      ['agent', 900],
      pause,
      ['agent', 900],
      ['quiet', 600],
    ];
    const startMs = ({ firstFrame, sampleRateHz }: LevelBatch) => (firstFrame / sampleRateHz) * 1_000;
    const at = batchesOf(twice).flatMap((batch) => (reporter.push(batch, 0) ? [startMs(batch)] : []));
    // 200 ms after the last sound of each answer; the answer's own pause is none.
    const about = (ms: number) => expect.closeTo(ms, -2);
    expect(at).toEqual([about(2_600), about(6_000)]);
  });
});

describe('what the page reports', () => {
  it('is the wait with the way between its first sound and its end', async () => {
    const { sent, reporter, play } = start([
      { jitterBuffer: { delayS: 10, samples: 1_000 }, roundTripMs: 9 },
      { jitterBuffer: { delayS: 60, samples: 2_000 }, roundTripMs: 4 },
    ]);
    play(ANSWERED);
    reporter.addTurn(document);
    await settled();
    expect(sent).toEqual([
      { schema: 1, turn: 1, heardResponseMs: expect.closeTo(600, -1), roundTripMs: 4, jitterBufferMs: 50 },
    ]);
  });

  it('is the wait alone where the browser tells no way, or one that cannot be', async () => {
    const { sent, reporter, play } = start([new Error('no stats'), { roundTripMs: 4 }]);
    play(ANSWERED);
    reporter.addTurn(document);
    await settled();
    expect(sent).toEqual([{ schema: 1, turn: 1, heardResponseMs: expect.closeTo(600, -1), roundTripMs: 4 }]);
    const absurd = start([{}, { roundTripMs: 1e9 }]);
    absurd.play(ANSWERED);
    absurd.reporter.addTurn(document);
    await settled();
    expect(absurd.sent).toEqual([]);
  });

  it('is nothing of what was heard before the sound began anew', async () => {
    const { sent, reporter, play } = start();
    play(ANSWERED, 480_000);
    play([['quiet', 100]]);
    reporter.addTurn(document);
    await settled();
    expect(sent).toEqual([]);
  });

  it('is nothing where no sound was measured', async () => {
    const { sent, reporter } = start();
    reporter.addTurn(document);
    await settled();
    expect(sent).toEqual([]);
  });
});
