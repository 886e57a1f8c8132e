import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { TurnModel, TurnModelError } from '../../../agent/providers/turn-model.js';
import { Metrics } from '../../../agent/telemetry/metrics.js';
import { type Timings, TurnModelSupervisor } from '../../../agent/turn-model/supervisor.js';
import { bundle } from '../../support/bundle.js';

/** What the scripted model does at a first sample. */
const SCORE = 0;
const EXIT = 1;
const NEVER_ANSWER = 2;
const BLOCK = 3;

const soon = { timeout: 20_000, interval: 20 };
// Processes are started and given up on: seconds on a machine that has other things to do.
vi.setConfig({ testTimeout: 40_000, hookTimeout: 40_000 });

let program: string;
let folder: string;
beforeAll(async () => {
  ({ file: program, folder } = await bundle(new URL('./scripted-program.ts', import.meta.url)));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

let metrics: Metrics;
let supervisor: TurnModelSupervisor;
let model: TurnModel;
let path: string;
let log: { readonly msg: string; readonly reason?: string }[];

async function start(timings: Partial<Timings> = {}): Promise<void> {
  metrics = new Metrics('test');
  log = [];
  const logger = pino({ level: 'info', base: null }, { write: (line) => log.push(JSON.parse(line)) });
  supervisor = new TurnModelSupervisor({ measurements: metrics, logger, program, timings });
  path = await supervisor.start();
  model = new TurnModel(path);
}
afterEach(async () => {
  model.close();
  await supervisor.close();
});

const ask = (what: number): Promise<number> => {
  model.push(new Int16Array(19_200).fill(what));
  return model.score();
};

async function kindOf(score: Promise<number>): Promise<string | undefined> {
  return score.then(
    () => undefined,
    (error: unknown) => (error instanceof TurnModelError ? error.kind : 'other'),
  );
}

const scoresAgain = () => vi.waitFor(async () => expect(await ask(SCORE)).toBe(0.75), soon);

async function counted(kind: string): Promise<number> {
  const line = (await metrics.text())
    .split('\n')
    .find((one) => one.startsWith('turnwise_provider_errors_total{') && one.includes(`kind="${kind}"`));
  return Number(line?.split(' ').at(-1) ?? 0);
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

async function servingPid(): Promise<number> {
  return vi.waitUntil(() => supervisor.pid, soon);
}

describe("the turn model's supervisor", () => {
  beforeEach(async () => {
    await start();
    expect(await supervisor.firstServing(20_000)).toBe(true);
    await scoresAgain();
  });

  it('starts a killed process again: counted once, told once, and the next score works', async () => {
    const killed = await servingPid();
    process.kill(killed, 'SIGKILL');
    await scoresAgain();
    expect(await servingPid()).not.toBe(killed);
    expect(await counted('died')).toBe(1);
    expect(log.map(({ msg }) => msg)).toEqual([
      'turn model serves',
      expect.stringMatching(/^turn model ended/),
      'turn model is back',
    ]);
  });

  it('fails the request that a process dies of at once, as gone', async () => {
    expect(await kindOf(ask(EXIT))).toBe('gone');
    await scoresAgain();
    expect(await counted('died')).toBe(1);
  });

  it('survives the signals that a whole group of processes gets', async () => {
    const pid = await servingPid();
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.kill(pid, signal);
    await scoresAgain();
    expect(supervisor.pid).toBe(pid);
    expect(await counted('died')).toBe(0);
  });

  it('leaves nothing behind when it is closed, and may be closed twice', async () => {
    const pid = await servingPid();
    await Promise.all([supervisor.close(), supervisor.close()]);
    expect(isAlive(pid)).toBe(false);
    expect(existsSync(dirname(path))).toBe(false);
    expect(await counted('died')).toBe(0);
  });
});

describe('a turn model that hangs', () => {
  const quick = { pingMs: 300 };

  it.each([
    ['its process stands still', BLOCK],
    ['its model stands still', NEVER_ANSWER],
  ])('is ended and started again when %s, and its request is not left waiting', async (_how, what) => {
    await start(quick);
    await scoresAgain();
    const hung = await servingPid();
    expect(['slow', 'gone']).toContain(await kindOf(ask(what)));
    await scoresAgain();
    expect(isAlive(hung)).toBe(false);
    // On a machine that stands still itself, a well process may be given up on, too.
    expect(await counted('hung')).toBeGreaterThanOrEqual(1);
    expect(await counted('died')).toBe(0);
  });

  it('is ended by force when it does not end by itself', async () => {
    await start({ endMs: 50 });
    await scoresAgain();
    const pid = await servingPid();
    process.kill(pid, 'SIGSTOP');
    await supervisor.close();
    expect(isAlive(pid)).toBe(false);
  });
});

describe('a turn model that never serves', () => {
  afterEach(() => vi.unstubAllEnvs());

  it('is tried again and again, told once with the reason, and does not keep anybody waiting', async () => {
    vi.stubEnv('SCRIPTED_MODEL', 'missing');
    await start();
    expect(await supervisor.firstServing(1)).toBe(false);
    expect(await kindOf(ask(SCORE))).toBe('gone');
    await vi.waitFor(async () => expect(await counted('died')).toBeGreaterThanOrEqual(3), soon);
    expect(log.map(({ reason }) => reason)).toEqual(['There is no binary for this machine.']);
  });
});

describe('a worker that is killed', () => {
  it('takes its turn model and the socket with it', async () => {
    const parent = spawn(process.execPath, [program, 'supervise'], { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(parent.stdout, 'data');
    const child = JSON.parse(String(line)) as { readonly path: string; readonly pid: number };
    expect(isAlive(child.pid)).toBe(true);
    parent.kill('SIGKILL');
    await vi.waitFor(() => expect(isAlive(child.pid)).toBe(false), soon);
    expect(existsSync(dirname(child.path))).toBe(false);
  });
});
