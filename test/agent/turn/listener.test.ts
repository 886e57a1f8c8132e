import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../../agent/config/profiles.js';
import {
  FINALIZE_TIMEOUT_MS,
  IDLE,
  type Listener,
  type ListenerAction,
  type ListenerInput,
  listen,
} from '../../../agent/turn/listener.js';
import { WINDOW_MS } from '../../../agent/turn/voice-activity.js';

/** A listener with a clock that goes on by its windows. */
class Session {
  nowMs = 0;
  listener: Listener = IDLE;
  readonly actions: ListenerAction[] = [];
  readonly #isInterruptible: boolean;

  constructor(isInterruptible = true) {
    this.#isInterruptible = isInterruptible;
  }

  take(input: ListenerInput): void {
    const settings = {
      language: 'en-US',
      bounds: PROFILES.good.endpointing,
      isInterruptible: this.#isInterruptible,
    };
    const step = listen(this.listener, input, settings);
    this.listener = step.listener;
    this.actions.push(...step.actions);
  }

  hear(probability: number, ms: number): void {
    for (let heardMs = 0; heardMs < ms; heardMs += WINDOW_MS) {
      this.nowMs += WINDOW_MS;
      this.take({ kind: 'window', atMs: this.nowMs, probability });
    }
  }

  speak(ms: number): void {
    this.hear(0.95, ms);
  }

  pause(ms: number): void {
    this.hear(0.02, ms);
  }

  final(text: string, { confidence = 0.95, isFinalized = true } = {}): void {
    this.take({ kind: 'final', atMs: this.nowMs, text, confidence, isFinalized });
  }

  score(probability: number): void {
    const asked = this.actions.filter((action) => action.kind === 'score').at(-1);
    if (asked?.kind !== 'score') throw new Error('Nobody asked for a score.');
    this.take({ kind: 'score', atMs: this.nowMs, pauseAtMs: asked.pauseAtMs, probability });
  }

  agent(isSpeaking: boolean): void {
    this.take({ kind: 'agent', atMs: this.nowMs, isSpeaking });
  }

  kinds(): string[] {
    return this.actions.map((action) => action.kind);
  }

  committed() {
    return this.actions.flatMap((action) => (action.kind === 'commit' ? [action.turn] : []));
  }
}

describe('a turn', () => {
  it('begins with speech, asks for its end, and is committed with its words', () => {
    const session = new Session();
    session.speak(960);
    session.take({ kind: 'interim', atMs: session.nowMs, text: 'a large' });
    session.pause(256);
    session.final('a large latte');
    session.score(0.9);
    session.pause(320);
    expect(session.kinds()).toEqual(['start', 'interim', 'finalize', 'score', 'interim', 'commit']);
    const [turn] = session.committed();
    expect(turn).toMatchObject({ text: 'a large latte', speechStartedAtMs: 0, speechEndedAtMs: 960 });
    expect(turn?.confidence).toBeCloseTo(0.95);
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
    session.take({ kind: 'interim', atMs: session.nowMs, text: 'a latte' });
    session.pause(FINALIZE_TIMEOUT_MS + 320);
    expect(session.committed()).toMatchObject([{ text: 'a latte', confidence: 0.5 }]);
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
    session.final('a light roast house');
    session.score(0.9);
    session.pause(320);
    expect(session.committed()).toEqual([]);
    session.final('coffee');
    expect(session.committed().map((turn) => turn.text)).toEqual(['a light roast house coffee']);
  });

  it('is not held up for ever by an answer that was lost in an earlier turn', () => {
    const session = new Session();
    session.speak(640);
    session.take({ kind: 'interim', atMs: session.nowMs, text: 'a latte' });
    session.pause(FINALIZE_TIMEOUT_MS + 320);
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

  it('is nothing at all when a short sound had no words', () => {
    const session = new Session();
    session.speak(128);
    session.pause(256);
    session.final('');
    session.pause(1_000);
    expect(session.kinds()).not.toContain('missed');
  });

  it('keeps late words of a turn that is over to itself', () => {
    const session = new Session();
    session.speak(960);
    session.pause(256);
    session.final('a latte');
    session.score(0.9);
    session.pause(320);
    const before = session.actions.length;
    session.final('latte', { isFinalized: false });
    expect(session.actions).toHaveLength(before);
  });

  it('is as sure as its weakest part', () => {
    const session = new Session();
    session.speak(640);
    session.final('a large coffee with brown sugar', { confidence: 0.99, isFinalized: false });
    session.pause(256);
    session.final('please', { confidence: 0.4 });
    session.score(0.9);
    session.pause(640);
    expect(session.committed()[0]?.confidence).toBeCloseTo(0.5);
  });
});

describe('speech over the agent', () => {
  it('ducks at once, tells nobody before it is judged, then stops the agent and becomes a turn', () => {
    const session = new Session();
    session.agent(true);
    session.speak(64);
    expect(session.kinds()).toEqual(['duck']);
    session.speak(448);
    expect(session.kinds()).toEqual(['duck', 'judged', 'start']);
    session.agent(false);
    session.pause(256);
    session.final('stop make it small');
    session.score(0.9);
    session.pause(320);
    expect(session.committed()).toHaveLength(1);
  });

  it('ends in the ear when it was a backchannel', () => {
    const session = new Session();
    session.agent(true);
    session.speak(256);
    session.take({ kind: 'interim', atMs: session.nowMs, text: 'yeah' });
    session.pause(320);
    expect(session.kinds()).toEqual(['duck', 'finalize', 'unduck', 'judged']);
    session.final('yeah');
    session.pause(2_000);
    expect(session.committed()).toEqual([]);
  });

  it('is an answer when the agent has finished meanwhile', () => {
    const session = new Session();
    session.agent(true);
    session.speak(160);
    session.agent(false);
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
    session.agent(true);
    session.speak(960);
    session.pause(256);
    session.final('a latte', { isFinalized: false });
    expect(session.kinds()).not.toContain('judged');
    session.agent(false);
    session.pause(256);
    session.final('');
    session.pause(640);
    expect(session.committed().map((turn) => turn.text)).toEqual(['a latte']);
  });
});

describe('whatever comes', () => {
  const instant = fc.integer({ min: 0, max: 60_000 });
  const inputs: fc.Arbitrary<ListenerInput> = fc.oneof(
    fc.record({ kind: fc.constant('window' as const), atMs: instant, probability: fc.double() }),
    fc.record({ kind: fc.constant('interim' as const), atMs: instant, text: fc.string() }),
    fc.record({
      kind: fc.constant('final' as const),
      atMs: instant,
      text: fc.string(),
      confidence: fc.double(),
      isFinalized: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('score' as const), atMs: instant, pauseAtMs: instant, probability: fc.double() }),
    fc.record({ kind: fc.constant('agent' as const), atMs: instant, isSpeaking: fc.boolean() }),
    fc.record({ kind: fc.constant('time' as const), atMs: instant }),
  );

  it('commits only turns that were opened, with words in them', () => {
    fc.assert(
      fc.property(fc.array(inputs, { maxLength: 200 }), (all) => {
        const session = new Session();
        for (const input of all) session.take(input);
        let isOpen = false;
        for (const action of session.actions) {
          if (action.kind === 'start') {
            expect(isOpen).toBe(false);
            isOpen = true;
          }
          if (action.kind === 'commit') {
            expect(isOpen).toBe(true);
            expect(action.turn.text.trim()).not.toBe('');
          }
          if (action.kind === 'commit' || action.kind === 'missed') isOpen = false;
        }
      }),
    );
  });
});
