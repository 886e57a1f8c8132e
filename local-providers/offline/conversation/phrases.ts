/** What the conversationalist says of its own: short, spoken, and varied where it would otherwise repeat itself. */
import type { Slots } from './assemble.js';

const NOT_UNDERSTOOD = [
  "Sorry, I didn't get that. What can I get you?",
  'I missed that, sorry. Could you say it once more?',
  'Pardon? Which drink would you like?',
] as const;

const STUCK = [
  "I still don't understand, sorry. You can type it instead, or shall I get a human colleague?",
  "I'm having trouble hearing you right. Please type it, or would you like a human colleague?",
] as const;

/** From this many turns in a row that were not understood, typing or a person is offered. */
export const MISSES_MAX = 2;

/** @param misses - Turns in a row that were not understood, this one counted. */
export function notUnderstood(misses: number, turns: number): string {
  return misses >= MISSES_MAX ? pick(STUCK, misses) : pick(NOT_UNDERSTOOD, turns);
}

export function pick<Value>(values: readonly [Value, ...Value[]], index: number): Value {
  return values[index % values.length] ?? values[0];
}

/** Ways to begin after an order went through, so that three in a row do not sound alike. */
const TAKEN = ['Got it', 'All right', 'Sure'] as const;

export function taken(turns: number): string {
  return pick(TAKEN, turns);
}

export const SAY = {
  greeting: 'Hi, this is Turnwise Coffee. What can I get you?',
  greetBack: 'Hello! What can I get you?',
  hearing: 'Yes, I can hear you. What can I get you?',
  identity: "I'm the order assistant of Turnwise Coffee, a computer, not a person. What can I get you?",
  abilities:
    'I can take, change or cancel your order, and tell you prices, our hours, and when it is ready. What would you like?',
  welcome: "You're welcome. Anything else?",
  whatElse: 'Sure. What would you like?',
  listening: "I'm listening.",
  takeYourTime: 'No hurry. Tell me when you are ready.',
  payment: "You pay at the counter when you pick it up. I can't take payments on the phone.",
  delivery: "We don't deliver, sorry. You pick it up at the bar, and I don't have directions here.",
  offTopic: "I can't help with that. I only take coffee orders here. Would you like a drink?",
  noSuchTool: "I can't do that on this line, sorry.",
  noTools: "I can't take orders right now, sorry. I have no access to the order system.",
  toolFailed: 'Something went wrong with that on our side, sorry. Could you try it once more?',
  changeWhat: 'Sure. What should I change?',
  noOrder: "You don't have an order yet. What can I get you?",
  nothingSaved: 'Okay, I left that. What would you like instead?',
  staysAsItIs: 'Okay, it stays as it is. Anything else?',
  goodbyeEmpty: 'Goodbye!',
  unsure: "I'm not sure I got all of that.",
  whichSize: 'What size would you like: small, medium or large?',
  whichDrink: 'Which drink would you like?',
} as const;

const NUMBERS = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten'];

/** @returns Slots in words: `a large dark roast latte with oat milk`; `a large one` when no drink was said. */
export function describe(slots: Slots): string {
  const words = [
    slots.size,
    slots.roast && `${slots.roast} roast`,
    slots.shots && `${slots.shots} shot`,
    slots.drink ?? 'one',
  ].filter((word) => word !== undefined && word !== '');
  const count =
    slots.quantity !== undefined && slots.quantity > 1
      ? (NUMBERS[slots.quantity] ?? String(slots.quantity))
      : undefined;
  const head = count === undefined ? withArticle(words.join(' ')) : `${count} ${words.join(' ')}s`;
  const extras = [
    addition(slots.milk === undefined ? undefined : milkInWords(slots.milk), slots.milkAmount),
    addition(slots.sweetener, slots.sweetenerAmount),
  ].filter((extra) => extra !== undefined);
  return extras.length === 0 ? head : `${head} with ${extras.join(' and ')}`;
}

/** @returns The drinks as one spoken list. */
export function describeAll(items: readonly Slots[]): string {
  const each = items.map(describe);
  return each.length <= 1 ? (each[0] ?? 'nothing') : `${each.slice(0, -1).join(', ')}, and ${each.at(-1)}`;
}

export function capitalise(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}

function milkInWords(milk: string): string {
  return milk === 'milk' || milk === 'cream' || milk === 'none' ? milk : `${milk} milk`;
}

function addition(what: string | undefined, amount: string | undefined): string | undefined {
  if (what === undefined || what === 'none') return undefined;
  if (amount === undefined || amount === 'regular') return what;
  return amount === 'some' ? `some ${what}` : `${amount} of ${what}`;
}

function withArticle(words: string): string {
  return `${/^[aeiou]/.test(words) && !words.startsWith('one') ? 'an' : 'a'} ${words}`.replace(/^a one\b/, 'one');
}
