import type { HeardWord } from '../../../../agent/turn/words.js';

/** Words of 300 ms each as a recogniser would time them, the last one as long as asked. */
export function speak(text: string, lastWordMs = 300): HeardWord[] {
  const words = text.split(' ').filter((word) => word !== '');
  return words.map((word, at) => ({
    text: word,
    fromMs: at * 300,
    untilMs: at * 300 + (at === words.length - 1 ? lastWordMs : 300),
  }));
}
