/** What is said of a tool's answer. Nothing is claimed that the answer does not tell. */
import { capitalise, SAY, taken } from './phrases.js';
import type { ToolAnswer } from './state.js';
import type { Understanding } from './understand.js';

/** @returns The answer as JSON, or undefined when it is something else: an error in words. */
export function parseAnswer(content: string): ToolAnswer | undefined {
  try {
    const value: unknown = JSON.parse(content);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as ToolAnswer) : undefined;
  } catch {
    return undefined;
  }
}

/** What an answer is spoken to. */
export interface Occasion {
  /** What the caller wanted, so that the answer holds that and no more. */
  readonly asked: Understanding | undefined;
  /** The caller's turns so far; varies the wording. */
  readonly turns: number;
}

export function speakAnswer(tool: string, answer: ToolAnswer | undefined, { asked, turns }: Occasion): string {
  if (answer === undefined) return SAY.toolFailed;
  const text = (name: string): string => (typeof answer[name] === 'string' ? answer[name] : '');
  switch (answer.status) {
    case 'confirm_first':
      return confirmFirst(tool, text('readBack'), text('why'));
    case 'needs':
    case 'needs_drink':
      return SAY.whichDrink;
    case 'no_order':
      return SAY.noOrder;
    case 'placed':
      return `${taken(turns)}, ${text('added')}. That's ${text('total')}, ready ${text('ready')}. Anything else?`;
    case 'added':
      return `Added ${text('added')}. That's ${text('total')} together. Anything else?`;
    case 'changed':
      return `Changed to ${text('changedTo')}. That's ${text('total')}. Anything else?`;
    case 'removed':
      return `I took off ${text('removed')}. That leaves ${text('order')}, ${text('total')}. Anything else?`;
    case 'unchanged':
      return `That's what I have: ${text('item')}. Anything else?`;
    case 'which_item':
      return `Which one do you mean: ${strings(answer.items).join(', or ')}?`;
    case 'last_item':
      return `${capitalise(text('item'))} is all there is in your order. Shall I cancel the order?`;
    case 'not_possible':
      return `Sorry, that's not possible. ${text('why')}`;
    case 'cancelled':
      return 'Your order is cancelled. Would you like anything else?';
    case 'handed_over':
      return `${capitalise(text('who') || 'a human colleague')} takes over from here. This is a demonstration, so nobody is really called.`;
    case 'ok':
      return speakReading(tool, answer, asked);
    default:
      return SAY.toolFailed;
  }
}

function confirmFirst(tool: string, readBack: string, why: string): string {
  if (why !== '') return `You already have ${readBack} in your order. Would you like another one?`;
  if (tool === 'cancel_order') return 'You want to cancel your order, is that right?';
  if (tool === 'hand_over') return 'You want to talk to a human colleague, is that right?';
  return `I heard ${readBack}. Is that right?`;
}

function speakReading(tool: string, answer: ToolAnswer, asked: Understanding | undefined): string {
  const text = (name: string): string => (typeof answer[name] === 'string' ? answer[name] : '');
  const intent = asked?.kind === 'plain' ? asked.intent : undefined;
  switch (tool) {
    case 'get_order':
      if (intent === 'total') return `That's ${text('total')} in all.`;
      return `You have ${text('order')}. That's ${text('total')}, ready ${text('ready')}.`;
    case 'get_price':
      return `${capitalise(text('what'))} is ${text('price')}. Would you like one?`;
    case 'get_pickup_time':
      return answer.ordered === true
        ? `Your order is ready ${text('ready')}.`
        : `If you order now, it's ready ${text('ready')}.`;
    case 'get_opening_hours':
      return `We are open ${text('days')} from ${text('opens')} to ${text('closes')}${answer.openNow === false ? ', so we are closed now' : ''}.`;
    case 'get_menu':
      return menu(answer, intent);
    default:
      return 'Okay.';
  }
}

function menu(answer: ToolAnswer, intent: string | undefined): string {
  const named = (list: unknown, name: string): string[] =>
    Array.isArray(list) ? list.flatMap((entry: unknown) => strings([(entry as ToolAnswer | null)?.[name]])) : [];
  switch (intent) {
    case 'milks':
      return `We have ${spoken(named(answer.milks, 'milk').map(milkName))}. Which would you like?`;
    case 'milk-price':
      return milkPrices(answer.milks);
    case 'sizes':
      return `We have ${spoken(strings(answer.sizes))}.`;
    case 'roasts':
      return `We have ${spoken(strings(answer.roasts))} roast.`;
    case 'sweeteners':
      return `We have ${spoken(strings(answer.sweeteners))}.`;
    case 'recommend':
      return 'Many like the iced mocha, or a latte with oat milk. What would you like?';
    default:
      return `We have ${spoken(named(answer.drinks, 'drink'))}. What would you like?`;
  }
}

function milkPrices(milks: unknown): string {
  const entries = Array.isArray(milks)
    ? milks.filter((entry): entry is ToolAnswer => typeof entry?.milk === 'string')
    : [];
  const extra = entries.filter(({ price }) => price !== '$0.00');
  const price = extra[0]?.price;
  if (typeof price !== 'string' || extra.some((entry) => entry.price !== price)) return SAY.whichDrink;
  return `${capitalise(spoken(extra.map(({ milk }) => milkName(String(milk)))))} cost ${price} extra. The others are free.`;
}

function milkName(milk: string): string {
  return milk === 'milk' ? 'regular milk' : milk === 'cream' ? milk : `${milk} milk`;
}

function strings(values: unknown): string[] {
  return Array.isArray(values) ? values.filter((value): value is string => typeof value === 'string') : [];
}

function spoken(list: readonly string[]): string {
  return list.length <= 1 ? (list[0] ?? 'nothing') : `${list.slice(0, -1).join(', ')} and ${list.at(-1)}`;
}
