/**
 * The assistant itself: the one file to edit to make Turnwise yours. What it says first and how it speaks, what it can do,
 * and which words its callers are likely to use. Nothing else in `agent/` knows about coffee but `orders/`.
 */
import { llm, type voice } from '@livekit/agents';
import type { Vocabulary } from '../wire/vocabulary.js';
import {
  ChangeArguments,
  ConfirmArguments,
  HandOverArguments,
  ItemArguments,
  PlaceArguments,
} from './orders/arguments.js';
import type { CallContext } from './orders/call-context.js';
import { OrderDesk } from './orders/desk.js';
import { DRINKS, ROASTS, SHOTS, SIZES, SWEETENERS } from './orders/menu.js';
import { openOrderStore } from './orders/store.js';
import { WORDING, WORDING_PRONUNCIATIONS, WORDING_SLOTS } from './orders/wording.js';
import { list, phrases, SMALL_TALK, SMALL_TALK_PRONUNCIATIONS } from './small-talk.js';
import type { CacheableAnswer } from './turn/answer-cache.js';
import type { Emotion } from './turn/emotion.js';

export type { CallContext } from './orders/call-context.js';

const greeting = 'Hi, this is Turnwise Coffee. What can I get you?';

const instructions = `You take orders by phone for Turnwise Coffee, a coffee bar.

How you speak: your words are spoken aloud. One or two short sentences, plain words, no lists, no markup, no emoji.
Say prices as $4.50. Never spell out what the caller did not ask for.

How you work:
- Place an order as soon as the caller has named a drink; ask for nothing that was not said. Leave unsaid fields out.
- A latte with soy is milk "soy"; "a lot of" is the amount "lots". Keep sizes as said: names or ounces.
- All drinks of one sentence go into one place_order. A later drink is added to the same order.
- When a tool answers confirm_first, nothing was written: read back what it gives and ask. Only after the caller's yes call
  the same tool with the same arguments and confirmed true. After a no, ask what they would like instead.
- When words do not fit together (two sizes, no drink), ask. Wrong is worse than asking.
- Claim nothing done that a tool did not report as done. Prices, times and hours come from tools only.
- You cannot take payment (it is paid at the counter), deliver, or help with anything but this bar. Say so plainly.
- If the caller wants a person, or you failed to understand twice, offer hand_over, or typing instead of talking.`;

/** One tool: whether it only reads, and how it is made for a call. Tools that write run on committed turns only. */
interface AssistantTool {
  readonly readOnly: boolean;
  create(desk: OrderDesk): llm.ToolContextEntry;
}

const tools = {
  get_menu: {
    readOnly: true,
    create: (desk) =>
      llm.tool({
        name: 'get_menu',
        description: 'The drinks with their prices, and the sizes, roasts, shots, milks and sweeteners there are.',
        execute: async () => desk.menu(),
      }),
  },
  get_price: {
    readOnly: true,
    create: (desk) =>
      llm.tool({
        name: 'get_price',
        description: 'What one drink costs, made as the caller asks about it. Orders nothing.',
        parameters: ItemArguments,
        execute: async (args) => desk.price(args),
      }),
  },
  get_order: {
    readOnly: true,
    create: (desk) =>
      llm.tool({
        name: 'get_order',
        description: "The caller's order as it stands, to read it back or to tell its total.",
        execute: async () => desk.order(),
      }),
  },
  place_order: {
    readOnly: false,
    create: (desk) =>
      llm.tool({
        name: 'place_order',
        description: 'Places an order, or adds drinks to the one that is placed. Only what the caller said.',
        parameters: PlaceArguments,
        execute: async (args) => desk.place(args),
      }),
  },
  change_order: {
    readOnly: false,
    create: (desk) =>
      llm.tool({
        name: 'change_order',
        description: 'Changes a drink of the placed order, or takes it off. Give only the fields that change.',
        parameters: ChangeArguments,
        execute: async (args) => desk.change(args),
      }),
  },
  cancel_order: {
    readOnly: false,
    create: (desk) =>
      llm.tool({
        name: 'cancel_order',
        description: 'Cancels the whole order.',
        parameters: ConfirmArguments,
        execute: async (args) => desk.cancel(args),
      }),
  },
  get_pickup_time: {
    readOnly: true,
    create: (desk) =>
      llm.tool({
        name: 'get_pickup_time',
        description: 'When the order is ready, or how long an order takes now.',
        execute: async () => desk.pickupTime(),
      }),
  },
  get_opening_hours: {
    readOnly: true,
    create: (desk) =>
      llm.tool({
        name: 'get_opening_hours',
        description: 'When the bar is open, and whether it is open now.',
        execute: async () => desk.openingHours(),
      }),
  },
  hand_over: {
    readOnly: false,
    create: (desk) =>
      llm.tool({
        name: 'hand_over',
        description: 'Asks for a human colleague, when the caller wants one.',
        parameters: HandOverArguments,
        execute: async (args) => desk.handOver(args),
      }),
  },
} as const satisfies Readonly<Record<string, AssistantTool>>;

