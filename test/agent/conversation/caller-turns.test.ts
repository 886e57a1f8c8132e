import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../../agent/config/profiles.js';
import { CallerTurns } from '../../../agent/conversation/caller-turns.js';
import { CommittedWords } from '../../../agent/conversation/committed-words.js';
import { TurnLog } from '../../../agent/conversation/turn-log.js';
import { wordingFor } from '../../../agent/phrases/wording.js';
import type { CommittedTurn } from '../../../agent/turn/listener-forms.js';
import { ManualClock } from '../../support/manual-clock.js';
import { CountedMeasurements } from '../providers/reply-support.js';

const PROVIDER = { provider: 'one', model: 'm', baseUrl: 'x:', apiKey: 'k' };
const WORDING = wordingFor('en');

function start() {
  const clock = new ManualClock(10_000);
  const measurements = new CountedMeasurements();
  const callerLink = {
    misses: 0,
    setMisses: (count: number) => {
      callerLink.misses = count;
    },
  };
  const turnLog = new TurnLog({
    callId: 'AJ_1',
    profile: PROFILES.good,
    providers: { stt: PROVIDER, llm: PROVIDER, tts: PROVIDER },
    clock,
    measurements,
    mayBeContinued: () => false,
    onDocument: () => undefined,
  });
  const words = new CommittedWords({ language: 'en-US', asksAgain: true });
  const nowMs = () => clock.nowMs();
  const turns = new CallerTurns({ words, turnLog, callerLink, measurements, nowMs, wording: WORDING });
  return { turns, turnLog, callerLink };
}

function heard(text: string, over: Partial<CommittedTurn> = {}): CommittedTurn {
  return {
    text,
    confidence: 0.95,
    ...{ speechStartedAtMs: 8_000, speechEndedAtMs: 9_500, spokenUntilMs: 9_500 },
    ...{ finalAtMs: undefined, heardBy: undefined, lastInterimAtMs: undefined, vadEndedAtMs: undefined },
    wait: { waitMs: 300, silenceMs: 300, contributions: {}, scores: [] },
    ...{ continues: false, wasPremature: false },
    ...over,
  };
}

describe('a turn whose answer was stopped by a sound without words', () => {
  it('is told to the model again where nothing was done on it', () => {
    const { turns } = start();
    turns.commit(heard('a large latte'));
    expect(turns.takeDecision()).toEqual({ kind: 'reply', text: 'a large latte' });
    turns.commit(heard('a large latte', { continues: true }));
    expect(turns.takeDecision()).toEqual({ kind: 'reply', text: 'a large latte' });
  });

  it('is not told again once something was changed on it: the caller is asked what they said', () => {
    const { turns, turnLog, callerLink } = start();
    turns.commit(heard('a large latte'));
    const first = turnLog.latest;
    first?.markChange();
    turns.takeDecision();
    turns.commit(heard('a large latte', { continues: true }));
    expect(turns.takeDecision()).toEqual({ kind: 'ask', question: WORDING.missed });
    expect(callerLink.misses).toBe(1);
    expect(turnLog.latest).toMatchObject({ said: '', continued: undefined });
    expect(turnLog.latest).not.toBe(first);
  });

  it('is still the one that words go on from, behind one such sound and behind two', () => {
    const { turns, turnLog } = start();
    turns.commit(heard('a large latte'));
    turnLog.latest?.markChange();
    for (const question of [WORDING.missed, WORDING.missedAgain]) {
      turns.commit(heard('a large latte', { continues: true }));
      expect(turns.takeDecision()).toEqual({ kind: 'ask', question });
    }
    turns.commit(heard('a large latte and a muffin', { continues: true }));
    expect(turns.takeDecision()).toEqual({ kind: 'reply', text: 'and a muffin' });
  });

  it('is told as what was added where there were words after all', () => {
    const { turns, turnLog } = start();
    turns.commit(heard('a large latte'));
    turnLog.latest?.markChange();
    turns.commit(heard('a large latte with oat milk', { continues: true }));
    expect(turns.takeDecision()).toEqual({ kind: 'reply', text: 'with oat milk' });
  });
});
