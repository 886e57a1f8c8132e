/** Starts and ends the stock worker beside a system that runs already. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { projectRoot } from '../installed.js';
import { READY_LINE } from './ready-line.js';
import type { StockSettings } from './settings.js';

/** Loading the framework takes seconds where the machine is busy. */
const START_TIMEOUT_MS = 60_000;
/** Longest wait for the worker and its calls to end, in ms, before it is killed. */
const CLOSE_TIMEOUT_MS = 10_000;
/** Last lines kept, to be told when it does not start. */
const KEPT_LINES = 20;

export interface StockWorker {
  /** Ends the worker with its calls. May be called twice. */
  close(): Promise<void>;
}

/** @throws Error with the worker's own words when it does not register. */
export async function startStockWorker(settings: StockSettings, signal: AbortSignal): Promise<StockWorker> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [join(projectRoot(), 'dist/bench/stock/main.js')], {
    env: { PATH, HOME, NODE_ENV: 'production', ...settings },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  child.on('error', () => undefined);
  const lines: string[] = [];
  const keep = (line: string): void => void lines.splice(0, lines.push(line) - KEPT_LINES);
  createInterface({ input: child.stderr }).on('line', keep);
  const close = (): Promise<void> => end(child);
  try {
    await registered(child, keep, AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT_MS)]));
  } catch (error) {
    await close();
    signal.throwIfAborted();
    throw new Error(`The stock worker did not start.\n${lines.join('\n')}`, { cause: error });
  }
  return { close };
}

async function registered(child: ChildProcess, onLine: (line: string) => void, signal: AbortSignal): Promise<void> {
  if (child.stdout === null) throw new Error('It has no standard output.');
  const output = createInterface({ input: child.stdout });
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    output.once('close', () => reject(new Error('It ended.')));
    output.on('line', (line) => {
      onLine(line);
      if (line.includes(READY_LINE)) resolve();
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const killer = setTimeout(() => child.kill('SIGKILL'), CLOSE_TIMEOUT_MS);
  await closed;
  clearTimeout(killer);
}
