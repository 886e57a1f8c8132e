/** What the order tools do: one desk per call, over the store that all calls share. */
import { createHash } from 'node:crypto';
import {
  type ChangeArguments,
  type ConfirmArguments,
  changeItem,
  type HandOverArguments,
  type ItemArguments,
  type PlaceArguments,
  toOrderItem,
} from './arguments.js';
import type { CallContext } from './call-context.js';
import { isForgotten, mayWrite, type OpenQuestion } from './confirmation.js';
import { describeItem, describeItems } from './describe.js';
import { openingState, pickupAtUnixMs, sayPickup } from './hours.js';
import { formatPrice, linePriceCents, menuAsData, type OrderItem } from './menu.js';
import type { OrderStore, StoredOrder } from './store.js';

type Answer = Readonly<Record<string, unknown>>;

interface Write {
  readonly tool: string;
  /** The model's arguments; `confirmed` is left out of the key. */
  readonly args: Readonly<Record<string, unknown>> & ConfirmArguments;
  /** The write in words, to be read back when it must be confirmed first. */
  readonly readBack: string;
  /** Why a yes is needed whatever the confidence; absent when none is. */
  readonly doubt?: string | undefined;
  readonly effect: (nowUnixMs: number) => Answer;
}

/** One call's order desk. Every answer is plain data with a `status`, worded so that a model can speak from it. */
export class OrderDesk {
  readonly #store: OrderStore;
  readonly #call: CallContext;
  /** By what would be written, with the words that were read back: one reply may ask about two changes. */
  readonly #openQuestions = new Map<string, OpenQuestion & Pick<Write, 'readBack'>>();

  constructor(store: OrderStore, call: CallContext) {
    this.#store = store;
    this.#call = call;
  }

  menu(): Answer {
    return { status: 'ok', ...menuAsData() };
  }

  /** @returns The price of a drink, with the caller's own choices counted. */
  price(args: ItemArguments): Answer {
    const item = toOrderItem(args);
    if (item === undefined) return { status: 'needs', needs: ['drink'] };
    return {
      status: 'ok',
      what: describeItem(item),
      price: formatPrice(linePriceCents(item)),
      sizeSaid: item.size !== null,
    };
  }

