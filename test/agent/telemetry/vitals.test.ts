import { expect, it } from 'vitest';
import type { Measurements } from '../../../agent/telemetry/metrics.js';
import { Vitals } from '../../../agent/telemetry/vitals.js';

const STALL_MS = 120;
/** Stalls come so often, in ms: one that begins just behind a figure is missed (`vitals.ts`). */
const STALL_EVERY_MS = 190;

/** Resolves with what is observed, one by one. */
function observations() {
  const seen: { name: string; ms: number }[] = [];
  let wake = () => {};
  const measurements: Measurements = {
    observe: (name, _labels, ms) => {
      seen.push({ name, ms });
      wake();
    },
    count: () => undefined,
  };
  const until = async (isEnough: () => boolean) => {
    while (!isEnough()) {
      await new Promise<void>((resolve) => {
        wake = resolve;
      });
    }
  };
  return { seen, measurements, until };
}

function stall(): void {
  const until = performance.now() + STALL_MS;
  while (performance.now() < until);
}

it("tells the longest stall of each stretch of a call's time, and not again what it has told", async () => {
  const { seen, measurements, until } = observations();
  const vitals = new Vitals(measurements, 50);
  try {
    await until(() => seen.length > 0);
    seen.length = 0;
    const stalls = setInterval(stall, STALL_EVERY_MS);
    await until(() => seen.some(({ ms }) => ms > STALL_MS / 2)).finally(() => clearInterval(stalls));
    expect(seen.every(({ name }) => name === 'turnwise_call_loop_lag_seconds')).toBe(true);
    expect(Math.max(...seen.map(({ ms }) => ms))).toBeLessThan(STALL_MS * 5);
    expect(seen.every(({ ms }) => ms >= 0)).toBe(true);
    seen.length = 0;
    // The machine may be busy: some stretch after it is calm again.
    await until(() => seen.some(({ ms }) => ms < STALL_MS / 2));
  } finally {
    vitals.close();
  }
});

it('is silent once it is closed, however often', async () => {
  const { seen, measurements, until } = observations();
  const vitals = new Vitals(measurements, 1);
  await until(() => seen.length > 0);
  vitals.close();
  vitals.close();
  const told = seen.length;
  stall();
  await new Promise((resolve) => setImmediate(resolve));
  expect(seen).toHaveLength(told);
});