/**
 * How callers talk to this bar: from general knowledge of how people order, never from recordings that it is judged by.
 * `{slot}` stands for any of that slot's alternatives, `[...]` may be left out; a weight is relative to the other phrases.
 */
export const vocabulary: Vocabulary = {
  schema: 1,
  language: 'en-US',
  slots: {
    ...WORDING_SLOTS,
    drink: [...DRINKS],
    size: [...SIZES],
    roast: ROASTS.map((roast) => `${roast} roast`),
    shots: SHOTS.map((shots) => `${shots} shot`),
    sweetener: [...SWEETENERS],
    milk: list(`milk | whole milk | skim milk | soy milk | almond milk | oat milk | cream`),
    put: list(
      `put | can you put | could you put | please put | i'd like | can i have | could i get | can i get | i want`,
    ),
    amount: list(`some | a bit of | a little bit of | a little | lots of | a lot of`),
    modifiers: list(
      `{size} | {roast} | {shots} | {size} {roast} | {roast} {size} | {size} {shots} | {shots} {size}
      | {roast} {shots} | {shots} {roast} | {size} {roast} {shots} | {size} {shots} {roast} | {roast} {size} {shots}
      | {roast} {shots} {size} | {shots} {size} {roast} | {shots} {roast} {size}`,
    ),
    addition: list(`[{amount}] {milk} | [{amount}] {sweetener}`),
    additions: list(
      `{addition} | [{amount}] {milk} and [{amount}] {sweetener} | [{amount}] {sweetener} and [{amount}] {milk}`,
    ),
    article: list(`a | a | a | an | one`),
    closing: list(
      `please | to go | for here | thanks | thank you | for me | please thank you | to go please | for me please
      | if you can | if that's okay | when you get a chance | today | right now | and that is all | and that's it
      | and that's all`,
    ),
    item: list(
      `[{modifiers}] {drink} | {modifiers} {drink} | {modifiers} {drink} with {additions}
      | [{modifiers}] {drink} with {additions}`,
    ),
    want: list(
      `i'd like | i would like | i want | i'll have | i'll take | i will have | i need | can i get | can i have
      | could i get | could i have | may i have | may i get | can i get | can i have | may i have | could i get
      | i'd like | i want | get me | give me | make me | get me | make me | give me | brew | brew me
      | can you make me | could you make me | can you get me | could you get me | let me get | let me have
      | please make me | please get me | please give me | make | prepare | i'd like to order | i want to order
      | i would like to order | can i order | i'd love | order | order me | i'm going to have | i'm gonna have
      | i think i'll have | i'd like to get | i'd like to have | can i please have | can i please get
      | could i please have | could i please get | i would love | i was wondering if i could get | let's do
      | let's go with | how about | what about | i'm looking for | fix me | pour me | we'd like | can we have
      | can we get | could we get | is it possible to get | do you think i could get | would you make me
      | would you get me | just | just make me | just give me | i just want | i just need | bring me
      | could you bring me`,
    ),
    opening: list(
      `okay so | um so | well | all right | sure | good afternoon | excuse me | yes please | hello there | hi | hi
      | hello | hey | yes | yeah | okay | um | uh | so | please | hi there | good morning`,
    ),
    day: list(`monday | tuesday | wednesday | thursday | friday | saturday | sunday`),
    count: list(`one | two | three | a couple of`),
    cup: list(`cup | mug | glass`),
    say: list(`which | what`),
  },
  phrases: [
    ...phrases(80, `{want} [{article}] {item} | {want} {article} {item}`),
    ...phrases(28, `[{opening}] {want} [{article}] {item} [{closing}]`),
    ...phrases(16, `[{article}] {item} [please]`),
    ...phrases(4, `[with] {additions} [please]`),
    ...phrases(3, `{article} {modifiers} {drink} | {change} [{article}] {item}`),
    ...phrases(
      2,
      `[{article}] {size} [one] [please] | [{article}] {roast} [please] | [{article}] {shots} [please]
      | {modifiers} [please] | [{article}] {drink} [please] | {change} [{article}] {size}
      | {change} [{article}] {roast} | {change} [{article}] {shots} | {change} with {additions}
      | [can you] add {additions} [to that] [please] | {want} {article} {item} and {article} {item}`,
    ),
    ...phrases(1.5, `{change} {milk} [instead]`),
    ...phrases(
      1,
      `{article} {drink} [please] {modifiers} with {additions}
      | {want} {article} {drink} {modifiers} [with {additions}] | {want} [{article}] {item} and {addition} please
      | [can i have it] with {additions} instead | with {milk} instead of {milk} | {milk} instead of {milk}
      | {put} {addition} in it [please] | no {milk} | no {sweetener} | without {milk} | without {sweetener}
      | {want} it with {additions} | and {additions} | no {milk} [please] just {sweetener}
      | [actually] {size} not {size} | i want {size} not {size} | [please] cancel [my order] [please]
      | [please] cancel that [please] | [please] cancel it | [can you] cancel the order
      | i want to cancel [my order] | i'd like to cancel [my order] | can you [please] cancel my order
      | could you cancel my order [please] | please cancel my order | add a shot
      | [can you] add another shot [please] | another {item} [please] | make the {drink} [{article}] {size}
      | remove the {drink} | take off the {drink} | change the {drink} to [{article}] {item}
      | and {article} {item}`,
    ),
    ...phrases(
      0.7,
      `{put} {addition} in that [too] | [and] can i also get {additions} | thank you very much | what's on the menu
      | what is on the menu | what do you have | what drinks do you have | what coffees do you have
      | what kinds of coffee do you have | what kind of milk do you have | what milk do you have
      | what sizes do you have | what roasts do you have | what do you recommend | do you have {milk}
      | do you have {drink} | do you have {sweetener} | what can i order | tell me about the menu | read me the menu
      | can i see the menu | how much is [{article}] {drink} | how much is [{article}] {size} {drink}
      | how much does [{article}] {drink} cost | what does [{article}] {drink} cost
      | what's the price of [{article}] {drink} | how much is that | how much is it | how much is my order
      | what does it cost | what's the total | what is the total | how much do i owe you | how much will that be`,
    ),
    ...phrases(
      0.6,
      `when will it be ready | when will my order be ready | when can i pick it up | how long will it take
      | how long does it take | when is my order ready | is my order ready | what's the pick up time
      | when can i pick up my order | where are you | where is my order | what did i order | what is my order
      | what's my order | read my order back | can you read back my order | can you repeat my order
      | what's in my order`,
    ),
    ...phrases(
      0.5,
      `{want} [{article}] {item} and make it {size} | {want} [{article}] {item} and can i have it with {addition}
      | and also {additions} | when are you open | what are your hours | what are your opening hours
      | when do you open | when do you close | what time do you open | what time do you close | are you open today
      | are you open [on] {day} | are you open tomorrow | how late are you open | is my order ready yet`,
    ),
    ...phrases(
      0.4,
      `{want} [{article}] {item} but no {sweetener} | {want} [{article}] {item} without {milk} | i changed my mind
      | change my order | can i change my order | i'd like to change my order | i want to change my order
      | can i order | i want to order | i'd like to order | i would like to place an order | can i place an order
      | i don't want {milk} | i don't want {sweetener} | the same again | the usual`,
    ),
    ...phrases(
      0.3,
      `{say} drinks have you got | {say} coffees are there | {say} milks do you offer | {say} sizes are there
      | what else do you have | what is in [{article}] {drink} | do you also have {milk} | have you got {milk}
      | is the {drink} good | what would you suggest | anything without {milk} | i'd rather have {item}
      | i'd rather have {milk} | {milk} rather than {milk} | could i have {milk} instead | i want it black
      | {want} [{article}] [{modifiers}] {drink} black | black please | no milk no sugar | with nothing in it
      | nothing in it please | with {count} sugars | with one sugar | in [{article}] {size} {cup} | in my own cup
      | {want} {count} {drink} | {count} {drink} please | the {size} one | the {roast} one please
      | the same but with {milk} | the same but {size} | make it a {size} one | a bigger one | a smaller one
      | a larger one please | which is bigger | is that hot or cold | hot please | cold please
      | could you change the {drink} to [{article}] {drink} | change the size to {size} | change the milk to {milk}
      | change the roast to {roast} | change the {milk} to {milk} | switch the milk to {milk} | use {milk} instead
      | take out the {sweetener} | take the {milk} out | leave out the {milk} | remove the {sweetener}
      | skip the {sweetener} | forget the {milk} | hold the {milk} | less {sweetener} please | more {milk} please
      | extra {milk} | with extra {sweetener} | and no {milk} | and no {sweetener} | no {milk} and no {sweetener}
      | let's cancel that | let's cancel the order | forget my order | delete my order | drop the order
      | i need to cancel | please cancel everything | cancel the whole thing | i no longer want it
      | the price please | what is the price for [{article}] {size} {drink} | is it expensive
      | how much does that come to | how much do you charge for {milk} | does {milk} cost extra
      | tell me the price of [{article}] {drink} | is it open on {day} | are you open in the morning
      | are you open in the evening | are you open now | until when are you open | when does the shop open
      | when does the shop close | do you open early on {day} | on {day} | how long until it is ready
      | how soon can i have it | is it ready yet | is my coffee ready | when is my coffee going to be ready
      | how many minutes | how long do i have to wait | where do i pick it up | will it take long
      | could you tell me what i ordered | tell me my order again | read the order to me | please repeat the order
      | what have i ordered [so far] | is my order in | did you get my order | that's not what i ordered
      | i said {item} | no i want {item} | no i meant {item}`,
    ),
    ...WORDING,
    ...SMALL_TALK,
  ],
  pronunciations: {
    ...SMALL_TALK_PRONUNCIATIONS,
    ...WORDING_PRONUNCIATIONS,
    almond: ['AE L M AH N D', 'AO L M AH N D', 'AE M AH N D'],
    ounce: ['AW N S'],
    americano: ['AH M EH R IH K AA N OW', 'AH M EH R AH K AE N OW'],
    mocha: ['M OW K AH'],
  },
  examples: [
    'Can I get a small latte with almond milk?',
    "I'd like a large dark roast coffee with cream and brown sugar.",
    'Make it a double shot.',
    'How much is a mocha?',
    'When will my order be ready?',
    'Cancel my order, please.',
  ],
};

