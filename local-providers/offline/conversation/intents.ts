/** What callers say besides orders: whole sentences by pattern. */

export type PlainIntent =
  | 'yes'
  | 'no'
  | 'done'
  | 'thanks'
  | 'bye'
  | 'greeting'
  | 'hearing'
  | 'identity'
  | 'abilities'
  | 'repeat'
  | 'read-back'
  | 'total'
  | 'menu'
  | 'recommend'
  | 'milks'
  | 'milk-price'
  | 'sizes'
  | 'roasts'
  | 'sweeteners'
  | 'pickup'
  | 'hours'
  | 'human'
  | 'cancel'
  | 'change'
  | 'start'
  | 'unsure'
  | 'wait'
  | 'never-mind'
  | 'backchannel'
  | 'same-again'
  | 'payment'
  | 'delivery'
  | 'place'
  | 'first'
  | 'second'
  | 'third'
  | 'last'
  | 'off-topic';

const YES =
  '(?:yes|yeah|yep|yup|sure|correct|right|exactly|okay|absolutely|of course|perfect|great|fine|good|all right|alright|sounds good|that sounds good|that is (?:right|correct|fine|good|it)|that sounds (?:right|great|good|fine)|sounds great|i guess so|i would|i do|it is|please do|do that|do it|go ahead|please)';
const NO =
  "(?:no|nope|nah|no way|not really|not right|wrong|(?:that is|it is) (?:not right|not correct|wrong|not it|not what i (?:said|want|wanted))|not that|i don't want that|i didn't say that|don't|don't do that|i did not|i didn't|not quite|almost|not yet|that is not what i (?:said|ordered|want|wanted|meant))";
const DONE =
  '(?:that (?:is|was) (?:all|it|everything)|that will be (?:all|it)|nothing(?: else| more)?|i am (?:good|done|fine|all set)|no more|not now|that is all for (?:now|today))';
const THANKS =
  '(?:(?:okay |great |perfect |alright |all right )?(?:thanks|thank you|many thanks|cheers)(?: a lot| very much| so much| again)?)';
const BYE =
  '(?:bye|goodbye|bye bye|good bye|see you|see you (?:later|soon|then)|have a (?:nice|good|great) (?:day|one)|you too)';
const HELLO = '(?:hi|hello|hey|hi there|hello there|hey there|good (?:morning|afternoon|evening|day))';
const MY_ORDER =
  '(?:(?:my|the|whole|entire|this|that) )*(?:order|it|that|this|them|everything|thing|all)?(?: of (?:it|that|them))?';
const ASK =
  "(?:(?:can|could|may|would|will) (?:i|you|we) |please |i want to |i'd like to |i would like to |let me |let's |i need to |i have to |i must |is it possible to |i am going to )*";

