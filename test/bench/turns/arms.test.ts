import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListenerSettings } from '../../../agent/turn/listener-forms.js';
import { pendingWait } from '../../../agent/turn/pending-wait.js';
import { FITTED_WEIGHTS } from '../../../agent/turn/weights.js';
import type { Hearing } from '../../../bench/turns/arm.js';
import { tunedV1MiniArm, v1MiniArm, vadArm } from '../../../bench/turns/binary-arms.js';
import { policyArm } from '../../../bench/turns/policy-arm.js';
import { PolicySteps } from '../../../bench/turns/policy-steps.js';
import type { Recording, TimedWord } from '../../../bench/turns/recording.js';
import { replay } from '../../../bench/turns/replay.js';
import type { Trace } from '../../../bench/turns/trace.js';

const WINDOW_MS = 32;

/** A recording of voice between silences; each length in windows of 32 ms, voice first. */
function hearingOf(lengths: readonly number[], words: readonly TimedWord[], score: (atMs: number) => number): Hearing {
  const voiced = lengths.flatMap((length, index) => Array.from({ length }, () => index % 2 === 0));
  const recording: Recording = {
    ...{ fingerprint: 'a', originalFingerprint: 'a', file: 'a.wav', set: 'human-natural', speaker: undefined },
    ...{ isHuman: true, asked: 'none', isComplete: true, language: 'en', samples: new Int16Array(0) },
    ...{ words, droppedWords: [], speech: { startMs: 0, endMs: 0 }, pauses: [] },
  };
  const trace: Trace = {
    recording,
    windows: voiced.map((isVoiced, index) => ({
      atMs: (index + 1) * WINDOW_MS,
      ...(isVoiced ? { probability: 0.95, levelDb: -20, pitchHz: 120 } : { probability: 0.02, levelDb: -70 }),
    })),
    inferenceVad: voiced.map((isVoiced) => (isVoiced ? 0.95 : 0.02)),
    webrtc: voiced.flatMap((isVoiced) => [isVoiced, isVoiced, isVoiced]),
    endMs: voiced.length * WINDOW_MS,
    score: async (atMs) => score(atMs),
  };
  return { trace, words };
}

/** A second of voice, half a second of pause, a second of voice, three seconds of silence. */
const ORDER = [31, 16, 31, 94] as const;
const WORDS: readonly TimedWord[] = [
  { text: 'milk', startMs: 100, endMs: 950 },
  { text: 'please', startMs: 1_600, endMs: 2_450 },
];

describe('a fixed silence', () => {
  it('commits after it, and in each pause that is longer', async () => {
    const arm = vadArm('vad-silero');
    const commits = await arm.decide(hearingOf(ORDER, WORDS, () => 0.5));
    const at = (setting: string) => commits[arm.settings.indexOf(setting)];
    expect(at('300 ms')?.withFinal).toEqual([992 + 320, 2_496 + 320]);
    expect(at('700 ms')?.withFinal).toEqual([2_496 + 704]);
  });

  it('waits for the recogniser, if that is slower', async () => {
    const late: readonly TimedWord[] = [{ text: 'milk', startMs: 100, endMs: 2_590 }];
    const arm = vadArm('vad-silero');
    const [first] = await arm.decide(hearingOf(ORDER, late, () => 0.5));
    expect(first?.alone.at(-1)).toBe(2_496 + 128);
    expect(first?.withFinal.at(-1)).toBe(2_590 + 150);
  });

  it('never commits more often when it is longer', async () => {
    const lengths = fc.array(fc.integer({ min: 3, max: 60 }), { minLength: 2, maxLength: 10 });
    const names = fc.constantFrom('vad-silero', 'vad-inference', 'vad-webrtc');
    await fc.assert(
      fc.asyncProperty(lengths, names, async (windows, name) => {
        const commits = await vadArm(name).decide(hearingOf(windows, [], () => 0.5));
        for (const [index, { withFinal }] of commits.entries()) {
          expect(withFinal.length).toBeLessThanOrEqual(commits[index - 1]?.withFinal.length ?? withFinal.length);
          expect(withFinal).toEqual(withFinal.toSorted((a, b) => a - b));
        }
      }),
      { numRuns: 25 },
    );
  });
});

