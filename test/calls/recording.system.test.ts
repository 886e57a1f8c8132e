/** What a call's listener was told, decided again offline, comes to the same. */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { replayRecordedCall } from '../../bench/turns/recorded-call.js';
import { clipFrom, placeCall, startStack } from '../support/stack.js';

it('a recorded call replayed offline is decided as it was', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'turnwise-recordings-'));
  try {
    const stack = await startStack({ env: { TURN_RECORDINGS: folder } });
    try {
      await using call = await placeCall(stack);
      await call.caller.waitForGreeting({ timeoutMs: 15_000 });
      const turn = await call.caller.say(await clipFrom('test/speech/orders/7594182a.flac'), { timeoutMs: 15_000 });
      expect(turn.outcome).toBe('answered');
    } finally {
      await stack.close();
    }
    const [file = ''] = await readdir(folder);
    const replayed = await replayRecordedCall(join(folder, file));
    expect(replayed).toMatchObject({ commits: expect.toSatisfy((n: number) => n > 0), different: [] });
    expect(replayed.inputs).toBeGreaterThan(100);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
