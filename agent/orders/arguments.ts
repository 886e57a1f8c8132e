/** The arguments of the order tools, as the language model gives them and as the desk uses them. */
import { z } from 'zod';
import { AMOUNTS, DRINKS, MILKS, type OrderItem, ROASTS, SHOTS, SIZES, SWEETENERS } from './menu.js';

// Optional and nullable: some models leave out what was not said, others send null.
const drink = z.enum(DRINKS).nullish();
const size = z.enum(SIZES).nullish().describe('As the caller said it: a name or ounces. Leave out when not said.');
const roast = z.enum(ROASTS).nullish().describe('Leave out when not said.');
const shots = z.enum(SHOTS).nullish().describe('Leave out when not said.');
const milk = z.enum(MILKS).nullish().describe('"milk" when no kind was said. Leave out when not said.');
const sweetener = z.enum(SWEETENERS).nullish().describe('Leave out when not said.');
const amount = z.enum(AMOUNTS).nullish().describe('"lots" also for "a lot of". Leave out when no amount was said.');

export const ItemArguments = z.object({
  drink: drink.describe('Leave out when the caller named no drink; never guess it.'),
  quantity: z.number().int().min(1).max(10).nullish().describe('Default 1.'),
  size,
  roast,
  shots,
  milk,
  milkAmount: amount,
  sweetener,
  sweetenerAmount: amount,
});
export type ItemArguments = z.infer<typeof ItemArguments>;

const confirmed = z
  .boolean()
  .nullish()
  .describe('true only when this tool answered confirm_first before and the caller has now said yes.');

export const PlaceArguments = z.object({
  items: z.array(ItemArguments).min(1).max(10),
  another: z
    .boolean()
    .nullish()
    .describe('true only when the caller asks for one more of a drink that is already in the order.'),
  confirmed,
});
export type PlaceArguments = z.infer<typeof PlaceArguments>;

export const ChangeArguments = z.object({
  position: z.number().int().min(1).max(50).nullish().describe('Which line of the order, from 1, when it has several.'),
  which: z.enum(DRINKS).nullish().describe('The drink to change as it stands in the order, when the caller named it.'),
  remove: z.boolean().nullish().describe('true takes this line off the order.'),
  drink: drink.describe('The new drink, when the caller wants another one instead.'),
  quantity: z.number().int().min(1).max(10).nullish(),
  size,
  roast: z.enum([...ROASTS, 'none']).nullish(),
  shots: z
    .enum([...SHOTS, 'none', 'one more'])
    .nullish()
    .describe('"one more" for "add a shot".'),
  milk: z
    .enum([...MILKS, 'none'])
    .nullish()
    .describe('"none" for "without milk".'),
  milkAmount: amount,
  sweetener: z
    .enum([...SWEETENERS, 'none'])
    .nullish()
    .describe('"none" for "no sugar".'),
  sweetenerAmount: amount,
  confirmed,
});
export type ChangeArguments = z.infer<typeof ChangeArguments>;

export const ConfirmArguments = z.object({ confirmed });
export type ConfirmArguments = z.infer<typeof ConfirmArguments>;

export const HandOverArguments = z.object({
  reason: z.string().max(200).nullish().describe('In a few words, when the caller gave one.'),
  confirmed,
});

export type HandOverArguments = z.infer<typeof HandOverArguments>;

/** @returns The item with everything unsaid as null, or undefined when the drink is missing. */
export function toOrderItem(args: ItemArguments): OrderItem | undefined {
  if (!args.drink) return undefined;
  return {
    quantity: args.quantity ?? 1,
    drink: args.drink,
    size: args.size ?? null,
    roast: args.roast ?? null,
    shots: args.shots ?? null,
    milk: args.milk ?? null,
    milkAmount: args.milk ? (args.milkAmount ?? 'regular') : null,
    sweetener: args.sweetener ?? null,
    sweetenerAmount: args.sweetener ? (args.sweetenerAmount ?? 'regular') : null,
  };
}

const NEXT_SHOT = { single: 'double', double: 'triple', triple: null } as const;

/**
 * @returns The item after the change, or what stands against it: four shots are not made.
 */
export function changeItem(item: OrderItem, change: ChangeArguments): OrderItem | 'too-many-shots' {
  const shots = change.shots === 'one more' ? NEXT_SHOT[item.shots ?? 'single'] : change.shots;
  if (shots === null && change.shots === 'one more') return 'too-many-shots';
  const milk = replaced(item.milk, change.milk);
  const sweetener = replaced(item.sweetener, change.sweetener);
  return {
    quantity: change.quantity ?? item.quantity,
    drink: change.drink ?? item.drink,
    size: change.size ?? item.size,
    roast: replaced(item.roast, change.roast),
    shots: replaced(item.shots, shots),
    milk,
    milkAmount: milk === null ? null : (change.milkAmount ?? (change.milk ? 'regular' : item.milkAmount)),
    sweetener,
    sweetenerAmount:
      sweetener === null ? null : (change.sweetenerAmount ?? (change.sweetener ? 'regular' : item.sweetenerAmount)),
  };
}

function replaced<Value extends string>(old: Value | null, change: Value | 'none' | null | undefined): Value | null {
  if (change === null || change === undefined) return old;
  return change === 'none' ? null : change;
}
