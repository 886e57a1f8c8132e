import { describe, expect, it, vi } from 'vitest';
import { PROFILES, withoutTechniques } from '../../../agent/config/profiles.js';
import { systemClock } from '../../../agent/conversation/clock.js';
import { Fillers } from '../../../agent/conversation/fillers.js';
import { PhraseCache } from '../../../agent/phrases/phrase-cache.js';
import { wordingFor } from '../../../agent/phrases/wording.js';
import { KEY, temporaryFolder } from '../phrases/support.js';
import { FAST, hearDraft, order, scriptedDrafts } from '../reply/drafting-call.js';

const LATTE = 'One large latte, coming up.';
const WORDING = wordingFor('en');
const IN_TIME_MS = 60_000;

const drafting = scriptedDrafts();

/** A call whose phrases sound 50 ms a character, in a cache of their own. */
async function start(
  call: string,
  timing: object,
  { profile = PROFILES.excellent, prepared = WORDING.fillers.late, laterMs = 0 } = {},
) {
  await drafting.providers.script({ call, replies: [{ text: LATTE }], timing: { ...FAST, ...timing } });
  const phrases = await PhraseCache.open(await temporaryFolder(), KEY);
  for (const text of [...prepared, ...WORDING.fillers.tool]) {
    const samples = new Int16Array((text.length * 50 * KEY.sampleRateHz) / 1_000).fill(900);
    await phrases.add(text, async () => ({ samples, words: [] }));
  }
  const { drafts } = drafting.open(call);
  const clock = { nowMs: () => systemClock.nowMs() + laterMs };
  return { drafts, fillers: new Fillers({ profile, wording: WORDING, phrases, drafts, clock }) };
}

describe('a caller whose answer is late', () => {
  it('is told to wait, by a short phrase, while nothing tells how long it will take', async () => {
    // Later than models are of which nothing is known yet.
    const { drafts, fillers } = await start('late', { llmTtft: 900 }, { laterMs: 450 });
    const draft = drafts.take(order('a large latte'), undefined, () => undefined);
    expect(fillers.fillReply(systemClock.nowMs() + IN_TIME_MS)).toEqual({ kind: 'told', reason: 'answer' });
    expect((await hearDraft(draft)).text).toBe(`Just a second. ${LATTE}`);
  });

  it('is not, while its sound is being made: not before that is late, or the caller has waited long enough', async () => {
    const { drafts, fillers } = await start('made', { ttsTtfb: 3_000 });
    const draft = drafts.take(order('a large latte'), undefined, () => undefined);
    await vi.waitFor(() => expect(drafts.awaited.progress.voiceAskedAtMs).toBeGreaterThan(0));
    const askedAtMs = drafts.awaited.progress.voiceAskedAtMs ?? Number.NaN;
    const held = fillers.fillReply(askedAtMs + IN_TIME_MS);
    // Usual before any sound is known: 250 ms, and as much again.
    expect(held).toEqual({ kind: 'held', untilMs: askedAtMs + 600 });
    expect(fillers.fillReply(systemClock.nowMs())).toEqual({ kind: 'told', reason: 'voice' });
    await draft.cancel();
  });

  it('hears phrases in turn, rather a longer one than the same again', async () => {
    const { drafts, fillers } = await start(
      'turns',
      { llmTtft: 5_000 },
      { prepared: ['One moment.', 'Bear with me for a second.'] },
    );
    const text: string[] = [];
    for (const said of ['one', 'two', 'three']) {
      const draft = drafts.take(order(said), undefined, () => undefined);
      fillers.fillReply(systemClock.nowMs());
      text.push(draft.text);
      await draft.cancel();
    }
    expect(text).toEqual(['One moment. ', 'Bear with me for a second. ', 'One moment. ']);
  });

  it('hears nothing of the kind where no reply is under way, nothing is ready to be said, or it is switched off', async () => {
    const { fillers } = await start('none', {});
    expect(fillers.fillReply(systemClock.nowMs())).toBeUndefined();
    const unready = await start('unready', {}, { prepared: [] });
    unready.drafts.take(order('a large latte'), undefined, () => undefined);
    expect(unready.fillers.fillReply(systemClock.nowMs())).toBeUndefined();
    const off = await start('off', {}, { profile: withoutTechniques(PROFILES.excellent, ['fillers']) });
    off.drafts.take(order('a large latte'), undefined, () => undefined);
    expect(off.fillers.fillReply(systemClock.nowMs())).toBeUndefined();
    expect(off.fillers.ofTool()).toBeUndefined();
  });
});

describe('a caller whose tool is slow', () => {
  it('hears another phrase each time', async () => {
    const { fillers } = await start('tool', {});
    expect([fillers.ofTool(), fillers.ofTool(), fillers.ofTool()]).toEqual(WORDING.fillers.tool);
  });
});
