import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../../agent/config/profiles.js';
import { pauseFacts } from '../../../agent/turn/pending-wait.js';
import { Session } from './session.js';

/** A call in which "a large latte" was committed, and the reply is on its way. */
function awaiting(isInterruptible = true): Session {
  const session = new Session(isInterruptible);
  session.speak(640);
  session.pause(256);
  session.final('a large latte');
  session.score(0.9);
  session.pause(640);
  expect(session.committed()).toHaveLength(1);
  session.agent('replying');
  return session;
}

/** A call in which the reply to it has sounded for so long. */
function answered(soundedForMs: number, isInterruptible = true): Session {
  const session = awaiting(isInterruptible);
  session.agent('speaking');
  session.pause(soundedForMs);
  return session;
}

function goOn(session: Session, text: string): void {
  session.speak(800);
  session.interim(text);
  session.agent('idle');
  session.pause(256);
  session.final(text);
  session.score(0.9);
  session.pause(960);
}

describe('who goes on within a second of the first sound', () => {
  it('was answered too early: both halves are one turn', () => {
    const session = answered(320);
    goOn(session, 'with oat milk');
    expect(session.committed().at(-1)).toMatchObject({
      text: 'a large latte with oat milk',
      speechStartedAtMs: 0,
      continues: true,
      wasPremature: true,
    });
  });

  it('is waited for longer from then on', () => {
    const session = answered(320);
    goOn(session, 'with oat milk');
    expect(session.listener.speaker.patienceMs).toBeGreaterThan(0);
    const [first, second] = session.committed();
    expect(second?.wait.contributions.patience).toBeGreaterThan(0);
    expect(first?.wait.contributions.patience).toBeUndefined();
  });

  it('only stops the agent when a mere stop is said', () => {
    const session = answered(320);
    goOn(session, 'stop');
    expect(session.committed().at(-1)).toMatchObject({ text: 'stop', continues: false });
  });

  it('takes a turn of their own when the agent has spoken for longer', () => {
    const session = answered(1_600);
    goOn(session, 'make that two');
    expect(session.committed().at(-1)).toMatchObject({ text: 'make that two', continues: false, wasPremature: false });
  });

  it('continues a reply that has no sound yet, too, but nobody was cut short by it', () => {
    const session = awaiting();
    goOn(session, 'with oat milk');
    expect(session.committed().at(-1)).toMatchObject({
      text: 'a large latte with oat milk',
      continues: true,
      wasPremature: false,
    });
    expect(session.listener.speaker.patienceMs).toBe(0);
  });

  it('was cut short where the answer began to sound into the second half', () => {
    const session = awaiting();
    session.speak(96);
    session.agent('speaking');
    goOn(session, 'with oat milk');
    expect(session.committed().at(-1)).toMatchObject({ continues: true, wasPremature: true });
    expect(session.listener.speaker.patienceMs).toBeGreaterThan(0);
  });

  it('still answers what was asked before the first half', () => {
    const session = new Session();
    session.take({ kind: 'asked', atMs: 0, question: 'phone' });
    session.speak(640);
    session.pause(256);
    session.final('five five five');
    session.score(0.9);
    session.pause(1_280);
    expect(session.committed()).toHaveLength(1);
    session.agent('replying');
    session.agent('speaking');
    session.speak(800);
    session.interim('oh one two');
    session.agent('idle');
    session.pause(256);
    const { listener } = session;
    expect(listener.turn && pauseFacts(listener, listener.turn, 'en-US')).toMatchObject({ question: 'phone' });
  });
});

describe('an overlap is known by its onset for what', () => {
  const ducks = (session: Session) =>
    session.actions.flatMap((action) => (action.kind === 'duck' ? [action.mayContinue] : []));

  it.each([
    [896, true],
    [1_024, false],
  ])('may go on with the turn before, %i ms into the answer to it: %s', (soundedForMs, mayContinue) => {
    const session = answered(soundedForMs);
    goOn(session, 'with oat milk');
    expect(ducks(session)).toEqual([mayContinue]);
    expect(session.committed().at(-1)?.continues).toBe(mayContinue);
  });

  it('may not go on with what is over', () => {
    const session = new Session();
    session.agent('speaking');
    session.speak(320);
    expect(ducks(session)).toEqual([false]);
  });
});

