import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ListenerAction } from '../../../agent/turn/listener-forms.js';
import { meansTheSame } from '../../../agent/turn/same-words.js';
import { Session } from './session.js';

function drafted(actions: readonly ListenerAction[]): string[] {
  return actions.flatMap((action) => (action.kind === 'draft' ? [action.draft.text] : []));
}

describe('a reply that is begun before its turn is over', () => {
  it('is begun in the pause on the last words, long before the commit, and once', () => {
    const session = new Session(true, { drafts: true });
    session.speak(960);
    session.interim('a large latte');
    session.pause(192);
    expect(drafted(session.actions)).toEqual(['a large latte']);
    expect(session.committed()).toEqual([]);
    session.final('A large latte.');
    session.score(0.9);
    session.pause(480);
    expect(drafted(session.actions)).toEqual(['a large latte']);
    expect(session.kinds()).not.toContain('undraft');
    expect(session.committed()).toMatchObject([{ text: 'A large latte.' }]);
  });

  it('is not begun while the caller speaks, nor without words, nor where the profile does not want it', () => {
    const session = new Session(true, { drafts: true });
    session.speak(640);
    session.interim('a large');
    session.speak(640);
    expect(drafted(session.actions)).toEqual([]);
    const silent = new Session(true, { drafts: true });
    silent.speak(640);
    silent.pause(320);
    expect(drafted(silent.actions)).toEqual([]);
    const plain = new Session();
    plain.speak(640);
    plain.interim('a latte');
    plain.pause(320);
    expect(drafted(plain.actions)).toEqual([]);
  });

  it('waits for the recogniser where the words in hand end before the voice did', () => {
    const session = new Session(true, { drafts: true });
    session.speak(320);
    session.interim('a large');
    session.speak(640);
    session.pause(160);
    expect(drafted(session.actions)).toEqual([]);
    session.interim('a large latte');
    expect(drafted(session.actions)).toEqual(['a large latte']);
  });

  it('is given up at once when the words become others, and begun anew', () => {
    const session = new Session(true, { drafts: true });
    session.speak(960);
    session.interim('a large latte');
    session.pause(160);
    session.final('a large mocha');
    expect(session.kinds().filter((kind) => kind === 'draft' || kind === 'undraft')).toEqual([
      'draft',
      'undraft',
      'draft',
    ]);
    expect(drafted(session.actions)).toEqual(['a large latte', 'a large mocha']);
  });

  it('that was not worth beginning is asked for again to the same words, with what is known of them by then', () => {
    const session = new Session(true, { drafts: true });
    const asked = () => session.actions.flatMap((action) => (action.kind === 'draft' ? [action.draft] : []));
    const refuse = (text: string) => session.take({ kind: 'draft-refused', atMs: session.nowMs, text });
    session.speak(960);
    session.interim('a large latte');
    session.pause(192);
    expect(asked()).toMatchObject([{ isFinal: false }]);
    refuse('something else');
    session.pause(32);
    expect(asked()).toHaveLength(1);
    refuse('a large latte');
    // Not at once, which could go on for ever.
    expect(asked()).toHaveLength(1);
    session.pause(32);
    expect(asked()).toHaveLength(2);
    expect(asked()[1]?.stableForMs).toBeGreaterThan(asked()[0]?.stableForMs ?? 0);
    refuse('a large latte');
    session.final('A large latte.');
    expect(asked()[2]).toMatchObject({ text: 'A large latte.', isFinal: true });
    expect(session.kinds()).not.toContain('undraft');
  });

  it('holds the end of its turn until it is ready to be heard, and a moment at most', () => {
    const start = () => {
      const session = new Session(true, { drafts: true });
      session.speak(960);
      session.final('a large latte', { isAnswer: false });
      session.pause(160);
      session.final('');
      session.score(0.99);
      session.take({ kind: 'drafted', atMs: session.nowMs, text: 'a large latte', isReady: false });
      return session;
    };
    const plain = start();
    plain.take({ kind: 'drafted', atMs: plain.nowMs, text: 'something else', isReady: true });
    plain.pause(256);
    expect(plain.committed()).toEqual([]);
    plain.take({ kind: 'drafted', atMs: plain.nowMs, text: 'a large latte', isReady: true });
    expect(plain.committed()).toHaveLength(1);
    const slow = start();
    slow.pause(1_000);
    expect(slow.committed()).toHaveLength(1);
  });

  it('stays when the caller goes on without a word, and is given up with the first', () => {
    const session = new Session(true, { drafts: true });
    session.speak(640);
    session.interim('a latte');
    session.pause(160);
    session.speak(320);
    expect(session.kinds()).not.toContain('undraft');
    session.interim('a latte with oat milk');
    expect(session.kinds()).toContain('undraft');
  });

  it('stands, whatever comes in whatever order, only on the words that were asked for last', () => {
    const step = fc.oneof(
      fc.record({ kind: fc.constant('speak' as const), ms: fc.integer({ min: 32, max: 800 }) }),
      fc.record({ kind: fc.constant('pause' as const), ms: fc.integer({ min: 32, max: 800 }) }),
      fc.record({
        kind: fc.constant('interim' as const),
        text: fc.constantFrom('a', 'a latte', 'A latte.', 'a mocha', ''),
      }),
      fc.record({ kind: fc.constant('final' as const), text: fc.constantFrom('a latte', 'a mocha', '', 'no') }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const session = new Session(true, { drafts: true });
        let standing: string | undefined;
        for (const one of steps) {
          const before = session.actions.length;
          if (one.kind === 'speak') session.speak(one.ms);
          else if (one.kind === 'pause') session.pause(one.ms);
          else if (one.kind === 'interim') session.interim(one.text);
          else session.final(one.text);
          for (const action of session.actions.slice(before)) {
            if (action.kind === 'draft') {
              // No second one to words that mean the same.
              if (standing !== undefined) expect(meansTheSame(standing, action.draft.text)).toBe(false);
              standing = action.draft.text;
            } else if (action.kind === 'undraft' || action.kind === 'end') {
              standing = undefined;
            } else if (action.kind === 'commit' && standing !== undefined) {
              expect(meansTheSame(standing, action.turn.text)).toBe(true);
            }
          }
        }
      }),
      { numRuns: 300 },
    );
  });
});
