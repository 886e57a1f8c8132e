/** Between the caller's sound and the agent's, no call waits for a disk: seen in the system calls of its process. */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readMetric } from '../support/metrics.js';
import { jobProcessesOf } from '../support/process-tree.js';
import { scriptedRecording } from '../support/recordings.js';
import { type ScriptedStack, startScriptedStack } from '../support/scripted-stack.js';
import { placeCall } from '../support/stack.js';

const ORDER = 'orders/7594182a.flac';
const limit = { timeoutMs: 30_000 };
/** The worker's default. */
const WARM_PROCESSES = 2;
/** Not a file on a disk: sockets, pipes, timers, devices, and what the kernel makes up. */
const NO_FILE = /^(?:socket:|pipe:|anon_inode:|TCP|UDP|UNIX|NETLINK|\/dev\/|\/proc\/|\/sys\/|\/memfd:)/;

let scripted: ScriptedStack;
let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnwise-trace-'));
  scripted = await startScriptedStack('traced');
});
afterAll(async () => {
  await scripted?.close();
  await rm(folder, { recursive: true, force: true });
});

describe.skipIf(spawnSync('strace', ['-V']).status !== 0)('a call', () => {
  it('reads and writes no file from the words of a turn to the end of its answer', async () => {
    const { clip, turn } = await scriptedRecording(ORDER);
    await scripted.script({
      turns: [turn],
      replies: [{ text: 'Gladly. What else can I get you?' }],
      preset: 'fixed',
    });
    await using call = await placeCall(scripted.stack, { profile: 'excellent' });
    const { caller } = call;
    await caller.waitForGreeting(limit);

    // A process that is being loaded for a later call reads what it runs.
    await vi.waitFor(
      async () => expect(await readMetric(scripted.stack.metricsUrl, 'turnwise_warm_processes')).toBe(WARM_PROCESSES),
      {
        timeout: 60_000,
        interval: 500,
      },
    );
    const traced = jobProcessesOf(scripted.stack.process.pid ?? 0);
    expect(traced.length).toBeGreaterThan(0);
    const file = join(folder, 'trace.txt');
    const trace = spawn('strace', [
      ...['-f', '-y', '-qq', '-e', 'trace=openat,read,pread64,readv,write,pwrite64,writev', '-o', file],
      ...traced.flatMap((pid) => ['-p', String(pid)]),
    ]);
    const saying = caller.startSaying(clip);
    await saying.finished;
    const { outcome } = await saying.reply(limit);
    trace.kill('SIGINT');
    await once(trace, 'close');
    expect(outcome).toBe('answered');

    const lines = (await readFile(file, 'utf8')).split('\n');
    // The trace saw the call: its sound goes through sockets.
    expect(lines.some((line) => /(?:socket:|TCP|UDP)/.test(line))).toBe(true);
    expect(lines.flatMap(fileOf)).toEqual([]);
  });
});

/** The file that a system call was for; nothing for what is none. */
function fileOf(line: string): string[] {
  const opened = /openat\([^,]+, "([^"]+)"/.exec(line)?.[1];
  const used = /\b(?:p?readv?(?:64)?|p?writev?(?:64)?)\(\d+<([^>]*)>/.exec(line)?.[1];
  const path = opened ?? used;
  return path === undefined || NO_FILE.test(path) ? [] : [path];
}
