import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { measureMemory, residentBytes } from '../../../agent/telemetry/process-memory.js';

const MEGABYTE = 2 ** 20;
/** No process has this id: the kernel gives none above 2^22. */
const NOBODY = 2 ** 22 + 1;

describe.skipIf(!existsSync('/proc/self/status'))("processes' memory", () => {
  it('is what the process itself would say', async () => {
    const bytes = await residentBytes(process.pid);
    expect(Math.abs((bytes ?? 0) - process.memoryUsage.rss())).toBeLessThan(30 * MEGABYTE);
    expect(await residentBytes(NOBODY)).toBeUndefined();
  });

  it('is summed by what they do, without those that are gone', async () => {
    const self = (hasCall: boolean) => ({ pid: process.pid, hasCall });
    const sums = await measureMemory([self(true), self(true), self(false), { pid: NOBODY, hasCall: false }], undefined);
    const [one = 0, two = 0] = [sums.get('warm'), sums.get('call')];
    expect(one).toBeGreaterThan(10 * MEGABYTE);
    expect(two / one).toBeGreaterThan(1.8);
    expect(two / one).toBeLessThan(2.2);
    expect(sums.get('turn_model')).toBe(0);
    expect(sums.get('parent')).toBeGreaterThan(10 * MEGABYTE);
  });

  it('is unknown, not 0, where nothing can be read', async () => {
    const sums = await measureMemory([{ pid: NOBODY, hasCall: true }], process.pid);
    expect(sums.has('call')).toBe(false);
    expect(sums.get('turn_model')).toBeGreaterThan(10 * MEGABYTE);
    expect(sums.get('warm')).toBe(0);
  });
});
