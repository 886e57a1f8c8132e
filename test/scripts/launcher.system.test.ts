import { existsSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { claimPorts } from '../../scripts/lib/ports.mjs';
import { isAlive, makeFolder, PROJECT, runScript, Script } from './support.js';

const LAUNCH = fileURLToPath(new URL('./stand-ins/launch.mjs', import.meta.url));
const START = join(PROJECT, 'scripts/start.mjs');

interface StandIn {
  readonly name: string;
  readonly stage: number;
  readonly options?: readonly string[];
}

describe('programs started together', () => {
  let script: Script | undefined;
  let folder: Awaited<ReturnType<typeof makeFolder>>;
  beforeEach(async () => {
    folder = await makeFolder({});
  });
  afterEach(async () => {
    await script?.kill();
    await folder.remove();
  });

  async function start(standIns: readonly StandIn[]) {
    const { ports } = await claimPorts(standIns.map(({ name }) => ({ name, port: 0 })));
    const runningFile = join(folder.path, 'running.json');
    const programs = standIns.map((standIn) => ({ ...standIn, port: ports[standIn.name] }));
    script = new Script([LAUNCH, JSON.stringify({ programs, runningFile })]);
    return { script, runningFile, ports };
  }
  const pidOf = async (name: string) =>
    Number((await script?.says(new RegExp(`^${name} *\\| \\S+ info pid (\\d+)`, 'm')))?.[1]);

  it('start in order, each stage when the one before is ready, and say so', async () => {
    const { script: launcher, runningFile } = await start([
      { name: 'worker', stage: 1 },
      { name: 'sfu', stage: 0 },
    ]);
    await launcher.says(/^Stand-ins are ready$/m);
    const order = [...launcher.stdout.matchAll(/^(sfu|worker) +\| (?:\S+ info (pid)|(listening))/gm)];
    expect(order.map(([, name, pid]) => `${name} ${pid === undefined ? 'listens' : 'starts'}`)).toEqual([
      'sfu starts',
      'sfu listens',
      'worker starts',
      'worker listens',
    ]);
    expect(existsSync(runningFile)).toBe(true);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)(
    'end within 5 s of %s, with code 0, even one that does not want to',
    async (signal) => {
      const { script: launcher, runningFile } = await start([
        { name: 'sfu', stage: 0 },
        { name: 'worker', stage: 1, options: ['stubborn'] },
      ]);
      await launcher.says(/^Stand-ins are ready$/m);
      const pids = [await pidOf('sfu'), await pidOf('worker')];
      const askedAtMs = performance.now();
      launcher.child.kill(signal);
      expect(await launcher.whenEnded).toBe(0);
      expect(performance.now() - askedAtMs).toBeLessThan(5_000);
      expect(pids.map(isAlive)).toEqual([false, false]);
      expect(existsSync(runningFile)).toBe(false);
    },
  );

  it('end those that depend on others first', async () => {
    const { script: launcher } = await start([
      { name: 'sfu', stage: 0 },
      { name: 'worker', stage: 1 },
    ]);
    await launcher.says(/^Stand-ins are ready$/m);
    launcher.child.kill('SIGINT');
    await launcher.whenEnded;
    const order = [...launcher.stdout.matchAll(/^(sfu|worker) +\| asked to stop/gm)].map(([, name]) => name);
    expect(order).toEqual(['worker', 'sfu']);
  });

  it('all end when one dies, which is named with its last words', async () => {
    const { script: launcher, ports } = await start([
      { name: 'sfu', stage: 0 },
      { name: 'worker', stage: 1 },
    ]);
    await launcher.says(/^Stand-ins are ready$/m);
    const sfu = await pidOf('sfu');
    await fetch(`http://127.0.0.1:${ports.worker}/die`).catch(() => {});
    expect(await launcher.whenEnded).toBe(1);
    expect(launcher.stderr).toContain('| out of coffee');
    expect(launcher.stderr).toContain('turnwise: worker ended with code 4;');
    expect(isAlive(sfu)).toBe(false);
  });

  it('all end when one dies before it is ready', async () => {
    const { script: launcher } = await start([
      { name: 'sfu', stage: 0 },
      { name: 'worker', stage: 1, options: ['dies'] },
    ]);
    expect(await launcher.whenEnded).toBe(1);
    expect(launcher.stderr).toContain('| the cellar is flooded');
    expect(launcher.stderr).toContain('turnwise: worker ended with code 3;');
    expect(launcher.stdout).not.toContain('ready');
  });

  it('take what they started themselves with them', async () => {
    const { script: launcher } = await start([{ name: 'worker', stage: 0, options: ['parent'] }]);
    await launcher.says(/^Stand-ins are ready$/m);
    const child = Number((await launcher.says(/child (\d+)/))[1]);
    launcher.child.kill('SIGTERM');
    expect(await launcher.whenEnded).toBe(0);
    await vi.waitFor(() => expect(isAlive(child)).toBe(false));
  });

  it('end when the launcher is killed outright', async () => {
    const { script: launcher, runningFile } = await start([
      { name: 'sfu', stage: 0 },
      { name: 'worker', stage: 0, options: ['stubborn'] },
    ]);
    await launcher.says(/^Stand-ins are ready$/m);
    const pids = [await pidOf('sfu'), await pidOf('worker')];
    launcher.child.kill('SIGKILL');
    await vi.waitFor(() => expect(pids.map(isAlive)).toEqual([false, false]), { timeout: 5_000 });
    expect(existsSync(runningFile)).toBe(false);
  });
});

describe('npm start', () => {
  it('explains itself', async () => {
    const { code, stdout } = await runScript([START, '--help']);
    expect(code).toBe(0);
    expect(stdout).toContain('--providers-engine offline|scripted');
  });

  it('names an option that it does not know', async () => {
    const { code, stderr } = await runScript([START, '--fast']);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^turnwise: Unknown option '--fast'.*--help\.$/m);
  });

  it('names all wrong settings at once, and no secret', async () => {
    const { code, stderr } = await runScript([START], {
      WEB_PORT: 'three thousand',
      LIVEKIT_PORT: '77777',
      LATENCY_PROFILE: 'instant',
      DEEPGRAM_BASE_URL: 'nonsense',
      LIVEKIT_URL: 'http:/wrong',
      OPENAI_API_KEY: 'sk-very-secret',
    });
    expect(code).toBe(1);
    for (const name of [
      'WEB_PORT',
      'LATENCY_PROFILE',
      'DEEPGRAM_BASE_URL',
      'LIVEKIT_URL',
      'LIVEKIT_API_KEY',
      'LIVEKIT_API_SECRET',
    ]) {
      expect(stderr).toMatch(new RegExp(`^ {2}${name} `, 'm'));
    }
    expect(stderr).not.toContain('sk-very-secret');
  });

  it('names every port in use with the setting that moves it, and starts nothing', async () => {
    const holders = await Promise.all(
      [0, 1].map(async () => {
        const server = createServer();
        await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
        const address = server.address();
        return { server, port: typeof address === 'object' && address !== null ? address.port : 0 };
      }),
    );
    const free = {
      LIVEKIT_TCP_PORT: '0',
      LIVEKIT_UDP_PORT: '0',
      LOCAL_PROVIDERS_PORT: '0',
      HEALTH_PORT: '0',
      METRICS_PORT: '0',
    };
    const { code, stdout, stderr } = await runScript([START], {
      ...free,
      TOKEN_METRICS_PORT: '0',
      WEB_PORT: String(holders[0]?.port),
      LIVEKIT_PORT: String(holders[1]?.port),
    });
    for (const { server } of holders) server.close();
    expect(code).toBe(1);
    expect(stdout).toBe('');
    expect(stderr).toContain(`Port ${holders[0]?.port} is in use: set WEB_PORT in .env`);
    expect(stderr).toContain(`Port ${holders[1]?.port} is in use: set LIVEKIT_PORT in .env`);
  });

  it('starts the real programs, says where they are, and ends them within 5 s', async () => {
    const ports = [
      'LIVEKIT',
      'LIVEKIT_TCP',
      'LIVEKIT_UDP',
      'LOCAL_PROVIDERS',
      'WEB',
      'TOKEN_METRICS',
      'METRICS',
      'HEALTH',
    ];
    const startedAtMs = performance.now();
    const script = new Script([START, '--json', '--providers-engine', 'scripted'], {
      ...Object.fromEntries(ports.map((name) => [`${name}_PORT`, '0'])),
      TURNWISE_CACHE_DIR: process.env.TURNWISE_CACHE_DIR,
      SPEECH_ENGINES_DIR: process.env.SPEECH_ENGINES_DIR,
      LIVEKIT_SERVER_BIN: process.env.LIVEKIT_SERVER_BIN,
      PYTHON: process.env.PYTHON,
    });
    try {
      const [line] = await script.says(/^\{"ready":true.*\}$/m);
      // 10 s on two cores of its own; other tests share the machine with this one.
      expect(performance.now() - startedAtMs).toBeLessThan(30_000);
      const { webUrl, healthUrl, metricsUrl, providersUrl, livekitUrl, pid } = JSON.parse(line);
      expect(pid).toBe(script.child.pid);
      for (const url of [
        `${webUrl}/readyz`,
        `${healthUrl}/readyz`,
        metricsUrl,
        `${providersUrl}/readyz`,
        livekitUrl.replace('ws', 'http'),
      ]) {
        expect((await fetch(url)).status, url).toBe(200);
      }
      const page = await (await fetch(webUrl)).text();
      expect(page).toContain('<!doctype html>');
      const askedAtMs = performance.now();
      script.child.kill('SIGINT');
      expect(await script.whenEnded).toBe(0);
      expect(performance.now() - askedAtMs).toBeLessThan(5_000);
      await expect(fetch(livekitUrl.replace('ws', 'http'))).rejects.toThrow();
    } finally {
      await script.kill();
    }
  });
});
