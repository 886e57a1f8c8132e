import { describe, expect, it, vi } from 'vitest';
import { VoiceError } from '../../../agent/providers/voice.js';
import { emotionsOf } from '../../../agent/turn/emotion.js';
import { ManualClock } from '../../local-providers/manual-clock.js';
import { startScripted } from '../../local-providers/support.js';
import { ALL_ON, FAST, hear, say, scriptedVoices, startVoice, TEXT, toMs, WORDS } from './voice-support.js';

const engine = scriptedVoices();
const { start, script, tts } = engine;

/** Runs as time does, and further where it is told to. */
function skippingClock() {
  let skippedMs = 0;
  const clock = { nowMs: () => performance.now() + skippedMs };
  return {
    clock,
    skip: (ms: number) => {
      skippedMs += ms;
    },
  };
}

describe('the voice', () => {
  it('says the pieces of a text letter for letter, in one context, with the times of its words', async () => {
    await script('plain');
    const { voice, errors, counts } = start(['plain']);
    const heard = await say(voice, 'One large latte, ', 'with oat milk. ', 'It costs $4.50; anything else? ');
    expect(heard.error).toBeUndefined();
    expect(heard.words).toEqual(WORDS);
    expect(heard.endsMs).toEqual(heard.endsMs.toSorted((a, b) => a - b));
    expect(toMs(heard.samples)).toBeCloseTo(TEXT.length * 5, 0);
    expect(await tts('plain')).toMatchObject({
      connections: 1,
      requests: 1,
      completed: 1,
      charactersReceived: TEXT.length,
    });
    expect(counts).toMatchObject({
      'tts_characters_total one sonic-3': TEXT.length,
    });
    expect(errors).toEqual([]);
  });

  it('gives sound on as it comes, before the text is complete', async () => {
    await script('early');
    const { voice } = start(['early']);
    const utterance = voice.open();
    utterance.push('One large latte, ');
    for await (const { samples } of utterance.chunks) {
      expect(samples.length).toBeGreaterThan(0);
      break;
    }
    // Whoever stops reading has cancelled.
    await vi.waitFor(async () => expect(await tts('early')).toMatchObject({ cancelled: 1 }));
  });

  it('warms one socket, and says one utterance after the other, and two at once, over it', async () => {
    await script('shared');
    const { voice, counts } = start(['shared']);
    voice.warm();
    voice.warm();
    await vi.waitFor(async () => expect(await tts('shared')).toMatchObject({ connections: 1 }));
    expect((await say(voice, 'The first one.')).words).toEqual(['The', 'first', 'one.']);
    const both = await Promise.all([say(voice, 'Left says this.'), say(voice, 'And right says that.')]);
    expect(both.map(({ words }) => words.join(' '))).toEqual(['Left says this.', 'And right says that.']);
    expect(await tts('shared')).toMatchObject({ connections: 1, requests: 3, completed: 3 });
    expect(counts).toMatchObject({ 'provider_connections_total one true': 3 });
  });

  it('counts an utterance that had to wait for its socket', async () => {
    await script('cold');
    const { voice, counts } = start(['cold']);
    await say(voice, 'Hello there.');
    expect(counts).toMatchObject({ 'provider_connections_total one false': 1 });
  });

  it('tells the synthesiser of a cancel, and keeps the socket', async () => {
    await script('cancelled', [], { ttsCharactersPerSecond: 15 });
    const { voice, errors } = start(['cancelled']);
    const utterance = voice.open();
    utterance.push(TEXT);
    const heard = hear(utterance);
    await vi.waitFor(async () => expect(await tts('cancelled')).toMatchObject({ requests: 1 }));
    utterance.cancel();
    utterance.push('Nothing more.');
    expect((await heard).error).toBeUndefined();
    expect(utterance.charactersSent).toBe(TEXT.length);
    expect((await say(voice, 'Still here.')).words).toEqual(['Still', 'here.']);
    const counters = await tts('cancelled');
    expect(counters).toMatchObject({ connections: 1, requests: 2, cancelled: 1, aborted: 0, completed: 1 });
    expect(counters.charactersReceived).toBe(TEXT.length + 'Still here.'.length);
    expect(errors).toEqual([]);
  });

  it('sends nothing for a text with nothing to say, and nothing twice', async () => {
    await script('nothing');
    const { voice } = start(['nothing']);
    expect(await say(voice)).toMatchObject({ words: [], error: undefined });
    expect(await say(voice, ' … ', '!')).toMatchObject({ words: [], error: undefined });
    expect((await say(voice, '"', 'Yes', '." ')).words.join('')).toContain('Yes');
    expect((await tts('nothing')).charactersReceived).toBe('"Yes." '.length);
  });

  it('leaves silence before the voice out and moves the words with it', async () => {
    await script('silent', [], { ttsLeadingSilenceMs: 200 });
    const { voice } = start(['silent']);
    const { voice: untrimmed } = start(['silent'], { trimsSilence: false });
    const [cut, whole] = [await say(voice, 'Hello there.'), await say(untrimmed, 'Hello there.')];
    // The scripted voice begins with a fade: one window of it may pass for silence.
    const saved = toMs(whole.samples) - toMs(cut.samples);
    expect(saved).toBeGreaterThanOrEqual(185);
    expect(saved).toBeLessThanOrEqual(190);
    expect((whole.endsMs[0] ?? 0) - (cut.endsMs[0] ?? 0)).toBeCloseTo(saved, 0);
  });

  it('takes the next piece to a fresh context when the vendor has forgotten the first', async () => {
    await script('forgotten');
    const { clock, skip } = skippingClock();
    const { voice } = start(['forgotten'], { clock });
    const utterance = voice.open();
    const heard = hear(utterance);
    utterance.push('Let me see. ');
    await vi.waitFor(async () => expect((await tts('forgotten')).audioMs).toBeCloseTo(60, 0));
    await new Promise((resolve) => setImmediate(resolve));
    skip(900);
    utterance.push('It is four dollars.');
    utterance.end();
    expect((await heard).words.join(' ')).toBe('Let me see. It is four dollars.');
    expect(await tts('forgotten')).toMatchObject({ requests: 2, connections: 1 });
  });

  it('says all of a text that comes slowly, however often its context is forgotten', async () => {
    await script('slow');
    const { clock, skip } = skippingClock();
    const { voice } = start(['slow'], { clock });
    const utterance = voice.open();
    const words: string[] = [];
    const heard = (async () => {
      for await (const chunk of utterance.chunks) words.push(...chunk.words.map(({ word }) => word));
    })();
    const pieces = Array.from({ length: 20 }, (_, index) => `Item ${index + 1}. `);
    for (const [index, piece] of pieces.entries()) {
      utterance.push(piece);
      await vi.waitFor(() => expect(words).toHaveLength(2 * (index + 1)));
      skip(900);
    }
    utterance.end();
    await heard;
    expect(words.join(' ')).toBe(pieces.join('').trim());
    expect((await tts('slow')).requests).toBeGreaterThan(12);
  });
});