  openingHours(): Answer {
    return { status: 'ok', days: 'every day', ...openingState(this.#call.nowUnixMs()) };
  }

  pickupTime(): Answer {
    const nowUnixMs = this.#call.nowUnixMs();
    const order = this.#store.placedOrder(this.#call.callId);
    if (order) return { status: 'ok', ordered: true, ready: sayPickup(nowUnixMs, order.readyAtUnixMs) };
    return { status: 'ok', ordered: false, ready: sayPickup(nowUnixMs, pickupAtUnixMs(nowUnixMs, 1)) };
  }

  order(): Answer {
    const order = this.#store.placedOrder(this.#call.callId);
    return order ? { status: 'ok', ...this.#orderAsData(order) } : NO_ORDER;
  }

  /** Places the call's order, or adds to it when one is placed already. */
  place(args: PlaceArguments): Answer {
    return this.#answered('place_order', args) ?? this.#place(args);
  }

  /** Changes one line of the placed order or takes it off; the last line cannot be taken off, only cancelled. */
  change(args: ChangeArguments): Answer {
    return this.#answered('change_order', args) ?? this.#change(args);
  }

  cancel(args: ConfirmArguments): Answer {
    return this.#answered('cancel_order', args) ?? this.#cancel(args);
  }

  /** Records that the caller wants a person. The demonstration calls nobody, and the answer says so. */
  handOver(args: HandOverArguments): Answer {
    return this.#answered('hand_over', args) ?? this.#handOver(args);
  }

  #place(args: PlaceArguments): Answer {
    const items: OrderItem[] = [];
    for (const itemArgs of args.items) {
      const item = toOrderItem(itemArgs);
      if (item === undefined) return { status: 'needs', needs: ['drink'] };
      items.push(item);
    }
    const placed = this.#store.placedOrder(this.#call.callId);
    const ordered = new Set(placed?.items.map(describeAlone));
    const repeated = args.another ? undefined : items.find((item) => ordered.has(describeAlone(item)));
    return this.#write({
      tool: 'place_order',
      args,
      readBack: describeItems(items),
      doubt: repeated && `The order already has ${describeItem(repeated)}; ask whether another one is wanted.`,
      effect: (nowUnixMs) => {
        // Read again: inside the transaction nobody else can change it.
        const earlier = this.#store.placedOrder(this.#call.callId)?.items ?? [];
        const order = this.#save(addItems(earlier, items), nowUnixMs);
        const status = earlier.length === 0 ? 'placed' : 'added';
        return { status, added: describeItems(items), ...this.#orderAsData(order) };
      },
    });
  }

  #change(args: ChangeArguments): Answer {
    const order = this.#store.placedOrder(this.#call.callId);
    if (order === undefined) return NO_ORDER;
    const index = lineToChange(order.items, args);
    const line = index === undefined ? undefined : order.items[index];
    if (line === undefined) {
      return { status: 'which_item', items: order.items.map(describeItem) };
    }
    if (args.remove) {
      if (order.items.length === 1) return { status: 'last_item', item: describeItem(line), hint: 'Offer to cancel.' };
      return this.#writeLines(args, order.items.toSpliced(index ?? 0, 1), {
        readBack: `taking off ${describeItem(line)}`,
        done: { status: 'removed', removed: describeItem(line) },
      });
    }
    const changed = changeItem(line, args);
    if (changed === 'too-many-shots') return { status: 'not_possible', why: 'A drink has three shots at most.' };
    if (describeItem(changed) === describeItem(line)) return { status: 'unchanged', item: describeItem(line) };
    return this.#writeLines(args, order.items.with(index ?? 0, changed), {
      readBack: `${describeItem(changed)} instead of ${describeItem(line)}`,
      done: { status: 'changed', changedTo: describeItem(changed) },
    });
  }

  #cancel(args: ConfirmArguments): Answer {
    const order = this.#store.placedOrder(this.#call.callId);
    if (order === undefined) return NO_ORDER;
    return this.#write({
      tool: 'cancel_order',
      args,
      readBack: `cancelling the order of ${describeItems(order.items)}`,
      effect: (nowUnixMs) => {
        this.#store.cancelOrder(this.#call.callId, nowUnixMs);
        return { status: 'cancelled' };
      },
    });
  }

  #handOver(args: HandOverArguments): Answer {
    return this.#write({
      tool: 'hand_over',
      args,
      readBack: 'handing over to a human colleague',
      effect: (nowUnixMs) => {
        this.#store.recordHandOver(this.#call.callId, args.reason ?? null, nowUnixMs);
        return {
          status: 'handed_over',
          who: 'a human colleague',
          say: 'Say that a human colleague takes over from here and that, this being a demonstration, nobody is really called.',
        };
      },
    });
  }

  #writeLines(args: ChangeArguments, items: readonly OrderItem[], words: { readBack: string; done: Answer }): Answer {
    return this.#write({
      tool: 'change_order',
      args,
      readBack: words.readBack,
      effect: (nowUnixMs) => ({ ...words.done, ...this.#orderAsData(this.#save(items, nowUnixMs)) }),
    });
  }

  /** What this write answered when it was done before: looked up first, for the order looks different since. */
  #answered(tool: string, args: Readonly<Record<string, unknown>>): Answer | undefined {
    return this.#store.answerOf(this.#key(tool, args));
  }

  /** Writes once per call, turn, tool and arguments, or asks for a yes. */
  #write({ tool, args, readBack, doubt, effect }: Write): Answer {
    const turn = this.#call.currentTurn();
    const idempotencyKey = this.#key(tool, args);
    const request = {
      writeKey: writeKey(tool, args),
      confirmed: args.confirmed === true,
      doubtful: doubt !== undefined,
    };
    for (const [asked, question] of this.#openQuestions)
      if (isForgotten(question, turn)) this.#openQuestions.delete(asked);
    const open = this.#openQuestions.get(request.writeKey);
    // The same place may hold another drink by now, and the order another one: a yes was to what was read back.
    const permission = mayWrite(request, turn, open?.readBack === readBack ? open : undefined);
    if (permission.kind === 'ask') {
      this.#openQuestions.set(request.writeKey, { ...permission.openQuestion, readBack });
      return { status: 'confirm_first', readBack, ...(doubt && { why: doubt }) };
    }
    const nowUnixMs = this.#call.nowUnixMs();
    const answer = this.#store.once({ idempotencyKey, tool }, nowUnixMs, () => effect(nowUnixMs));
    // Not before: where the store fails, the caller's yes holds for the next try.
    this.#openQuestions.delete(request.writeKey);
    return answer;
  }

  #save(items: readonly OrderItem[], nowUnixMs: number): StoredOrder {
    const drinkCount = items.reduce((sum, item) => sum + item.quantity, 0);
    const readyAtUnixMs = pickupAtUnixMs(nowUnixMs, drinkCount);
    return this.#store.saveOrder(this.#call.callId, { items, readyAtUnixMs, nowUnixMs });
  }

  #orderAsData(order: StoredOrder): Answer {
    return {
      orderNumber: order.id,
      items: order.items.map((item, index) => ({
        position: index + 1,
        ...item,
        description: describeItem(item),
        price: formatPrice(linePriceCents(item)),
      })),
      order: describeItems(order.items),
      total: formatPrice(order.totalCents),
      ready: sayPickup(this.#call.nowUnixMs(), order.readyAtUnixMs),
    };
  }

  #key(tool: string, args: Readonly<Record<string, unknown>>): string {
    const parts = JSON.stringify([this.#call.callId, this.#call.currentTurn().id, writeKey(tool, args)]);
    return createHash('sha256').update(parts).digest('hex');
  }
}