describe('v1-mini between two delays', () => {
  it('waits the short one from its threshold on, and the long one below', async () => {
    const arm = v1MiniArm();
    const commits = await arm.decide(hearingOf(ORDER, WORDS, (atMs) => (atMs < 2_000 ? 0.1 : 0.5)));
    const at = (setting: string) => commits[arm.settings.indexOf(setting)]?.withFinal;
    expect(at('0.36 (300, 2500 ms)')).toEqual([2_496 + 300]);
    expect(at('0.08 (300, 2500 ms)')).toEqual([992 + 300, 2_496 + 300]);
    expect(at('0.8 (300, 2500 ms)')).toEqual([2_496 + 2_500]);
  });

  it('is swept over every threshold, and over delays every 50 ms, for the best of it', () => {
    const tuned = new Set(tunedV1MiniArm().settings);
    const thresholds = v1MiniArm().settings.map((setting) => setting.split(' ')[0]);
    const delays = Array.from({ length: 13 }, (_, index) => `(${200 + 50 * index}, 2500 ms)`);
    const wanted = thresholds.flatMap((threshold) => delays.map((pair) => `${threshold} ${pair}`));
    expect(wanted.filter((setting) => !tuned.has(setting))).toEqual([]);
  });

  it('cannot commit before its score is there', async () => {
    const arm = tunedV1MiniArm();
    const commits = await arm.decide(hearingOf(ORDER, WORDS, () => 1));
    expect(Math.min(...commits.flatMap(({ alone }) => alone))).toBe(992 + 224 + 40);
  });
});

describe('the policy as an arm', () => {
  const weightsFor = () => FITTED_WEIGHTS;

  it('commits when the worker would with that much patience', async () => {
    const biasMs = 150;
    const settings: ListenerSettings = {
      ...{ language: 'en', biasMs, weights: FITTED_WEIGHTS, isInterruptible: true },
      bounds: { minSilenceMs: 96, maxSilenceMs: 2_500 },
    };
    const scores = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { minLength: 8, maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(scores, fc.integer({ min: 4, max: 40 }), async (values, pause) => {
        const score = (atMs: number): number => values[Math.floor(atMs) % values.length] ?? 0;
        const hearing = hearingOf([31, pause, 31, 94], WORDS, score);
        const expected = new Map<number, number>();
        await replay(
          hearing.trace,
          settings,
          (listener, atMs) => {
            const pending = pendingWait(listener, atMs, settings);
            const silence = listener.voice.lastVoicedAtMs ?? 0;
            if (pending?.isFinalized && pending.silenceMs >= pending.waitMs && !expected.has(silence))
              expected.set(silence, atMs);
          },
          { words: WORDS },
        );
        const arm = policyArm({ name: 'policy', weightsFor, hearsWords: true, steps: new PolicySteps() });
        const commits = await arm.decide(hearing);
        expect(commits[arm.settings.indexOf(`+${biasMs} ms`)]?.withFinal).toEqual([...expected.values()]);
      }),
      { numRuns: 5 },
    );
  });

  it('gets the words as a recogniser would give them', async () => {
    const heard: string[] = [];
    const { trace } = hearingOf(ORDER, WORDS, () => 0.5);
    const settings: ListenerSettings = {
      ...{ language: 'en', biasMs: 0, weights: FITTED_WEIGHTS, isInterruptible: true },
      bounds: { minSilenceMs: 96, maxSilenceMs: 2_500 },
    };
    await replay(
      trace,
      settings,
      (listener, atMs) => {
        const turn = listener.turn;
        const text = [...(turn?.finals.flatMap(({ words }) => words) ?? []), ...(turn?.interim ?? [])]
          .map((word) => word.text)
          .join(' ');
        if (text !== heard.at(-1)?.replace(/^\d+ /, '')) heard.push(`${atMs} ${text}`);
      },
      { words: WORDS },
    );
    expect(heard.map((line) => line.replace(/^\d+ /, ''))).toEqual(['', 'milk', 'milk please']);
  });
});