describe('the emotion of the voice', () => {
  const full = { emotionOf: emotionsOf('full', 'content') };

  it('is asked for in each context, by how its text begins', async () => {
    await script('moved');
    const { voice } = start(['moved'], full);
    await say(voice, 'One large latte. ', 'Sorry, no oat milk.');
    await say(voice, 'Sorry, ', 'we are closed.');
    expect((await tts('moved')).emotions).toEqual({ content: 1, apologetic: 1 });
  });

  it('is not asked for where there is none', async () => {
    await script('unmoved');
    const { voice } = start(['unmoved']);
    await say(voice, 'Sorry, we are closed.');
    expect(await tts('unmoved')).toMatchObject({ requests: 1, emotions: {} });
  });

  it('stays the same when another provider goes on with the text', async () => {
    await script('ill', [{ kind: 'drop', afterItems: 2 }]);
    await script('well');
    const { voice } = start(['ill', 'well'], full);
    const heard = await say(voice, 'Sorry, one large latte. ', 'It costs $4.50; anything else?');
    expect(heard.error).toBeUndefined();
    expect((await tts('well')).emotions).toEqual({ apologetic: 1 });
  });
});

describe('a context that the vendor ends by itself', () => {
  it('is followed by another when more text comes', async () => {
    const clock = new ManualClock();
    const idle = await startScripted({ clock });
    await idle.script({ call: 'idle', timing: FAST });
    const { voice, errors } = startVoice(idle, ['idle']);
    const utterance = voice.open();
    const heard = hear(utterance);
    const until = async (isSo: () => Promise<boolean>) => {
      for (let tries = 0; tries < 200 && !(await isSo()); tries += 1) await clock.advance(5);
      expect(await isSo()).toBe(true);
    };
    utterance.push('Let me see. ');
    await until(async () => (await idle.counters('idle')).tts.audioMs >= 60);
    await clock.advance(60_001);
    await until(async () => (await idle.counters('idle')).tts.completed === 1);
    utterance.push('It is four dollars.');
    utterance.end();
    await until(async () => (await idle.counters('idle')).tts.completed === 2);
    expect((await heard).words.join(' ')).toBe('Let me see. It is four dollars.');
    expect(errors).toEqual([]);
    await voice.close();
    const closing = idle.close();
    await clock.advance(1_000);
    await closing;
  });
});

