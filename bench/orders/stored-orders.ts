/** Reads what a call has left in the order store. The schema stands in docs/orders.md. */
import Database from 'libsql';
import { z } from 'zod';
import type { ExpectedOrder } from './label.js';

const Row = z.object({
  quantity: z.number(),
  drink: z.string(),
  size: z.string().nullable(),
  roast: z.string().nullable(),
  shots: z.string().nullable(),
  milk: z.string().nullable(),
  milk_amount: z.string().nullable(),
  sweetener: z.string().nullable(),
  sweetener_amount: z.string().nullable(),
});

export interface StoredItem extends ExpectedOrder {
  readonly quantity: number;
}

export interface StoredOrders {
  /** Items of the order that the call has placed and not cancelled; none when there is none. */
  placed(callId: string): readonly StoredItem[];
  /** Orders of the call that were cancelled. */
  cancelled(callId: string): number;
  close(): void;
}

/** Opens the store of a running worker for reading. @throws when there is no such file. */
export function readStoredOrders(file: string): StoredOrders {
  const database = new Database(file, { readonly: true, fileMustExist: true });
  const items = database.prepare(
    'SELECT items.* FROM order_items items JOIN orders ON orders.id = items.order_id ' +
      "WHERE orders.call_id = ? AND orders.status = 'placed' ORDER BY items.position",
  );
  const cancelled = database.prepare("SELECT count(*) AS n FROM orders WHERE call_id = ? AND status = 'cancelled'");
  return {
    placed: (callId) =>
      items.all(callId).map((raw) => {
        const row = Row.parse(raw);
        const { quantity, drink, size, roast, shots, milk, sweetener } = row;
        const amounts = { milkAmount: row.milk_amount, sweetenerAmount: row.sweetener_amount };
        return { quantity, drink, size, roast, shots, milk, sweetener, ...amounts };
      }),
    cancelled: (callId) => z.object({ n: z.number() }).parse(cancelled.get(callId)).n,
    close: () => {
      if (database.open) database.close();
    },
  };
}

export type Verdict = 'right' | 'askedBack' | 'wrong' | 'unanswered';

/** Judges one spoken order by what stands in the store: an order that is not the one that was said is worse than none. */
export function judgeOrder(expected: ExpectedOrder, stored: readonly StoredItem[], answered: boolean): Verdict {
  const [item, ...others] = stored;
  if (item === undefined) return answered ? 'askedBack' : 'unanswered';
  const { quantity, ...order } = item;
  if (others.length > 0 || quantity !== 1) return 'wrong';
  const same = (Object.keys(expected) as (keyof ExpectedOrder)[]).every((key) => order[key] === expected[key]);
  return same ? 'right' : 'wrong';
}
