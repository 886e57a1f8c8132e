import { expect, it } from 'vitest';
import { FINALIZE_TIMEOUT_MS } from '../../../agent/turn/listener.js';
import { Session } from './session.js';

const FIRST = { provider: 'first', model: 'a' };
const SECOND = { provider: 'second', model: 'b' };

function interim(session: Session, text: string, by: typeof FIRST): void {
  session.take({ kind: 'interim', atMs: session.nowMs, words: session.words(text), by });
}

function final(session: Session, text: string, by: typeof FIRST | undefined): void {
  const { nowMs: atMs } = session;
  const words = session.words(text);
  session.take({ kind: 'final', atMs, words, confidence: 0.9, isAnswer: true, coveredUntilMs: atMs, by });
}

it('is heard by who told its last final, whoever told words before', () => {
  const session = new Session();
  session.speak(960);
  interim(session, 'a large', FIRST);
  session.pause(256);
  final(session, 'a large latte', SECOND);
  // Nothing new, and of nobody.
  final(session, '', undefined);
  session.score(0.9);
  session.pause(640);
  expect(session.committed()).toMatchObject([{ text: 'a large latte', heardBy: SECOND }]);
});

it('is heard by who told its words where no final ever came', () => {
  const session = new Session();
  session.speak(960);
  interim(session, 'a latte', SECOND);
  interim(session, '', FIRST);
  interim(session, 'a latte', SECOND);
  session.pause(FINALIZE_TIMEOUT_MS + 320);
  expect(session.committed()).toMatchObject([{ text: 'a latte', heardBy: SECOND }]);
});

it('keeps who told its final, whoever tells words behind it', () => {
  const session = new Session();
  session.speak(960);
  final(session, 'a latte', SECOND);
  interim(session, 'please', FIRST);
  session.pause(FINALIZE_TIMEOUT_MS + 320);
  expect(session.committed()).toMatchObject([{ text: 'a latte please', heardBy: SECOND }]);
});

it('is heard by nobody where nobody told any', () => {
  const session = new Session();
  session.speak(960);
  session.interim('a latte');
  session.pause(FINALIZE_TIMEOUT_MS + 320);
  expect(session.committed()[0]?.heardBy).toBeUndefined();
});
