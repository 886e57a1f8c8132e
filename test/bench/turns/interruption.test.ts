import { describe, expect, it } from 'vitest';
import { halfOf, summarise } from '../../../bench/turns/interruption.js';
import type { OverlapClip } from '../../../bench/turns/interruption-clips.js';
import {
  durationAtRecall,
  type JudgedScene,
  VAD_DURATIONS_MS,
  wilson95,
} from '../../../bench/turns/interruption-figures.js';
import { hear, RECOGNISERS } from '../../../bench/turns/interruption-recogniser.js';
import { overlapOutcome, windowsOf } from '../../../bench/turns/interruption-run.js';
import { type OverlapScene, sceneOf } from '../../../bench/turns/interruption-scenes.js';
import { interruptionTable } from '../../../bench/turns/interruption-table.js';

const WINDOW_SAMPLES = 512;
const words = [
  { text: 'make', startMs: 0, endMs: 200 },
  { text: 'it', startMs: 200, endMs: 300 },
  { text: 'two', startMs: 300, endMs: 600 },
];

function clipOf(parts: Partial<OverlapClip>): OverlapClip {
  const tone = Int16Array.from({ length: 9_600 }, (_, index) => 8_000 * Math.sin((2 * Math.PI * 150 * index) / 16_000));
  return {
    ...{ fingerprint: 'f', file: 'f.wav', class: 'interruption', kind: 'turn', source: 'human', cluster: 'someone' },
    ...{ samples: tone, words, startMs: 0 },
    ...parts,
  };
}

/** Probabilities of a voice from `fromMs` to `untilMs`. */
function voice(scene: OverlapScene, fromMs: number, untilMs: number): number[] {
  return Array.from({ length: Math.floor(scene.samples.length / WINDOW_SAMPLES) }, (_, index) => {
    const atMs = (index + 1) * 32;
    return atMs > fromMs && atMs <= untilMs ? 0.97 : 0.02;
  });
}

function judged(clip: OverlapClip, lengthMs: number, arm = RECOGNISERS[0]): ReturnType<typeof overlapOutcome> {
  if (arm === undefined) throw new Error('There is no recogniser.');
  const scene = sceneOf(clip, 0, [], 1);
  const probabilities = voice(scene, scene.startMs, scene.startMs + lengthMs);
  const speech = { ...hear(scene, { ...arm, hasWords: false }), words: [] };
  const shown = clip.words.map(({ text, startMs, endMs }) => ({
    ...{ text, startMs: startMs + scene.startMs, endMs: endMs + scene.startMs },
    shownAtMs: endMs + scene.startMs + 150,
  }));
  return overlapOutcome(scene, windowsOf(scene, probabilities), { ...speech, words: shown });
}

describe('a scene of the interruption bench', () => {
  it('is the same for the same seed, and another for another variant', () => {
    const clip = clipOf({});
    expect(sceneOf(clip, 0, [], 1).samples).toEqual(sceneOf(clip, 0, [], 1).samples);
    expect(sceneOf(clip, 0, [], 1).samples).not.toEqual(sceneOf(clip, 1, [], 1).samples);
  });

  it('stops the agent when someone interrupts it, silent before that where words are late', () => {
    const outcome = judged(clipOf({}), 600);
    expect(outcome.verdict).toBe('interruption');
    expect(outcome.duckedMs).toBeLessThan(120);
    expect(outcome.verdictMs).toBeLessThan(500);
    const wordless = judged(clipOf({ words: [] }), 900);
    expect(wordless.verdict).toBe('interruption');
    expect(wordless.hushedMs).toBeLessThan(350);
    expect(wordless.verdictMs).toBeGreaterThan(500);
  });

  it('does not for a backchannel', () => {
    const outcome = judged(clipOf({ words: [{ text: 'yeah', startMs: 0, endMs: 300 }] }), 300);
    expect(outcome.verdict).toBe('backchannel');
  });
});

describe('figures of the interruption bench', () => {
  const sceneAs = (
    parts: Partial<OverlapClip>,
    verdict: 'interruption' | 'backchannel',
    voiceMs: number,
  ): JudgedScene => ({
    clip: clipOf(parts),
    outcomes: Object.fromEntries(
      RECOGNISERS.map(({ name }) => [
        name,
        { verdict, verdictMs: 400, silencedMs: 400, duckedMs: 64, hushedMs: undefined },
      ]),
    ),
    voiceReachedMs: VAD_DURATIONS_MS.map((durationMs) => (durationMs <= voiceMs ? durationMs : undefined)),
  });
  const scenes = [
    sceneAs({}, 'interruption', 1_200),
    sceneAs({ fingerprint: 'g' }, 'interruption', 320),
    sceneAs({ class: 'backchannel', fingerprint: 'h' }, 'backchannel', 352),
    sceneAs({ class: 'noise', fingerprint: 'i', source: 'synthetic' }, 'backchannel', 64),
  ];

  it('compare with the longest voice that recalls as much', () => {
    expect(durationAtRecall(scenes.slice(0, 2), 0.99)).toBe(320);
    const result = summarise(scenes, 'all');
    expect(result).toMatchObject({ recall: 1, falseStopRate: 0, falseStopRateVadOnly: 0.5 });
    expect(result.vadOnly.stock).toMatchObject({ recall: 0.5, falseStopRate: 0 });
    expect(result.withoutHumanAudio).toEqual(['cough', 'noise', 'echo']);
    expect(interruptionTable(result).join('\n')).toContain('without human audio: cough, noise, echo');
  });

  it('ask of the plain voice detector no more recall than there is', () => {
    const missed = sceneAs({ fingerprint: 'm' }, 'backchannel', 96);
    const { recall, vadOnly } = summarise(
      [...scenes, sceneAs({ fingerprint: 'n' }, 'interruption', 480), missed],
      'all',
    );
    expect(recall).toBe(0.75);
    // At 99 % it would be held to 96 ms, which stop both of what is harmless.
    expect(vadOnly.equalRecall).toEqual({ voiceMs: 320, recall: 0.75, falseStopRate: 0.5 });
  });

  it('hold the interval that Wilson gives', () => {
    expect(wilson95(0.5, 10).map((bound) => Number(bound.toFixed(3)))).toEqual([0.237, 0.763]);
    expect(wilson95(0, 100)[1]).toBeCloseTo(0.037, 3);
    expect(wilson95(0, 0)).toEqual([0, 1]);
  });

  it('never share a speaker between the halves', () => {
    const halves = Array.from({ length: 200 }, (_, index) => halfOf({ cluster: `speaker ${index}` }));
    const tuning = halves.filter((half) => half === 'tuning').length;
    expect(tuning).toBeGreaterThan(70);
    expect(tuning).toBeLessThan(130);
    expect(halfOf({ cluster: 'speaker 1' })).toBe(halfOf({ cluster: 'speaker 1' }));
  });
});
