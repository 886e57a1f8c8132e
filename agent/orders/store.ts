/** The orders as a SQLite file, shared by every call process of the machine. The schema is described in docs/orders.md. */
import { mkdirSync } from 'node:fs';
import path from 'node:path';
import Database from 'libsql';
import { z } from 'zod';
import { AMOUNTS, DRINKS, linePriceCents, MILKS, type OrderItem, ROASTS, SHOTS, SIZES, SWEETENERS } from './menu.js';

const SCHEMA = `
CREATE TABLE IF NOT EXISTS orders (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  call_id TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('placed', 'cancelled')),
  total_cents INTEGER NOT NULL,
  ready_at_unix_ms INTEGER NOT NULL,
  created_at_unix_ms INTEGER NOT NULL,
  updated_at_unix_ms INTEGER NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS one_placed_order_per_call ON orders (call_id) WHERE status = 'placed';
CREATE TABLE IF NOT EXISTS order_items (
  order_id INTEGER NOT NULL REFERENCES orders (id),
  position INTEGER NOT NULL,
  quantity INTEGER NOT NULL,
  drink TEXT NOT NULL,
  size TEXT,
  roast TEXT,
  shots TEXT,
  milk TEXT,
  milk_amount TEXT,
  sweetener TEXT,
  sweetener_amount TEXT,
  price_cents INTEGER NOT NULL,
  PRIMARY KEY (order_id, position)
);
CREATE TABLE IF NOT EXISTS hand_overs (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  call_id TEXT NOT NULL,
  reason TEXT,
  created_at_unix_ms INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS writes (
  idempotency_key TEXT PRIMARY KEY,
  tool TEXT NOT NULL,
  answer TEXT NOT NULL,
  created_at_unix_ms INTEGER NOT NULL
);
`;

/** Longest wait for another process' write, in ms. The wait blocks this call's audio, and a write takes a few ms. */
const BUSY_TIMEOUT_MS = 2_000;

const OrderRow = z.object({ id: z.number(), total_cents: z.number(), ready_at_unix_ms: z.number() });
const ItemRow = z.object({
  quantity: z.number(),
  drink: z.enum(DRINKS),
  size: z.enum(SIZES).nullable(),
  roast: z.enum(ROASTS).nullable(),
  shots: z.enum(SHOTS).nullable(),
  milk: z.enum(MILKS).nullable(),
  milk_amount: z.enum(AMOUNTS).nullable(),
  sweetener: z.enum(SWEETENERS).nullable(),
  sweetener_amount: z.enum(AMOUNTS).nullable(),
});
const WriteRow = z.object({ answer: z.string() });
const AnswerJson = z.record(z.string(), z.unknown());

/** The order of a call that is placed and not cancelled. */
export interface StoredOrder {
  readonly id: number;
  readonly items: readonly OrderItem[];
  readonly totalCents: number;
  readonly readyAtUnixMs: number;
}

/** What a new order, or new contents of one, bring along. */
export interface OrderContents {
  readonly items: readonly OrderItem[];
  readonly readyAtUnixMs: number;
  readonly nowUnixMs: number;
}

/** Plain data, kept as JSON beside the write. */
export type WriteAnswer = Readonly<Record<string, unknown>>;

/** Names one write for good. */
export interface WriteKey {
  readonly idempotencyKey: string;
  readonly tool: string;
}

export interface OrderStore {
  /** @returns The call's placed order, or undefined when it has none. */
  placedOrder(callId: string): StoredOrder | undefined;
  /** Places the call's order, or replaces the contents of the one that is placed. At least one item. */
  saveOrder(callId: string, contents: OrderContents): StoredOrder;
  /** @returns Whether there was an order to cancel. */
  cancelOrder(callId: string, nowUnixMs: number): boolean;
  recordHandOver(callId: string, reason: string | null, nowUnixMs: number): void;
  /** @returns The answer stored under this key, or undefined when no write was done under it. */
  answerOf(idempotencyKey: string): WriteAnswer | undefined;
  /**
   * Runs `write` in one transaction, unless a write under this key was done before, by whatever process.
   * @returns The answer of the write that was done first.
   */
  once(key: WriteKey, nowUnixMs: number, write: () => WriteAnswer): WriteAnswer;
  close(): void;
}

/**
 * Opens the store and creates what is missing.
 * @param file - Path of the SQLite file; its folder is made when absent.
 * @throws when the file cannot be opened, naming it.
 */