describe('the voice under an overlap', () => {
  it('is turned down, then silenced while voice goes on, and goes on after a backchannel', () => {
    const session = answered(2_000);
    const before = session.actions.length;
    session.speak(384);
    session.interim('mm-hm');
    session.pause(640);
    const kinds = session.kinds().slice(before);
    expect(kinds.filter((kind) => ['duck', 'hush', 'unduck'].includes(kind))).toEqual(['duck', 'hush', 'unduck']);
    expect(session.actions.slice(before)).toContainEqual(
      expect.objectContaining({ kind: 'judged', verdict: 'backchannel' }),
    );
  });

  it('goes on through a short noise without being silenced', () => {
    const session = answered(2_000);
    const before = session.actions.length;
    session.speak(128);
    session.pause(960);
    expect(session.kinds().slice(before)).not.toContain('hush');
    expect(session.kinds().slice(before)).toContain('unduck');
  });

  it('is never silenced where callers may not interrupt', () => {
    const session = answered(2_000, false);
    session.speak(960);
    expect(session.kinds()).not.toContain('hush');
  });

  it('stops for a stop, however short', () => {
    const session = answered(2_000);
    const before = session.actions.length;
    session.speak(192);
    session.interim('stop');
    expect(session.actions.slice(before)).toContainEqual(
      expect.objectContaining({ kind: 'judged', verdict: 'interruption' }),
    );
  });

  it('gives way to voice that goes on after what was dismissed', () => {
    const session = answered(2_000);
    session.agent('speaking');
    session.speak(256);
    session.interim('yeah');
    session.pause(320);
    const before = session.actions.length;
    session.speak(1_600);
    expect(session.actions.slice(before)).toContainEqual(
      expect.objectContaining({ kind: 'judged', verdict: 'interruption' }),
    );
  });
});

describe("the agent's own echo", () => {
  const REPLY = 'That is one large latte with oat milk, coming to four dollars and fifty cents in all.';
  const verdicts = (session: Session) =>
    session.actions.flatMap((action) => (action.kind === 'judged' ? [action.verdict] : []));

  it('that goes on after it was dismissed is still one', () => {
    const session = answered(2_000);
    session.agent('speaking', REPLY);
    session.hear(0.9, 1_280, { echo: 0.95 });
    expect(verdicts(session)).toEqual(['echo']);
    // A window without voice, at the very moment at which what goes on is looked at again.
    session.hear(0.9, 416, { echo: 0.95 });
    session.hear(0.1, 64);
    session.hear(0.9, 1_280, { echo: 0.95 });
    expect(new Set(verdicts(session))).toEqual(new Set(['echo']));
    // Nor is the agent turned down for it once more.
    expect(session.kinds().filter((kind) => kind === 'duck')).toHaveLength(1);
  });

  it('is known by its sound where its words come late and misheard', () => {
    const session = answered(2_000);
    session.agent('speaking', REPLY);
    session.hear(0.9, 1_280, { echo: 0.95 });
    session.hear(0.9, 320, { echo: 0.95 });
    const words = ['coming', 'two', 'for', 'dollars'].map((text, index) => ({
      text,
      fromMs: session.nowMs - 300 + 60 * index,
      untilMs: session.nowMs - 240 + 60 * index,
    }));
    session.take({ kind: 'interim', atMs: session.nowMs, words });
    session.hear(0.9, 640, { echo: 0.95 });
    expect(new Set(verdicts(session))).toEqual(new Set(['echo']));
  });

  it('is known by the words that its reply came to have behind its opening', () => {
    const session = answered(2_000);
    session.agent('speaking', 'Sure, ');
    session.hear(0.9, 320, { echo: 0.6 });
    session.agent('speaking', `Sure, ${REPLY}`);
    session.interim('sure that is one');
    session.hear(0.9, 960, { echo: 0.6 });
    expect(verdicts(session)).toEqual(['echo']);
  });

  it('teaches nothing of how the caller pauses, nor where their next words end', () => {
    const session = answered(2_000);
    const { speaker } = session.listener;
    session.agent('speaking', REPLY);
    session.hear(0.9, 320, { echo: 0.95, levelsDb: [-8, -8] });
    session.hear(0.02, 320);
    session.hear(0.9, 640, { echo: 0.95, levelsDb: [-8, -8] });
    session.hear(0.02, 1_280);
    expect(verdicts(session)).toEqual(['echo']);
    expect(session.listener.speaker).toEqual(speaker);
    session.agent('idle');
    session.hear(0.9, 960, { levelsDb: [-45, -45] });
    session.pause(256);
    session.final('a muffin');
    session.pause(960);
    const [, committed] = session.committed();
    expect(committed?.spokenUntilMs).toBe(committed?.speechEndedAtMs);
  });
});