describe('a synthesiser that fails before the first sound', () => {
  it.each([
    ['429 with done', { kind: 'status', status: 429, nth: [1] }, 'one status'],
    ['500', { kind: 'status', status: 500, nth: [1] }, 'one status'],
    ['a dropped socket', { kind: 'drop', nth: [1] }, 'one closed'],
    ['a refused socket', { kind: 'refuse', nth: [1] }, 'one connect'],
    ['a refused handshake', { kind: 'status', on: 'connection', status: 503, nth: [1] }, 'one status'],
  ])('is asked once more after %s', async (name, fault, error) => {
    const call = `again-${name.replaceAll(' ', '-')}`;
    await script(call, [fault]);
    const { voice, errors, counts } = start([call]);
    const heard = await say(voice, TEXT);
    expect(heard.words).toEqual(WORDS);
    expect(errors).toEqual([error]);
    expect(counts).toMatchObject({ 'failovers_total tts': 1 });
  });

  it('is left for the next one', async () => {
    await script('bad', [{ kind: 'status', status: 402 }]);
    await script('good');
    const { voice, errors } = start(['bad', 'good']);
    const signs: string[] = [];
    const askedAtMs: number[] = [];
    const utterance = voice.open({
      onSign: (sign, of) => {
        signs.push(`${sign} ${of.provider} ${of.model}`);
        askedAtMs.push(of.askedAtMs);
      },
    });
    const firstAskedAtMs = performance.now();
    utterance.push(TEXT);
    utterance.end();
    expect((await hear(utterance)).words).toEqual(WORDS);
    expect(signs).toEqual(['byte two sonic-3', 'audible two sonic-3']);
    expect(askedAtMs[0]).toBeGreaterThan(firstAskedAtMs + 1);
    expect(askedAtMs[1]).toBe(askedAtMs[0]);
    expect(errors).toEqual(['one status']);
    expect(await tts('good')).toMatchObject({ completed: 1, charactersReceived: TEXT.length });
  });

  it('is not mute: the error is thrown', async () => {
    await script('mute', [{ kind: 'status', status: 429 }]);
    const { voice } = start(['mute']);
    const heard = await say(voice, TEXT);
    expect(heard.error).toBeInstanceOf(VoiceError);
    expect(heard.error).toMatchObject({ soundedCharacters: 0 });
    expect(String(heard.error)).not.toContain('latte');
    expect(await tts('mute')).toMatchObject({ requests: 2 });
  });

  it('is not asked again where fallback is off', async () => {
    await script('alone', [{ kind: 'status', status: 500 }]);
    const { voice } = start(['alone'], { switches: { ...ALL_ON, fallback: false } });
    expect((await say(voice, TEXT)).error).toBeInstanceOf(VoiceError);
    expect(await tts('alone')).toMatchObject({ requests: 1 });
  });

  it('survives a message that is none', async () => {
    await script('garbage', [{ kind: 'garbage', nth: [1] }]);
    const { voice, errors } = start(['garbage']);
    expect((await say(voice, TEXT)).words).toEqual(WORDS);
    expect(errors).toEqual(['one protocol']);
  });

  it('is left alone by the breaker, then tried with one utterance', async () => {
    await script('broken', [{ kind: 'status', status: 500, nth: [1, 2, 3, 4] }]);
    let nowMs = 0;
    const { voice, counts } = start(['broken'], { clock: { nowMs: () => performance.now() + nowMs } });
    expect((await say(voice, TEXT)).error).toBeInstanceOf(VoiceError);
    expect((await say(voice, TEXT)).error).toBeInstanceOf(VoiceError);
    const asked = (await tts('broken')).requests;
    expect(asked).toBe(3);
    expect((await say(voice, TEXT)).error).toBeInstanceOf(VoiceError);
    expect((await tts('broken')).requests).toBe(asked);
    nowMs = 1_100;
    await say(voice, TEXT);
    nowMs = 5_000;
    expect((await say(voice, TEXT)).words).toEqual(WORDS);
    expect(counts).toMatchObject({
      'breaker_transitions_total tts open': 2,
      'breaker_transitions_total tts half-open': 2,
      'breaker_transitions_total tts closed': 1,
    });
  });
});

