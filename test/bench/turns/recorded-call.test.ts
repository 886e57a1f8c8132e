import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { listen } from '../../../agent/turn/listener.js';
import type { ListenerInput, ListenerSettings } from '../../../agent/turn/listener-forms.js';
import { IDLE } from '../../../agent/turn/listener-state.js';
import { FITTED_WEIGHTS } from '../../../agent/turn/weights.js';
import { type RecordedStep, replayCall, replayLines, replayRecordedCall } from '../../../bench/turns/recorded-call.js';

const settings: ListenerSettings = {
  language: 'en',
  bounds: { minSilenceMs: 200, maxSilenceMs: 2_000 },
  biasMs: 0,
  weights: FITTED_WEIGHTS,
  isInterruptible: true,
};

/** A second of voice and two of silence, with what the listener did. */
function recordedCall(): RecordedStep[] {
  const inputs: ListenerInput[] = Array.from({ length: 94 }, (_, index) => ({
    kind: 'window',
    atMs: (index + 1) * 32,
    probability: index < 31 ? 0.95 : 0.01,
  }));
  inputs.splice(50, 0, {
    ...{ kind: 'final', atMs: 1_610, words: [{ text: 'yes', untilMs: 900 }] },
    ...{ confidence: 0.9, isAnswer: true, coveredUntilMs: 1_500 },
  } satisfies ListenerInput);
  let listener = IDLE;
  return inputs.map((input) => {
    const step = listen(listener, input, settings);
    listener = step.listener;
    return { input, actions: step.actions };
  });
}

describe('a recorded call', () => {
  let folder: string;
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'recorded-call-'));
  });
  afterAll(() => rm(folder, { recursive: true }));

  it('is decided as it was', async () => {
    const path = join(folder, 'call.jsonl');
    const lines = [{ settings }, ...recordedCall()].map((line) => JSON.stringify(line));
    await writeFile(path, `${lines.join('\n')}\n`);
    const replayed = await replayRecordedCall(path);
    expect(replayed).toMatchObject({ inputs: 95, commits: 1, different: [] });
    expect(replayLines(replayed)).toHaveLength(1);
  });

  it('shows where it would be decided otherwise', () => {
    const steps = recordedCall().map((step) => ({
      ...step,
      actions: step.actions.filter(({ kind }) => kind !== 'commit'),
    }));
    const { different } = replayCall(settings, steps);
    expect(different).toHaveLength(1);
    expect(different[0]?.now).toContain('"commit"');
  });

  it('is refused where it is none', async () => {
    const path = join(folder, 'other.jsonl');
    await writeFile(path, '{"question": 1}\n');
    await expect(replayRecordedCall(path)).rejects.toThrow(/other\.jsonl is no recorded call/);
    await expect(replayRecordedCall(join(folder, 'missing'))).rejects.toMatchObject({ code: 'BAD_INPUT' });
  });
});