/**
 * Questions whose answer never depends on who asks, when, or on a tool: answered without the language model. Another wording
 * of the same question is another line; what is asked beside it is left to the model.
 */
const answers: readonly CacheableAnswer[] = [
  {
    questions: ['can i pay by card', 'do you take cards', 'how can i pay', 'can i pay with cash'],
    answer: 'You pay at the counter when you pick it up, by card or in cash.',
  },
  {
    questions: ['do you deliver', 'can you deliver it', 'do you do deliveries'],
    answer: "We don't deliver, sorry. You can pick it up at the counter.",
  },
  {
    questions: ['are you a robot', 'are you a real person', 'am i talking to a machine', 'are you human'],
    answer: "I'm Turnwise Coffee's automated assistant. What can I get you?",
  },
];

/** How the assistant sounds when nothing else is called for, in profiles whose voice shows emotions (`turn/emotion.ts`). */
const emotion: Emotion = 'content';

/** What the assistant says in the same words in every call, in which language (BCP 47 tag), and how it sounds. */
export const script = { greeting, answers, language: vocabulary.language, emotion } as const;

/** What a call needs of the assistant. */
export interface Assistant {
  readonly instructions: string;
  readonly greeting: string;
  /** BCP 47 tag. */
  readonly language: string;
  /** How its voice sounds when nothing else is called for, in profiles whose voice shows emotions. */
  readonly emotion: Emotion;
  readonly vocabulary: Vocabulary;
  /** Questions that are answered without the language model. */
  readonly answers: readonly CacheableAnswer[];
  /** Finds the answer to a question that none of them asks in these words, by what it means; absent: nobody looks. */
  readonly semanticAnswer?: (said: string) => string | undefined;
  /** Words a recogniser should favour. */
  readonly keyterms: readonly string[];
  /** A noise canceller for the caller's audio, or any other frame processor of LiveKit's; absent: the audio is taken as it is. */
  readonly noiseCancellation?: voice.RoomInputOptions['noiseCancellation'];
  /** Every tool by name; one that is not `readOnly` must never run on words that are not final. */
  readonly tools: Readonly<Record<string, { readonly readOnly: boolean }>>;
  createTools(call: CallContext): llm.ToolContext;
  /** May be called twice. */
  close(): void;
}

/**
 * Makes the assistant of one process: opens the order store, so that a call finds it open.
 * @param settings.ordersDb - Path of the SQLite file; other processes may use the same file.
 * @throws when the store cannot be opened.
 */
export function createAssistant(settings: { readonly ordersDb: string }): Assistant {
  const store = openOrderStore(settings.ordersDb);
  return {
    instructions,
    ...script,
    vocabulary,
    keyterms: [...DRINKS, ...SIZES.filter((size) => size.includes('ounce')), ...SWEETENERS, 'oat milk', 'almond milk'],
    tools,
    createTools(call) {
      const desk = new OrderDesk(store, call);
      return new llm.ToolContext(Object.values(tools).map((tool) => tool.create(desk)));
    },
    close: () => store.close(),
  };
}
