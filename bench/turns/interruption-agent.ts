/** What the agent says while it is spoken over: synthesised, with its words' times and its levels as they are played. */
import type { LevelAt } from '../../agent/turn/echo.js';
import { createSynthesiser, type OfflineSynthesiser } from '../../local-providers/offline/synthesiser.js';
import { windowLevels } from '../audio/levels.js';
import { SAMPLE_RATE_HZ, type TimedWord } from './recording.js';

export interface AgentSpeech {
  readonly voice: string;
  readonly text: string;
  readonly samples: Int16Array;
  readonly words: readonly TimedWord[];
  /** Every 10 ms, from the first sample. */
  readonly levels: readonly LevelAt[];
}

const VOICES = ['kal', 'awb', 'rms', 'slt'];

/** Replies of a kind that a bar's agent gives, some with a word that always stops when a caller says it. */
const REPLIES = [
  'Hi, this is Turnwise Coffee. What can I get you?',
  'One large latte with oat milk, that comes to four dollars and fifty cents.',
  'Would you like oat milk or whole milk with that?',
  'Your order is placed. It will be ready in about ten minutes at the counter.',
  'We stop serving hot food at ten, but drinks are there until midnight.',
  'I have a small cappuccino and two espressos. Is that right?',
  'There is no extra charge for soy milk or almond milk.',
  'Let me read that back to you. A medium americano, dark roast, with a little cream.',
  'Sorry, I did not get that. Could you say the drink again, please?',
  'We are open from seven in the morning until nine in the evening on weekdays.',
  'The mocha is five dollars and the latte is four dollars and fifty cents.',
  'I can change the size to twenty ounces, if you like.',
  'Wait a moment, I will look that up for you.',
  'You can pay at the counter when you pick it up.',
  'We have lattes, cappuccinos, americanos, mochas, espressos and house coffee.',
  'Okay, I have made that a double shot instead of a single one.',
  'That order was cancelled, and nothing will be charged for it.',
  'The wait is about five minutes at the moment, since it is quite busy.',
  'Do you want sugar, brown sugar or some other sweetener in it?',
  'I could not find an order under that name, shall I place a new one?',
  'Great choice, the light roast is our favourite this week.',
  'We do not deliver, but the counter is right beside the station.',
  'Your total for both drinks is nine dollars and twenty five cents.',
  'Thank you for calling, and have a very nice afternoon.',
  'I will hand you over to a colleague who can help you with that.',
];

/** Every reply in every voice, in an order that is always the same. */
export async function speakReplies(): Promise<AgentSpeech[]> {
  const synthesiser = createSynthesiser();
  try {
    const speeches: AgentSpeech[] = [];
    for (const text of REPLIES) {
      for (const voice of VOICES) speeches.push(await speak(synthesiser, text, voice));
    }
    return speeches;
  } finally {
    await synthesiser.close();
  }
}

async function speak(synthesiser: OfflineSynthesiser, text: string, voice: string): Promise<AgentSpeech> {
  const samples: number[] = [];
  const words: TimedWord[] = [];
  const options = { text, voiceId: voice, language: 'en', sampleRateHz: SAMPLE_RATE_HZ };
  for await (const chunk of synthesiser.speak(options, new AbortController().signal)) {
    if (chunk.kind === 'word') words.push({ text: chunk.word, startMs: chunk.startMs, endMs: chunk.endMs });
    else samples.push(...chunk.samples);
  }
  const sound = Int16Array.from(samples);
  const levels = windowLevels(sound, SAMPLE_RATE_HZ).map((levelDb, index) => ({ atMs: (index + 1) * 10, levelDb }));
  return { voice, text, samples: sound, words, levels };
}
