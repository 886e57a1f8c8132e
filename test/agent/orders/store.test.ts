import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import Database from 'libsql';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { OrderItem } from '../../../agent/orders/menu.js';
import { type OrderStore, openOrderStore } from '../../../agent/orders/store.js';
import { bundle } from '../../support/bundle.js';

const latte: OrderItem = {
  quantity: 1,
  drink: 'latte',
  size: 'large',
  roast: null,
  shots: null,
  milk: 'oat',
  milkAmount: 'regular',
  sweetener: null,
  sweetenerAmount: null,
};
const contents = { items: [latte], readyAtUnixMs: 300_000, nowUnixMs: 0 };

let folder: string;
let file: string;
let store: OrderStore;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'turnwise-orders-'));
  file = path.join(folder, 'deep', 'orders.db');
  store = openOrderStore(file);
});
afterEach(() => {
  store.close();
  store.close();
  rmSync(folder, { recursive: true, force: true });
});

describe('the order store', () => {
  it('keeps an order as it was said', () => {
    const saved = store.saveOrder('call', contents);
    expect(store.placedOrder('call')).toEqual(saved);
    expect(saved).toMatchObject({ items: [latte], totalCents: 570 });
    expect(store.placedOrder('another call')).toBeUndefined();
  });

  it('replaces the contents of the one order a call has', () => {
    const first = store.saveOrder('call', contents);
    const second = store.saveOrder('call', { ...contents, items: [latte, { ...latte, drink: 'mocha' }] });
    expect(second.id).toBe(first.id);
    expect(store.placedOrder('call')?.items.map(({ drink }) => drink)).toEqual(['latte', 'mocha']);
  });

  it('keeps a cancelled order beside the next one', () => {
    store.saveOrder('call', contents);
    expect(store.cancelOrder('call', 1)).toBe(true);
    expect(store.cancelOrder('call', 2)).toBe(false);
    expect(store.placedOrder('call')).toBeUndefined();
    store.saveOrder('call', contents);
    const database = new Database(file);
    const statuses = database.prepare('SELECT status FROM orders ORDER BY id').all();
    database.close();
    expect(statuses).toMatchObject([{ status: 'cancelled' }, { status: 'placed' }]);
  });

  it('answers a write that was done before without doing it again', () => {
    const key = { idempotencyKey: 'key', tool: 'place_order' };
    let runs = 0;
    const write = () => ({ run: ++runs });
    expect(store.once(key, 0, write)).toEqual({ run: 1 });
    expect(store.once(key, 0, write)).toEqual({ run: 1 });
    expect(store.answerOf('key')).toEqual({ run: 1 });
    expect(store.answerOf('other')).toBeUndefined();
  });

  it('leaves nothing of a write that failed half-way', () => {
    const failing = () => {
      store.saveOrder('call', contents);
      throw new Error('power cut');
    };
    expect(() => store.once({ idempotencyKey: 'key', tool: 'place_order' }, 0, failing)).toThrow('power cut');
    expect(store.placedOrder('call')).toBeUndefined();
    expect(store.answerOf('key')).toBeUndefined();
  });

  it('names the file that cannot be opened, and the setting', () => {
    const blocked = path.join(folder, 'file');
    writeFileSync(blocked, '');
    expect(() => openOrderStore(path.join(blocked, 'orders.db'))).toThrow(/file\/orders\.db.*ORDERS_DB/);
  });

  it('writes once when several processes write under the same key at the same time', async () => {
    const { file: compiled, folder: built } = await bundle(new URL('../../../agent/orders/store.ts', import.meta.url));
    try {
      const codes = await Promise.all(Array.from({ length: 4 }, () => writeInAnotherProcess(compiled, file)));
      expect(codes).toEqual([0, 0, 0, 0]);
    } finally {
      rmSync(built, { recursive: true, force: true });
    }
    const database = new Database(file);
    const writes = database.prepare('SELECT count(*) AS total FROM writes').get();
    const effects = database.prepare('SELECT count(*) AS total FROM hand_overs').get();
    database.close();
    expect({ writes, effects }).toMatchObject({ writes: { total: 25 }, effects: { total: 25 } });
  }, 30_000);
});

/** Does 25 writes, whose keys are those of every other such process. */
async function writeInAnotherProcess(compiled: string, database: string): Promise<number | null> {
  const script = `
    import { openOrderStore } from ${JSON.stringify(pathToFileURL(compiled).href)};
    const store = openOrderStore(${JSON.stringify(database)});
    for (let i = 0; i < 25; i++) {
      store.once({ idempotencyKey: 'key ' + i, tool: 'hand_over' }, 0, () => {
        store.recordHandOver('call', null, 0);
        return { status: 'handed_over' };
      });
    }
    store.close();`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], { stdio: 'inherit' });
  const [code] = (await once(child, 'exit')) as [number | null];
  return code;
}
