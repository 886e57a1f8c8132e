/** The words an order is made of, read from the JSON schema of the tool that places orders. */
import type { ChatTool } from '../../engine.js';

export const SLOTS = ['size', 'roast', 'shots', 'milk', 'milkAmount', 'sweetener', 'sweetenerAmount'] as const;
export type Slot = (typeof SLOTS)[number];

/** The values a tool takes, by field. An absent field takes none. */
export type Lexicon = Readonly<Record<'drink' | Exclude<Slot, 'sweetenerAmount'>, readonly string[]>>;

/** @returns The lexicon of the first tool that takes ordered items, or undefined when no tool does. */
export function lexiconOf(tools: readonly ChatTool[]): Lexicon | undefined {
  const item = property(property(tools.find((tool) => tool.name === 'place_order')?.parameters, 'items'), undefined);
  if (item === undefined) return undefined;
  const values = (name: string) => enumValues(property(item, name));
  const drink = values('drink');
  if (drink.length === 0) return undefined;
  return {
    drink,
    size: values('size'),
    roast: values('roast'),
    shots: values('shots'),
    milk: values('milk'),
    milkAmount: values('milkAmount'),
    sweetener: values('sweetener'),
  };
}

/** @returns Whether the tool has this parameter and, if given, allows this value for it. */
export function takes(tool: ChatTool | undefined, name: string, value?: string): boolean {
  const schema = property(tool?.parameters, name);
  return schema !== undefined && (value === undefined || enumValues(schema).includes(value));
}

/** The schema of an object's property, or of an array's elements when no name is given. */
function property(schema: unknown, name: string | undefined): unknown {
  for (const variant of variants(schema)) {
    const inner = name === undefined ? variant.items : asRecord(variant.properties)?.[name];
    if (inner !== undefined) return inner;
  }
  return undefined;
}

function enumValues(schema: unknown): string[] {
  return variants(schema).flatMap((variant) => {
    const listed = variant.enum;
    return Array.isArray(listed) ? listed.filter((value): value is string => typeof value === 'string') : [];
  });
}

/** The schema and the alternatives in it: optional fields often come as `anyOf` with null. */
function variants(schema: unknown): Readonly<Record<string, unknown>>[] {
  const record = asRecord(schema);
  if (record === undefined) return [];
  const inner = [record.anyOf, record.oneOf].flatMap((list) => (Array.isArray(list) ? list : []));
  return [record, ...inner.flatMap(variants)];
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