export function openOrderStore(file: string): OrderStore {
  const database = openDatabase(file);
  const selectOrder = database.prepare(
    "SELECT id, total_cents, ready_at_unix_ms FROM orders WHERE call_id = ? AND status = 'placed'",
  );
  const selectItems = database.prepare('SELECT * FROM order_items WHERE order_id = ? ORDER BY position');
  const insertOrder = database.prepare(
    "INSERT INTO orders (call_id, status, total_cents, ready_at_unix_ms, created_at_unix_ms, updated_at_unix_ms) VALUES (?, 'placed', ?, ?, ?, ?)",
  );
  const updateOrder = database.prepare(
    'UPDATE orders SET total_cents = ?, ready_at_unix_ms = ?, updated_at_unix_ms = ? WHERE id = ?',
  );
  const cancelOrder = database.prepare(
    "UPDATE orders SET status = 'cancelled', updated_at_unix_ms = ? WHERE call_id = ? AND status = 'placed'",
  );
  const deleteItems = database.prepare('DELETE FROM order_items WHERE order_id = ?');
  const insertItem = database.prepare('INSERT INTO order_items VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const insertHandOver = database.prepare(
    'INSERT INTO hand_overs (call_id, reason, created_at_unix_ms) VALUES (?, ?, ?)',
  );
  const selectWrite = database.prepare('SELECT answer FROM writes WHERE idempotency_key = ?');
  const insertWrite = database.prepare('INSERT INTO writes VALUES (?, ?, ?, ?)');

  const placedOrder = (callId: string): StoredOrder | undefined => {
    const row = selectOrder.get(callId);
    if (row === undefined) return undefined;
    const order = OrderRow.parse(row);
    return {
      id: order.id,
      items: selectItems.all(order.id).map(itemFromRow),
      totalCents: order.total_cents,
      readyAtUnixMs: order.ready_at_unix_ms,
    };
  };

  const answerOf = (idempotencyKey: string): WriteAnswer | undefined => {
    const row = selectWrite.get(idempotencyKey);
    return row === undefined ? undefined : AnswerJson.parse(JSON.parse(WriteRow.parse(row).answer));
  };

  return {
    placedOrder,
    answerOf,
    saveOrder(callId, { items, readyAtUnixMs, nowUnixMs }) {
      const totalCents = items.reduce((sum, item) => sum + linePriceCents(item), 0);
      const placed = placedOrder(callId);
      const id =
        placed?.id ?? Number(insertOrder.run(callId, totalCents, readyAtUnixMs, nowUnixMs, nowUnixMs).lastInsertRowid);
      if (placed) updateOrder.run(totalCents, readyAtUnixMs, nowUnixMs, id);
      deleteItems.run(id);
      items.forEach((item, index) => {
        insertItem.run(
          id,
          index + 1,
          item.quantity,
          item.drink,
          item.size,
          item.roast,
          item.shots,
          item.milk,
          item.milkAmount,
          item.sweetener,
          item.sweetenerAmount,
          linePriceCents(item),
        );
      });
      return { id, items, totalCents, readyAtUnixMs };
    },
    cancelOrder: (callId, nowUnixMs) => cancelOrder.run(nowUnixMs, callId).changes > 0,
    recordHandOver(callId, reason, nowUnixMs) {
      insertHandOver.run(callId, reason, nowUnixMs);
    },
    once({ idempotencyKey, tool }, nowUnixMs, write) {
      // Immediate: the write lock is taken before the key is looked up, so two processes cannot both find it missing.
      return database
        .transaction(() => {
          const done = answerOf(idempotencyKey);
          if (done !== undefined) return done;
          const answer = write();
          insertWrite.run(idempotencyKey, tool, JSON.stringify(answer), nowUnixMs);
          return answer;
        })
        .immediate();
    },
    close() {
      if (database.open) database.close();
    },
  };
}

function openDatabase(file: string) {
  try {
    mkdirSync(path.dirname(file), { recursive: true });
    const database = new Database(file, { timeout: BUSY_TIMEOUT_MS });
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    database.pragma('journal_mode = WAL');
    // With WAL this loses at most the last writes on power failure, never consistency, and saves an fsync a write.
    database.pragma('synchronous = NORMAL');
    database.exec(SCHEMA);
    return database;
  } catch (error) {
    throw new Error(`Cannot open the order store "${file}". Set ORDERS_DB to a file in a writable folder.`, {
      cause: error,
    });
  }
}

function itemFromRow(row: unknown): OrderItem {
  const { milk_amount: milkAmount, sweetener_amount: sweetenerAmount, ...rest } = ItemRow.parse(row);
  return { ...rest, milkAmount, sweetenerAmount };
}