const NO_ORDER: Answer = { status: 'no_order' };

/** The one line there is, the one at the named place, or the one drink of the named kind. */
function lineToChange(items: readonly OrderItem[], args: ChangeArguments): number | undefined {
  if (args.position) return args.position <= items.length ? args.position - 1 : undefined;
  if (args.which) {
    const matches = items.flatMap((item, index) => (item.drink === args.which ? [index] : []));
    return matches.length === 1 ? matches[0] : undefined;
  }
  return items.length === 1 ? 0 : undefined;
}

/** Adds drinks to an order; one that is made exactly alike raises the quantity of its line. */
function addItems(earlier: readonly OrderItem[], added: readonly OrderItem[]): OrderItem[] {
  const lines = [...earlier];
  for (const item of added) {
    const index = lines.findIndex((line) => describeAlone(line) === describeAlone(item));
    const line = lines[index];
    if (line === undefined) lines.push(item);
    else lines[index] = { ...line, quantity: line.quantity + item.quantity };
  }
  return lines;
}

function describeAlone(item: OrderItem): string {
  return describeItem({ ...item, quantity: 1 });
}

/** The same for the same tool and arguments: keys sorted, what is null or absent left out, `confirmed` too. */
function writeKey(tool: string, args: Readonly<Record<string, unknown>>): string {
  return `${tool} ${JSON.stringify({ ...args, confirmed: null }, (_key, value: unknown) =>
    value !== null && typeof value === 'object' && !Array.isArray(value)
      ? Object.fromEntries(
          Object.entries(value)
            .filter(([, inner]) => inner !== null && inner !== undefined)
            .sort(([a], [b]) => (a < b ? -1 : 1)),
        )
      : value,
  )}`;
}
