import { describe, expect, it } from 'vitest';
import { VoiceSound } from '../../../agent/providers/voice-sound.js';

const RATE_HZ = 24_000;
const inSamples = (ms: number) => (ms * RATE_HZ) / 1_000;
const loud = (ms: number) => new Int16Array(inSamples(ms)).fill(4_000);
const silent = (ms: number) => new Int16Array(inSamples(ms));

describe('the sound of one attempt', () => {
  it('names each word with the sound that holds its end', () => {
    const sound = new VoiceSound(true);
    sound.noteWords([
      { word: 'one', endMs: 90 },
      { word: 'latte', endMs: 250 },
    ]);
    expect(sound.take(loud(100), 1_000)?.words).toEqual([{ word: 'one', endMs: 1_090 }]);
    expect(sound.take(loud(100), 1_000)?.words).toEqual([]);
    expect(sound.take(loud(100), 1_000)?.words).toEqual([{ word: 'latte', endMs: 1_250 }]);
    expect(sound.end(1_000)).toBeUndefined();
  });

  it('moves the words by the silence that was left out', () => {
    const sound = new VoiceSound(true);
    sound.noteWords([{ word: 'one', endMs: 300 }]);
    expect(sound.take(silent(200), 0)).toBeUndefined();
    expect(sound.take(loud(100), 0)?.words).toEqual([{ word: 'one', endMs: 115 }]);
    expect([sound.receivedMs, sound.emittedMs]).toEqual([300, 115]);
  });

  it('names words whose times came after their sound, at the end and where it broke off', () => {
    const late = [
      { word: 'one', endMs: 90 },
      { word: 'latte', endMs: 250 },
    ];
    const whole = new VoiceSound(false);
    whole.take(loud(260), 0);
    whole.noteWords(late);
    expect(whole.end(0)).toEqual({ samples: new Int16Array(0), words: late });
    const broken = new VoiceSound(false);
    broken.take(loud(100), 0);
    broken.noteWords(late);
    expect(broken.breakOff(0)?.words).toEqual([{ word: 'one', endMs: 90 }]);
    expect(broken.breakOff(0)).toBeUndefined();
  });

  it('is heard from its first audible sample on', () => {
    const sound = new VoiceSound(false);
    sound.take(silent(100), 0);
    expect(sound.isHeard).toBe(false);
    sound.take(loud(5), 0);
    expect(sound.isHeard).toBe(true);
  });

  it('gives a voice without a sound on at its end', () => {
    const sound = new VoiceSound(true);
    expect(sound.take(silent(100), 0)).toBeUndefined();
    expect(sound.end(0)?.samples.length).toBe(inSamples(15));
  });
});
