import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { FINALIZE_TIMEOUT_MS } from '../../../agent/turn/listener.js';
import type { ListenerInput } from '../../../agent/turn/listener-forms.js';
import { Session } from './session.js';

describe('a turn', () => {
  it('begins with speech, asks for its end, and is committed with its words', () => {
    const session = new Session();
    session.speak(960);
    session.interim('a large');
    session.pause(256);
    session.final('a large latte');
    session.score(0.9);
    session.pause(320);
    expect(session.kinds()).toEqual(['start', 'interim', 'score', 'finalize', 'score', 'interim', 'commit', 'end']);
    const [turn] = session.committed();
    expect(turn).toMatchObject({ text: 'a large latte', speechStartedAtMs: 0, speechEndedAtMs: 960 });
    expect(turn?.confidence).toBe(0.95);
  });

  it('is not committed before the recogniser has answered, and then at once', () => {
    const session = new Session();
    session.speak(960);
    session.pause(256);
    session.score(0.9);
    session.pause(640);
    expect(session.committed()).toEqual([]);
    session.final('a latte');
    expect(session.committed()).toHaveLength(1);
  });

  it('is committed with the words in hand when the recogniser never answers', () => {
    const session = new Session();
    session.speak(960);
    session.interim('a latte');
    session.pause(FINALIZE_TIMEOUT_MS + 320);
    expect(session.committed()).toMatchObject([{ text: 'a latte', confidence: 0.5 }]);
    // What never came has no instant.
    expect(session.committed()[0]?.finalAtMs).toBeUndefined();
  });

  it('goes on when the caller goes on: all its finals become one text', () => {
    const session = new Session();
    session.speak(640);
    session.pause(256);
    session.final('a large latte');
    session.score(0.1);
    session.speak(640);
    session.pause(256);
    session.final('with oat milk');
    session.score(0.9);
    session.pause(320);
    expect(session.committed().map((turn) => turn.text)).toEqual(['a large latte with oat milk']);
    expect(session.kinds().filter((kind) => kind === 'finalize')).toHaveLength(2);
  });

  it('does not take the answer to an earlier pause for the answer to this one', () => {
    const session = new Session();
    session.speak(640);
    session.pause(192);
    session.speak(320);
    session.pause(256);
    // The recogniser answers the first request only now: its last word is still to come.
    session.final('a light roast house', { untilMs: 640 });
    session.score(0.9);
    session.pause(320);
    expect(session.committed()).toEqual([]);
    session.final('coffee');
    expect(session.committed().map((turn) => turn.text)).toEqual(['a light roast house coffee']);
  });

  it('is not held up for ever by an answer that was lost in an earlier turn', () => {
    const session = new Session();
    session.speak(640);
    session.interim('a latte');
    session.pause(FINALIZE_TIMEOUT_MS + 320);
    session.agent('idle');
    session.speak(640);
    session.pause(256);
    session.final('a mocha');
    session.score(0.9);
    session.pause(320);
    expect(session.committed().map((turn) => turn.text)).toEqual(['a latte', 'a mocha']);
  });

  it('waits longer in the second pause when the first score belonged to another', () => {
    const session = new Session();
    session.speak(640);
    session.pause(256);
    session.final('a large latte');
    session.speak(320);
    // The answer to the first pause's question comes only now.
    session.score(0.99);
    session.pause(416);
    expect(session.committed()).toEqual([]);
  });

  it('is missed, not answered, when nothing was understood', () => {
    const session = new Session();
    session.speak(960);
    session.pause(256);
    session.final('');
    session.score(0.9);
    session.pause(640);
    expect(session.kinds()).toContain('missed');
    expect(session.committed()).toEqual([]);
  });

  it('ends with its level, and not with the voice that is still detected after it, whether understood or missed', () => {
    const say = (words: string) => {
      const session = new Session();
      session.hear(0.95, 960, { levelsDb: [-20, -21, -20, -22] });
      session.hear(0.95, 96, { levelsDb: [-70, -71, -70, -70] });
      session.pause(256);
      session.final(words);
      session.score(0.9);
      session.pause(640);
      return session;
    };
    expect(say('a latte').committed()).toMatchObject([{ spokenUntilMs: 960, speechEndedAtMs: 1_056 }]);
    expect(say('').actions.at(-1)).toEqual({ kind: 'missed', spokenUntilMs: 960 });
  });

  it('is nothing at all when a short sound had no words', () => {
    const session = new Session();
    session.speak(128);
    session.pause(256);
    session.final('');
    session.pause(1_000);
    expect(session.kinds()).not.toContain('missed');
    expect(session.kinds().filter((kind) => kind === 'start' || kind === 'end')).toEqual(['start', 'end']);
  });

  it('ends when its stream stops in the middle of it', () => {
    const session = new Session();
    session.speak(640);
    session.interim('a latte');
    for (let i = 1; i < 40; i++) session.take({ kind: 'time', atMs: session.nowMs + i * 100 });
    expect(session.committed()).toMatchObject([{ text: 'a latte', speechEndedAtMs: 640 }]);
  });

  it('is not committed twice when its final comes after it was given up, under a turn that is open by then', () => {
    const session = new Session();
    session.speak(640);
    session.interim('a latte');
    session.pause(FINALIZE_TIMEOUT_MS + 320);
    session.agent('idle');
    session.speak(160);
    session.final('a latte', { untilMs: 640 });
    session.pause(1_000);
    session.final('');
    session.pause(1_000);
    expect(session.committed().map((turn) => turn.text)).toEqual(['a latte']);
  });

  it('keeps late words of a turn that is over to itself', () => {
    const session = new Session();
    session.speak(960);
    session.pause(256);
    session.final('a latte');
    session.score(0.9);
    session.pause(320);
    const before = session.actions.length;
    session.final('latte', { isAnswer: false, untilMs: 960 });
    expect(session.actions).toHaveLength(before);
  });

  it('is as sure as its weakest part', () => {
    const session = new Session();
    session.speak(640);
    session.final('a large coffee with brown sugar', { confidence: 0.99, isAnswer: false });
    session.pause(256);
    session.final('please', { confidence: 0.4 });
    session.score(0.9);
    session.pause(640);
    expect(session.committed()[0]?.confidence).toBe(0.4);
  });
});

