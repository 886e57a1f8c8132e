import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { OrderDesk } from '../../../agent/orders/desk.js';
import { openOrderStore } from '../../../agent/orders/store.js';

/** A desk whose caller has a latte and a mocha, and what the tools are told of the turn that is answered. */
function start() {
  const folder = mkdtempSync(path.join(tmpdir(), 'turnwise-desk-'));
  const store = openOrderStore(path.join(folder, 'orders.db'));
  onTestFinished(() => {
    store.close();
    rmSync(folder, { recursive: true, force: true });
  });
  let turn = { id: 1, confidence: 0.95 };
  /** The store's next write fails. */
  const failOnce = () =>
    void vi.spyOn(store, 'once').mockImplementationOnce(() => {
      throw new Error('database is locked');
    });
  const desk = new OrderDesk(store, { callId: 'AJ_1', currentTurn: () => turn, nowUnixMs: () => 0 });
  desk.place({ items: [{ drink: 'latte' }, { drink: 'mocha' }] });
  const say = (confidence: number) => {
    turn = { id: turn.id + 1, confidence };
  };
  return { desk, say, failOnce };
}

const LATTE = { which: 'latte', size: 'large' } as const;
const MOCHA = { which: 'mocha', size: 'small' } as const;
const YES = { confirmed: true } as const;

it('keeps the yes to what it asked where the store fails on it', () => {
  const { desk, say, failOnce } = start();
  say(0.6);
  expect(desk.change(LATTE)).toMatchObject({ status: 'confirm_first' });
  say(0.6);
  failOnce();
  expect(() => desk.change({ ...LATTE, ...YES })).toThrow(/locked/);
  expect(desk.change({ ...LATTE, ...YES })).toMatchObject({ status: 'changed' });
});

describe('two changes in one reply', () => {
  it('are each asked about, and each written on the yes', () => {
    const { desk, say } = start();
    say(0.6);
    expect(desk.change(LATTE)).toMatchObject({ status: 'confirm_first' });
    expect(desk.change(MOCHA)).toMatchObject({ status: 'confirm_first' });
    say(0.6);
    expect(desk.change({ ...LATTE, ...YES })).toMatchObject({ status: 'changed', changedTo: 'a large latte' });
    expect(desk.change({ ...MOCHA, ...YES })).toMatchObject({ status: 'changed', changedTo: 'a small mocha' });
  });

  it('are not written on a yes where the first of them has changed what the second would be', () => {
    const { desk, say } = start();
    desk.place({ items: [{ drink: 'espresso' }] });
    say(0.6);
    const [first, second] = [
      { position: 1, remove: true },
      { position: 2, remove: true },
    ];
    expect(desk.change(first)).toMatchObject({ readBack: 'taking off a latte' });
    expect(desk.change(second)).toMatchObject({ readBack: 'taking off a mocha' });
    say(0.6);
    expect(desk.change({ ...first, ...YES })).toMatchObject({ status: 'removed' });
    expect(desk.change({ ...second, ...YES })).toMatchObject({
      status: 'confirm_first',
      readBack: 'taking off an espresso',
    });
  });

  it('leave the question about one of them open when the other is written', () => {
    const { desk, say } = start();
    say(0.95);
    expect(desk.place({ items: [{ drink: 'latte' }] })).toMatchObject({ status: 'confirm_first' });
    expect(desk.change(MOCHA)).toMatchObject({ status: 'changed' });
    say(0.95);
    expect(desk.place({ items: [{ drink: 'latte' }], ...YES })).toMatchObject({ status: 'added' });
  });

  it('are forgotten when the caller has said other things since', () => {
    const { desk, say } = start();
    say(0.6);
    desk.change(LATTE);
    for (let turn = 0; turn < 3; turn += 1) say(0.6);
    expect(desk.change({ ...LATTE, ...YES })).toMatchObject({ status: 'confirm_first' });
  });
});