/** The first pattern that fits the whole sentence names its intent. */
const SENTENCES: readonly (readonly [PlainIntent, string])[] = [
  ['done', `(?:no )?(?:thanks |thank you )?${DONE}(?: ${THANKS})?(?: ${BYE})?`],
  ['no', `(?:${NO} ?)+(?:${THANKS})?`],
  ['bye', `(?:(?:${THANKS}|okay|no) )*${BYE}(?: ${THANKS})?`],
  ['thanks', `${THANKS}`],
  ['yes', `(?:${YES} ?)+(?:${THANKS})?`],
  ['greeting', `(?:${HELLO} ?)+(?:how are you(?: today)?)?`],
  ['hearing', '(?:can|do) you hear me|are you (?:still )?there|is anybody there|anyone there'],
  [
    'identity',
    '(?:who|what) (?:are|is) (?:you|this)|are you (?:a )?(?:robot|machine|human|person|real|computer|bot)(?: person)?|am i talking to a (?:robot|machine|human|person|computer)|what is your name',
  ],
  [
    'abilities',
    'help(?: me)?|(?:can|could) you help me|what can (?:you do|i (?:say|ask|do))|how does this work|i have a question|what do i (?:say|do)|i need help',
  ],
  [
    'human',
    `${ASK}(?:talk|speak|connect me|put me through|hand me over|transfer me)(?: to| with)? (?:a |an |the |some)?(?:real |human |live )?(?:person|human|somebody|someone|one|body|manager|being|agent|staff|employee|barista|colleague|representative)(?: please)?`,
  ],
  [
    'human',
    '(?:get|give) me (?:a |the )?(?:real )?(?:human|person|manager|agent|representative)|(?:a )?(?:human|person|agent|operator|representative)(?: please)?|pass me to (?:somebody|someone|a person)|(?:can|could) (?:somebody|someone) help me',
  ],
  [
    'repeat',
    `(?:sorry )?(?:what|pardon|pardon me|come again|huh|excuse me|what was that|what did you (?:just )?say|i didn't (?:hear|get|catch) (?:that|you)|i didn't understand(?: you| that)?|one more time|${ASK}speak (?:louder|up|slower|slowly)|${ASK}say it again|${ASK}(?:repeat that|say (?:that|it) again|repeat|say again)(?: please)?)`,
  ],
  [
    'read-back',
    `what did i order|what is (?:in |on )?(?:my|the) order|what (?:do|have) i (?:have|got|ordered)|${ASK}(?:read|repeat|tell me|confirm|check|say)(?: back)? (?:my|the) order(?: back)?(?: to me)?|${ASK}read (?:that|it) back(?: to me)?|read back|${ASK}tell me (?:what i ordered|my order(?: again)?)|is my order in|did you get (?:that|it|my order)`,
  ],
  [
    'total',
    'how much (?:is|does|will|do|would) (?:it|that|this|my order|the order|everything|all of it|i|we)(?: all)?(?: cost| be| come to| owe(?: you)?| have to pay| pay)?|(?:what is|what will be|tell me) the (?:total|price|bill)|what (?:does|will) (?:it|that|my order) cost|(?:what|how much) do i owe(?: you)?|what is my total|the price|is it expensive|the total|how much',
  ],
  [
    'milks',
    '(?:what|which)(?: kinds?| types?| sorts?)?(?: of)? (?:milk|milks) (?:do|have|are|is|can).*|do you have (?:other|different|any other|plant) milks?|(?:what|which) milks?',
  ],
  [
    'milk-price',
    '(?:does|is) (?:the )?(?:\\w+ )?(?:milk|cream) (?:cost )?extra|how much (?:do you charge for|is|does) (?:the )?(?:\\w+ )?(?:milk|cream)(?: cost)?',
  ],
  ['sizes', '(?:what|which)(?: cup)? sizes?(?: (?:do|are|can|is).*)?|how big .*|how large .*'],
  ['roasts', '(?:what|which)(?: kinds? of)? (?:roast|roasts)(?: (?:do|are|can|is).*)?'],
  ['sweeteners', '(?:what|which)(?: kinds? of)? (?:sugar|sugars|sweetener|sweeteners)(?: (?:do|are|can|is).*)?'],
  [
    'recommend',
    `(?:what|which (?:drink|coffee|one)) (?:do|would|can) you (?:recommend|suggest)|what is (?:good|popular|best)(?: here)?|what should i (?:get|have|order)|surprise me`,
  ],
  [
    'menu',
    `(?:what is|what do you have|what have you got)(?: on)?(?: the| your)?(?: menu)?|what (?:drinks|coffees|coffee|kinds? of (?:coffee|drinks?)|types? of (?:coffee|drinks?)|do you (?:have|sell|offer|serve)|can i (?:order|get|have))(?: (?:do you|have you|can i|are there).*)?|${ASK}(?:tell me|tell me about|read me|read|see|hear|have|get|show me|look at)(?: about)? (?:the |your |a )?menu|(?:the )?menu|what else do you have|(?:what|which) (?:drinks|coffees|coffee) (?:have you got|are there|do you have)|do you have a menu`,
  ],
  [
    'pickup',
    '(?:when|what time) (?:will|is|can|does|should|do|could|would) (?:it|that|this|they|i|we|my|the)(?: (?:order|coffee|drink|drinks))?.*(?:ready|done|pick|collect|finished|come).*|how long (?:will|does|is|do|would|for|until|till).*|how many minutes|(?:will|does) it take long|(?:is|are) (?:it|my order|my drinks|my coffee|they) ready(?: yet)?|what is the pick ?up time|when can i (?:come|get it)|how (?:soon|quickly|fast).*|pick ?up time|ready when',
  ],
  [
    'hours',
    '(?:when|what time|how late|how long|until when|till when) (?:are|do|does|is|will) (?:you|the (?:shop|bar|store|cafe)|it) (?:be )?(?:open|opening|close|closed|closing|shut).*|is (?:it|the (?:shop|bar|store|cafe)) open.*|(?:what are |tell me )?(?:your|the)? ?(?:opening |business )?(?:hours|times)|are you (?:guys )?(?:still |already )?(?:open|closed).*|do you open .*|are you open',
  ],
  [
    'payment',
    `${ASK}(?:pay|can i pay).*|(?:how|where) (?:do|can) i pay.*|do you (?:take|accept) .*|(?:take|use) my (?:credit )?card.*|can i use (?:a |my )?(?:credit )?card`,
  ],
  [
    'delivery',
    '(?:do|can|could) you deliver.*|(?:can|could) you (?:bring|send) (?:it|that|them).*|where (?:are|is) (?:you|the (?:shop|bar|store|cafe)|my order|it).*|what is your address|delivery|where (?:do|can) i (?:pick|get|collect).*',
  ],
  ['never-mind', 'never mind(?: that)?|forget (?:it|that|about it)|stop|leave it'],
  [
    'cancel',
    `(?:no )?${ASK}(?:please )?(?:cancel|delete|drop|scrap|undo) ${MY_ORDER}|${ASK}cancel|i don't want (?:it|that|my order|anything|the order)(?: anymore| any more)?|let's cancel (?:that|it|the order|my order)|forget (?:my|the) order|i no longer want (?:it|that|my order)|i need to cancel|(?:i )?changed my mind (?:please )?cancel(?: it| that| my order)?`,
  ],
  [
    'change',
    `(?:no )?${ASK}(?:change|modify|correct|update|fix) ${MY_ORDER}|i changed my mind|can i change something|make a change|i (?:made a mistake|ordered the wrong thing)`,
  ],
  [
    'start',
    `${ASK}(?:place |make |put in )?(?:an |my |a new )?order(?: something| a (?:coffee|drink))?|i want (?:something|a drink|something to drink)|${ASK}(?:get|have|order) (?:something|a drink)(?: to drink)?`,
  ],
  [
    'same-again',
    '(?:the )?(?:same|same thing)(?: again| one)?|(?:another|one more)(?: one| of (?:those|these|that|them))?|(?:the|my) usual',
  ],
  [
    'unsure',
    "i (?:don't know|am not sure|have no idea|need a (?:minute|moment|second))(?: yet)?|not sure(?: yet)?|let me (?:think|see)(?: about it)?|maybe(?: later)?|i am still thinking",
  ],
  [
    'wait',
    '(?:wait|hold on|hang on|one moment|just a moment|one second|just a second|a moment|one sec|wait a (?:minute|moment|second)|give me a (?:minute|moment|second))',
  ],
  ['place', 'order (?:that|it)|place (?:it|that|the order)|i will take (?:it|that)|send it'],
  ['first', '(?:the |number )?(?:first|one)(?: one)?'],
  ['second', '(?:the |number )?(?:second|two)(?: one)?'],
  ['third', '(?:the |number )?(?:third|three)(?: one)?'],
  ['last', '(?:the )?(?:last|other)(?: one)?'],
  [
    'backchannel',
    '(?:mm|mhm|uh huh|huh|i see|got it|oh|aha|cool|nice|wow|so|well|and|hey|sorry|excuse me|the|a|i|it|you|to|okay so) ?',
  ],
];

/** Subjects the bar cannot help with, recognised to be declined plainly; any word of the sentence will do. */
const OFF_TOPIC =
  /\b(?:weather|rain|joke|jokes|news|music|song|football|game|taxi|uber|flight|hotel|translate|french|spanish|president|capital|recipe|doctor|alarm|timer|lamp|lights?|stock|bitcoin|firefox|chromecast|story|poem|sing)\b/;

const COMPILED = SENTENCES.map(([intent, pattern]) => [intent, new RegExp(`^(?:${pattern})$`)] as const);

/** @returns The intent of a sentence that is no order, or undefined when no pattern fits all of it. */
export function plainIntent(words: readonly string[]): PlainIntent | undefined {
  const sentence = words.join(' ');
  const polite = sentence.replace(/ please$/, '').replace(/^please /, '');
  for (const [intent, pattern] of COMPILED) {
    if (pattern.test(sentence) || pattern.test(polite)) return intent;
  }
  return undefined;
}

/** @returns Whether the sentence is about something this bar has nothing to do with. */
export function isOffTopic(words: readonly string[]): boolean {
  return OFF_TOPIC.test(words.join(' ')) || /^what time is it/.test(words.join(' '));
}