describe('speech over the agent', () => {
  it('ducks at once, tells nobody before it is judged, then stops the agent and becomes a turn', () => {
    const session = new Session();
    session.agent('speaking');
    session.speak(64);
    expect(session.kinds()).toEqual(['duck']);
    session.speak(640);
    expect(session.kinds()).toEqual(['duck', 'hush', 'judged', 'start']);
    session.agent('idle');
    session.pause(256);
    session.final('stop make it small');
    session.score(0.9);
    session.pause(320);
    expect(session.committed()).toHaveLength(1);
  });

  it('ends in the ear when it was a backchannel', () => {
    const session = new Session();
    session.agent('speaking');
    session.speak(256);
    session.interim('yeah');
    session.pause(320);
    expect(session.kinds()).toEqual(['duck', 'hush', 'finalize', 'unduck', 'judged']);
    session.final('yeah', { untilMs: 256 });
    session.pause(2_000);
    expect(session.committed()).toEqual([]);
  });

  it('is an answer when the agent has finished meanwhile', () => {
    const session = new Session();
    session.agent('speaking');
    session.speak(160);
    session.agent('idle');
    session.speak(160);
    session.pause(256);
    session.final('yes');
    session.score(0.9);
    session.pause(320);
    expect(session.kinds().slice(0, 3)).toEqual(['duck', 'unduck', 'start']);
    expect(session.committed().map((turn) => turn.text)).toEqual(['yes']);
  });

  it('waits for the end of the agent where callers may not interrupt', () => {
    const session = new Session(false);
    session.agent('speaking');
    session.speak(960);
    session.pause(256);
    session.final('a latte', { isAnswer: false });
    expect(session.kinds()).not.toContain('judged');
    session.agent('idle');
    session.pause(256);
    session.final('');
    session.pause(640);
    expect(session.committed().map((turn) => turn.text)).toEqual(['a latte']);
  });
});

describe('speech before the reply has begun', () => {
  function committed(): Session {
    const session = new Session();
    session.speak(640);
    session.pause(256);
    session.final('a latte');
    session.score(0.9);
    session.pause(320);
    return session;
  }

  it('does not cost the reply when it is a cough', () => {
    const session = committed();
    session.speak(192);
    session.pause(700);
    expect(session.kinds().slice(-4)).toEqual(['duck', 'finalize', 'unduck', 'judged']);
    expect(session.committed()).toHaveLength(1);
  });

  it('stops the reply when the caller goes on', () => {
    const session = committed();
    session.speak(320);
    session.interim('with oat milk');
    expect(session.kinds().slice(-5)).toEqual(['duck', 'unduck', 'judged', 'start', 'interim']);
  });
});

describe('whatever comes', () => {
  const instant = fc.integer({ min: 0, max: 60_000 });
  const words = fc.array(fc.record({ text: fc.string(), untilMs: instant }), { maxLength: 5 });
  const inputs: fc.Arbitrary<ListenerInput> = fc.oneof(
    fc.record({ kind: fc.constant('window' as const), atMs: instant, probability: fc.double() }),
    fc.record({ kind: fc.constant('interim' as const), atMs: instant, words }),
    fc.record({
      kind: fc.constant('final' as const),
      atMs: instant,
      words,
      confidence: fc.double(),
      isAnswer: fc.boolean(),
      coveredUntilMs: instant,
    }),
    fc.record({ kind: fc.constant('score' as const), atMs: instant, pauseAtMs: instant, probability: fc.double() }),
    fc.record({
      kind: fc.constant('agent' as const),
      atMs: instant,
      phase: fc.constantFrom('idle' as const, 'replying' as const, 'speaking' as const),
    }),
    fc.record({ kind: fc.constant('time' as const), atMs: instant }),
  );

  it('commits only turns that were started, with words in them, and ends each exactly once', () => {
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 200 }), (all) => {
        const session = new Session();
        for (const input of all) session.take(input);
        let isStarted = false;
        for (const action of session.actions) {
          if (action.kind === 'start') {
            expect(isStarted).toBe(false);
            isStarted = true;
          }
          if (action.kind === 'commit') {
            expect(isStarted).toBe(true);
            expect(action.turn.text.trim()).not.toBe('');
            expect(action.turn.confidence).toBeGreaterThanOrEqual(0);
            expect(action.turn.confidence).toBeLessThanOrEqual(1);
          }
          if (action.kind === 'end') {
            expect(isStarted).toBe(true);
            isStarted = false;
          }
        }
      }),
    );
  });

  it('comes to an end by the clock alone, once the agent is silent', () => {
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 100 }), (all) => {
        const session = new Session();
        for (const input of all) session.take(input);
        session.take({ kind: 'agent', atMs: 60_000, phase: 'idle' });
        for (let atMs = 60_000; atMs < 70_000; atMs += 100) session.take({ kind: 'time', atMs });
        expect(session.listener.turn).toBeUndefined();
      }),
    );
  });
});
