import { describe, expect, it } from 'vitest';
import type { CallerTurn, Saying, SimulatedCaller } from '../../bench/caller/simulated-caller.js';
import { Watch } from '../../bench/caller/watch.js';
import { systemClock } from '../../bench/clock.js';
import type { SpokenRecording } from '../../bench/spoken-recording.js';
import { sayRecording } from '../../bench/spoken-turn.js';

const SPEECH = { startMs: 0, endMs: 30 };
const RECORDING: SpokenRecording = {
  file: 'orders/a.flac',
  clip: { samples: new Int16Array(0), durationMs: 30, utterances: [SPEECH] },
  speech: SPEECH,
  pauses: [],
  words: [],
  envelopeDbfs: [],
};
const ANSWERED: CallerTurn = { outcome: 'answered', said: '', reply: '', cutIn: false, heardResponseMs: 700 };

/** A caller in whose call nothing changes while it speaks. */
function quietCaller(turn: CallerTurn) {
  const watch = new Watch(systemClock);
  const asked: (readonly [fromMs: number, untilMs: number])[] = [];
  const startedAtMs = systemClock.nowMs();
  const saying: Pick<Saying, 'utterances' | 'finished' | 'reply'> = {
    utterances: [{ startedAtMs, endedAtMs: startedAtMs + SPEECH.endMs }],
    finished: Promise.resolve(),
    reply: async () => turn,
  };
  const caller: Partial<SimulatedCaller> = {
    turnDocuments: [],
    agentSounding: false,
    startSaying: () => saying as Saying,
    until: (probe, what, limit) => watch.until(probe, { ...limit, what }),
    speakingLagMsBetween(fromMs, untilMs) {
      asked.push([fromMs - startedAtMs, untilMs - startedAtMs]);
      return 20;
    },
  };
  return { caller: caller as SimulatedCaller, asked };
}

describe('a spoken turn', () => {
  it('is disturbed by what was sent late up to the first sound, and by how unsure that is', async () => {
    const { caller, asked } = quietCaller({ ...ANSWERED, unsureMs: 15 });
    expect((await sayRecording(caller, RECORDING, [], 100)).lagMs).toBe(35);
    const [[fromMs, untilMs] = [Number.NaN, Number.NaN]] = asked;
    expect(fromMs).toBeCloseTo(-1_000, 6);
    expect(untilMs).toBeCloseTo(730, 6);
  });

  it('ends with its recording although the agent has left and nothing changes any more', async () => {
    const { heardResponseMs: _none, ...silent } = ANSWERED;
    const { caller } = quietCaller({ ...silent, outcome: 'unanswered' });
    expect((await sayRecording(caller, RECORDING, [], 100)).turn.outcome).toBe('unanswered');
  });
});
