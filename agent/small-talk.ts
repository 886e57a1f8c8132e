/** What callers say whatever the assistant is for: yes and no, hello and goodbye, asking again, thinking aloud. */
import type { Vocabulary } from '../wire/vocabulary.js';

/** @returns `a | b | c` as a list: vocabularies are long, and read better in lines than one phrase to a line. */
export function list(alternatives: string): string[] {
  return alternatives.split('|').map((text) => text.trim());
}

/** @returns The alternatives as phrases of one weight. */
export function phrases(weight: number, alternatives: string): Vocabulary['phrases'] {
  return list(alternatives).map((text) => ({ text, weight }));
}

export const SMALL_TALK: Vocabulary['phrases'] = [
  ...phrases(
    1,
    `yes | yes please | yeah | yep | sure | okay | correct | that's right | that's correct | yes that is right
    | yes that's right | yes that's correct | right | no | no thanks | no thank you | nope | no that is wrong
    | no that's wrong | that's not right | that's wrong | not that`,
  ),
  ...phrases(
    0.7,
    `that's all | that's it | that will be all | that's all thank you | no that's all | no that's it | nothing else
    | thank you | thanks | thanks a lot | bye | goodbye | thank you goodbye | bye bye | never mind | stop | wait
    | hold on | one moment | just a moment | sorry`,
  ),
  ...phrases(
    0.6,
    `read it back | can you read that back | repeat that | can you repeat that | could you repeat that please
    | say that again | can you say that again | what did you say | pardon | what was that`,
  ),
  ...phrases(
    0.5,
    `hello | hi | hi there | good morning | good afternoon | can you hear me | are you there | who are you
    | are you a robot | what can you do | help | can you help me | can i talk to a person | can i speak to a person
    | can i talk to a human | i want to talk to a human | i want to speak to somebody | let me speak to a person
    | let me talk to someone | talk to a human | speak to a person | speak to the manager | can i talk to someone
    | get me a human | connect me to a person | i want to talk to a person | can i pay by card | can i pay now
    | do you deliver`,
  ),
  ...phrases(
    0.4,
    `mm | uh huh | um | uh | i see | great | perfect | sounds good | that sounds good | that is fine | that's fine
    | all right | alright | good | i have a question | i don't know | i'm not sure | i don't want that`,
  ),
  ...phrases(
    0.3,
    `is there anything else | that is all for now | that was it | that was everything | that's everything
    | nothing more | forget it | i don't want it any more | in the morning | in the evening | tonight
    | i am in a hurry | did you get that | what did you just say | i didn't understand | i didn't hear you
    | can you speak louder | say it again please | one more time | can somebody help me | i need help
    | let me talk to a real person | give me a real person | i want to speak with a person
    | i'd like to speak with someone | is there a human there | is anybody there | may i speak with the manager
    | pass me to somebody | yes i would | yes do that | yes go ahead | go ahead | please do | that sounds right
    | that sounds great | yes that sounds good | exactly | absolutely | of course | no problem | no not really
    | no i did not | that is not what i said | that's not what i said | i didn't say that | no not that one | wrong
    | not quite | almost | the first one | the other one | let me think | let me see | give me a second
    | give me a moment | i am still thinking | hmm | maybe | maybe later | not yet | not now | i guess so
    | of course please | oh okay | oh yes | oh no | sounds great thank you | have a nice day | have a good one
    | see you | see you later | you too | cheers | the second one | the last one`,
  ),
];

/** Sounds and slurred words that the CMU dictionary lacks or spells out. */
export const SMALL_TALK_PRONUNCIATIONS: Vocabulary['pronunciations'] = {
  hmm: ['HH M'],
  mm: ['M'],
  uh: ['AH'],
  um: ['AH M'],
  huh: ['HH AH'],
  gonna: ['G AH N AH'],
};
