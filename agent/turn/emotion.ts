/** In which emotion a text is spoken. Pure. */

/**
 * Of the emotions that Cartesia lists for sonic-3 ("Volume, Speed, and Emotion", 58 of them), those that befit somebody who
 * takes a caller's wishes. `neutral`, `calm` and `content` are among its primary ones, of which it has the most data.
 */
export const EMOTIONS = [
  'neutral',
  'calm',
  'content',
  'happy',
  'enthusiastic',
  'confident',
  'grateful',
  'sympathetic',
  'apologetic',
] as const;
export type Emotion = (typeof EMOTIONS)[number];

/**
 * What a voice shows (source 003's tiers): `none`, the synthesiser makes of the words what it does by itself; `preset`, one
 * emotion throughout ("basic presets"); `full`, each utterance the one that befits it ("full control").
 */
export type EmotionRange = 'none' | 'preset' | 'full';

/** @returns The emotion of an utterance that begins with this text; `undefined`: the synthesiser is told none. */
export type EmotionOf = (text: string) => Emotion | undefined;

/** Words with which somebody apologises, where they stand first: what follows is a refusal or a request to say it again. */
const APOLOGY =
  /^[\s"'“‘(]*(?:(?:(?:i['’]?m|i am|we['’]?re|we are) (?:so |very |really |terribly )?)?sorry|(?:i|we) apologi[sz]e|(?:my |our )?apologies)\b/i;

/**
 * Chooses emotions. Emotions are only heeded in English (cartesia-messages.ts), so that only English apologies are looked for.
 * @param usual - The assistant's own.
 */
export function emotionsOf(range: EmotionRange, usual: Emotion): EmotionOf {
  switch (range) {
    case 'none':
      return () => undefined;
    case 'preset':
      return () => usual;
    case 'full':
      return (text) => (APOLOGY.test(text) ? 'apologetic' : usual);
  }
}