describe('a first synthesiser that is down', () => {
  it('is not asked any more while its breaker is open, and nobody waits for it', async () => {
    await script('down', [{ kind: 'status', status: 401 }]);
    await script('up');
    const { voice, counts } = start(['down', 'up']);
    for (let turn = 0; turn < 5; turn += 1) expect((await say(voice, TEXT)).words).toEqual(WORDS);
    expect((await tts('down')).requests).toBe(3);
    expect(counts).toMatchObject({ 'failovers_total tts': 3, 'breaker_transitions_total tts open': 1 });
  });
});

describe('a synthesiser that fails in the middle', () => {
  it.each([
    ['drop', 1],
    ['drop', 2],
    ['drop', 4],
    ['status', 3],
  ])('loses and repeats no word (%s after %i chunks)', async (kind, afterItems) => {
    const call = `middle-${kind}-${afterItems}`;
    await script(call, [{ kind, afterItems, status: 500, nth: [1] }], { ttsCharactersPerSecond: 50 });
    const { voice, errors, counts } = start([call]);
    const utterance = voice.open();
    utterance.push(TEXT);
    utterance.end();
    const heard = await hear(utterance);
    expect(heard.error).toBeUndefined();
    expect(heard.words).toEqual(WORDS);
    expect(heard.endsMs).toEqual(heard.endsMs.toSorted((a, b) => a - b));
    expect(errors).toEqual([kind === 'drop' ? 'one closed' : 'one status']);
    expect(counts).toMatchObject({ 'failovers_total tts': 1 });
    const { charactersReceived } = await tts(call);
    expect(utterance.charactersSent).toBe(charactersReceived);
    expect(charactersReceived).toBeLessThan(2 * TEXT.length);
  });

  it('is left for the next one, which says only the rest', async () => {
    await script('half', [{ kind: 'drop', afterItems: 3 }], { ttsCharactersPerSecond: 50 });
    await script('rest', [], { ttsCharactersPerSecond: 50 });
    const { voice } = start(['half', 'rest']);
    const heard = await say(voice, TEXT);
    expect(heard.words).toEqual(WORDS);
    const { charactersReceived } = await tts('rest');
    expect(charactersReceived).toBeLessThan(TEXT.length);
    expect(TEXT.slice(-charactersReceived)).toMatch(/^\S/);
  });

  it('gives the sound that there is when nobody can say the rest', async () => {
    await script('hopeless', [{ kind: 'drop', afterItems: 2 }], { ttsCharactersPerSecond: 50 });
    const { voice } = start(['hopeless']);
    const heard = await say(voice, TEXT);
    expect(heard.words.length).toBeGreaterThan(0);
    // Every word whose sound came, and nothing behind it.
    const sounded = `${heard.words.join(' ')} `;
    expect(heard.error).toMatchObject({ code: 'VOICE_FAILED', soundedCharacters: sounded.length });
    expect(TEXT.startsWith(sounded)).toBe(true);
  });

  it('takes up text that is pushed after the failure', async () => {
    await script('later', [{ kind: 'drop', afterItems: 2, nth: [1] }], { ttsCharactersPerSecond: 50 });
    const { voice, errors } = start(['later']);
    const utterance = voice.open();
    const heard = hear(utterance);
    utterance.push('One large latte, with oat milk. ');
    await vi.waitFor(() => expect(errors).toEqual(['one closed']));
    utterance.push('It costs $4.50; anything else? ');
    utterance.end();
    expect((await heard).words).toEqual(WORDS);
  });
});
