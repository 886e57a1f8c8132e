/** A system that the person at the terminal stops in the middle of a call. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { descendantsOf } from '../support/process-tree.js';
import { type PlacedCall, placeCall } from '../support/stack.js';
import { isAlive, makeFolder, PROJECT, Script } from './support.js';

const PORTS = ['LIVEKIT', 'LIVEKIT_TCP', 'LIVEKIT_UDP', 'LOCAL_PROVIDERS', 'WEB', 'TOKEN_METRICS', 'METRICS', 'HEALTH'];
const limit = { timeoutMs: 20_000 };

describe('npm start, stopped in the middle of a call', () => {
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  let script: Script;
  let call: PlacedCall;
  let pids: number[];
  beforeEach(async () => {
    folder = await makeFolder({ 'tmp/.keep': '' });
    const args = [join(PROJECT, 'scripts/start.mjs'), '--json', '--providers-engine', 'scripted'];
    const env = {
      ...Object.fromEntries(PORTS.map((name) => [`${name}_PORT`, '0'])),
      TMPDIR: join(folder.path, 'tmp'),
      ORDERS_DB: join(folder.path, 'orders.db'),
      PHRASES_DIR: join(folder.path, 'phrases'),
      CALL_LOG_URL: `file:${join(folder.path, 'calls.db')}`,
      CALL_LOG_SPOOL: join(folder.path, 'spool.db'),
      TURNWISE_CACHE_DIR: process.env.TURNWISE_CACHE_DIR,
      SPEECH_ENGINES_DIR: process.env.SPEECH_ENGINES_DIR,
      LIVEKIT_SERVER_BIN: process.env.LIVEKIT_SERVER_BIN,
      PYTHON: process.env.PYTHON,
    };
    script = new Script(args, env, { ownGroup: true });
    const [line] = await script.says(/^\{"ready":true.*\}$/m);
    pids = descendantsOf(Number(script.child.pid)).map(({ pid }) => pid);
    call = await placeCall(JSON.parse(line));
    await call.caller.waitForGreeting(limit);
    // What is to be gone afterwards is there: the sockets of what calls measure, and of the turn model.
    expect(await ownFolders()).toHaveLength(2);
  });
  afterEach(async () => {
    await call?.[Symbol.asyncDispose]();
    await script?.kill();
    await folder?.remove();
  });

  const ownFolders = async () =>
    (await readdir(join(folder.path, 'tmp'))).filter((name) => name.startsWith('turnwise-'));

  it('by Ctrl-C, ends within 5 s and leaves nothing behind', async () => {
    const askedAtMs = performance.now();
    process.kill(-Number(script.child.pid), 'SIGINT');
    expect(await script.whenEnded).toBe(0);
    expect(performance.now() - askedAtMs).toBeLessThan(5_000);
    expect(await ownFolders()).toEqual([]);
    await vi.waitFor(() => expect(pids.filter(isAlive)).toEqual([]));
  });
});