describe('what was taken for something else', () => {
  it('answers the first half after all when words that stopped the answer are taken back', () => {
    const session = answered(320);
    session.speak(192);
    session.interim('no');
    session.agent('idle');
    session.pause(256);
    session.final('');
    session.pause(960);
    expect(session.committed().at(-1)).toMatchObject({ text: 'a large latte', continues: true, wasPremature: false });
  });

  it('says that it missed something when a reply was stopped for words that were none', () => {
    const session = answered(2_000);
    session.speak(192);
    session.interim('stop');
    session.agent('idle');
    session.pause(256);
    session.final('');
    session.pause(960);
    expect(session.kinds().slice(-2)).toEqual(['end', 'missed']);
  });

  it('is an answer when "yes" fell on the last word of a question', () => {
    const session = answered(2_000);
    session.take({ kind: 'asked', atMs: session.nowMs, question: 'yesno' });
    session.speak(256);
    session.interim('yes');
    session.pause(288);
    session.final('yes', { untilMs: session.nowMs - 288 });
    session.pause(64);
    session.take({ kind: 'asked', atMs: session.nowMs, question: 'yesno' });
    session.agent('idle');
    session.pause(640);
    expect(session.committed().map((turn) => turn.text)).toEqual(['a large latte', 'yes']);
  });

  it('stays a sign of listening when nothing was asked', () => {
    const session = answered(2_000);
    session.speak(256);
    session.interim('okay');
    session.pause(288);
    session.final('okay', { untilMs: session.nowMs - 288 });
    session.agent('idle');
    session.pause(960);
    expect(session.committed()).toHaveLength(1);
  });

  it("is no turn when it is the agent's own last words come back", () => {
    const session = answered(2_000);
    session.take({
      kind: 'agent',
      atMs: session.nowMs,
      phase: 'speaking',
      text: 'Would you like whole milk with that today?',
    });
    session.speak(512);
    session.interim('would you like whole milk with that today');
    session.agent('idle');
    session.pause(960);
    session.final('would you like whole milk with that today', { untilMs: session.nowMs - 960 });
    session.pause(960);
    expect(session.committed()).toHaveLength(1);
  });

  it('continues nothing once something was typed', () => {
    const session = answered(320);
    session.take({ kind: 'typed', atMs: session.nowMs });
    goOn(session, 'and a muffin');
    expect(session.committed().at(-1)).toMatchObject({ text: 'and a muffin', continues: false });
  });
});

describe('what is typed', () => {
  const type = (session: Session) => session.take({ kind: 'typed', atMs: session.nowMs });

  it('is answered although somebody speaks, whose words are dealt with', () => {
    const session = new Session();
    session.speak(960);
    session.interim('and now the weather');
    type(session);
    // Without the end the framework would hold the answer back.
    expect(session.kinds().slice(-1)).toEqual(['end']);
    session.pause(256);
    session.final('and now the weather', { untilMs: session.nowMs - 256 });
    session.pause(2_000);
    expect(session.committed()).toEqual([]);
  });

  it('has what goes on beside it judged like any overlap', () => {
    const session = new Session();
    session.speak(960);
    type(session);
    session.agent('replying');
    session.agent('speaking');
    session.speak(640);
    expect(session.kinds()).toContain('duck');
    session.interim('stop');
    expect(session.kinds()).toContain('judged');
  });

  it('leaves no voice turned down where an overlap was being judged', () => {
    const session = answered(2_000);
    session.speak(96);
    expect(session.kinds().at(-1)).toBe('duck');
    type(session);
    expect(session.kinds().at(-1)).toBe('unduck');
  });
});

describe('a call that goes wrong', () => {
  it('has no memory that grows in twenty minutes of silence', () => {
    const session = new Session();
    session.pause(60_000);
    const size = JSON.stringify(session.listener).length;
    session.pause(20 * 60_000);
    expect(JSON.stringify(session.listener).length).toBeLessThan(size * 1.2);
    expect(session.actions).toEqual([]);
  });

  it('keeps a bounded turn of twenty minutes of babble, and still ends it', () => {
    const session = new Session();
    for (let second = 0; second < 20 * 60; second++) {
      session.speak(1_000);
      session.final(`one two three word${second}`, { isAnswer: false });
    }
    expect(JSON.stringify(session.listener).length).toBeLessThan(200_000);
    session.pause(256);
    session.final('');
    session.pause(PROFILES.good.endpointing.maxSilenceMs);
    expect(session.committed()).toHaveLength(1);
  });

  it('lets nothing without an instant in', () => {
    const session = new Session();
    const before = session.listener;
    for (const atMs of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      session.take({ kind: 'window', atMs, probability: 1 });
      session.take({ kind: 'interim', atMs, words: [{ text: 'a', untilMs: 0 }] });
      session.take({ kind: 'time', atMs });
    }
    expect(session.listener).toBe(before);
  });

  it('commits within the longest wait when its clock has jumped back or far ahead', () => {
    for (const jumpMs of [-5_000, 3_600_000]) {
      const session = new Session();
      session.speak(960);
      session.pause(256);
      session.final('a large latte');
      session.nowMs += jumpMs;
      session.pause(6_000 + PROFILES.good.endpointing.maxSilenceMs);
      expect(session.committed()).toMatchObject([{ text: 'a large latte' }]);
      expect(session.committed()[0]?.wait.waitMs).toBeLessThanOrEqual(PROFILES.good.endpointing.maxSilenceMs);
    }
  });

  it('weighs no score that is none, late, or of another pause', () => {
    const session = new Session();
    session.speak(960);
    session.pause(128);
    session.take({ kind: 'score', atMs: session.nowMs, pauseAtMs: 960, probability: Number.NaN });
    session.take({ kind: 'score', atMs: session.nowMs, pauseAtMs: 12, probability: 0.9 });
    expect(session.listener.turn?.scores).toEqual([]);
    for (let i = 0; i < 20; i++) session.take({ kind: 'score', atMs: session.nowMs, pauseAtMs: 960, probability: 0.5 });
    expect(session.listener.turn?.scores.length).toBeLessThanOrEqual(4);
  });
});
