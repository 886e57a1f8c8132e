/** What the model is told last, behind the conversation, of the one reply that it is asked for. */
import { llm } from '@livekit/agents';
import { openingInstruction } from '../turn/opening.js';
import type { Opening } from './draft.js';

/** With fewer tokens alone, a model that knows nothing of it breaks off in the middle of a sentence. */
const BRIEF = 'Answer in one short sentence.';

export interface ReplyManner {
  /** What was said of the reply already. */
  readonly opening?: Opening | undefined;
  /** It is to be short, as replies are late. */
  readonly isBrief: boolean;
}

/** They are of this request alone: the conversation before them stays what a provider has in its cache. */
export function instructionsFor({ opening, isBrief }: ReplyManner): llm.ChatMessage[] {
  const contents = [...(isBrief ? [BRIEF] : []), ...(opening ? [openingInstruction(opening.phrase.text)] : [])];
  return contents.map((content) => llm.ChatMessage.create({ role: 'system', content }));
}
