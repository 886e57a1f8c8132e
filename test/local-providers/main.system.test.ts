import { type ChildProcess, spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';

/** The compiled program, as `npm run local-providers` starts it. */
const MAIN = resolve(import.meta.dirname, '../../dist/local-providers/main.js');

const running = new Set<ChildProcess>();
afterEach(() => {
  for (const child of running) child.kill('SIGKILL');
  running.clear();
});

function start(env: Record<string, string>): {
  child: ChildProcess;
  said(pattern: RegExp): Promise<RegExpExecArray>;
  exit: Promise<number | null>;
  stderr(): string;
} {
  const child = spawn(process.execPath, [MAIN], { env: { PATH: process.env.PATH, LOG_LEVEL: 'silent', ...env } });
  running.add(child);
  let output = '';
  let errors = '';
  child.stderr.on('data', (chunk) => {
    errors += chunk;
  });
  const exit = new Promise<number | null>((done) => child.once('close', (code) => done(code)));
  return {
    child,
    exit,
    stderr: () => errors,
    said: (pattern) =>
      new Promise((found, failed) => {
        const look = (): void => {
          const match = pattern.exec(output);
          if (match !== null) found(match);
        };
        child.stdout.on('data', (chunk) => {
          output += chunk;
          look();
        });
        look();
        child.once('close', () => failed(new Error(`ended without saying ${pattern}: ${errors}`)));
      }),
  };
}

const SCRIPTED = { LOCAL_PROVIDERS_ENGINE: 'scripted', LOCAL_PROVIDERS_PORT: '0' };

describe('npm run local-providers', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('says where it is, and ends with code 0 on %s', async (signal) => {
    const { child, said, exit } = start(SCRIPTED);
    const [, url] = await said(/^local providers ready on (http:\/\/127\.0\.0\.1:\d+) \(scripted\)\n$/);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const signalledAtMs = performance.now();
    child.kill(signal);
    expect(await exit).toBe(0);
    expect(performance.now() - signalledAtMs).toBeLessThan(2_000);
  });

  it('names the setting when the port is taken', async () => {
    const holder = createServer();
    const port = await new Promise<number>((done) =>
      holder.listen(0, '127.0.0.1', () => {
        const address = holder.address();
        done(typeof address === 'object' && address !== null ? address.port : 0);
      }),
    );
    const { exit, stderr } = start({ ...SCRIPTED, LOCAL_PROVIDERS_PORT: String(port) });
    expect(await exit).toBe(1);
    expect(stderr().trimEnd().split('\n')).toEqual([
      expect.stringMatching(`port ${port} is taken.*LOCAL_PROVIDERS_PORT`),
    ]);
    holder.close();
  });

  it('names all bad settings and ends with code 2', async () => {
    const { exit, stderr } = start({ LOCAL_PROVIDERS_PORT: 'none', LOCAL_PROVIDERS_ENGINE: 'none' });
    expect(await exit).toBe(2);
    expect(stderr()).toMatch(/LOCAL_PROVIDERS_PORT[\s\S]*LOCAL_PROVIDERS_ENGINE/);
  });

  it('says when the folder of recordings is not there', async () => {
    const { exit, stderr } = start({ ...SCRIPTED, SCRIPT_DATA_DIR: '/nowhere' });
    expect(await exit).toBe(2);
    expect(stderr()).toContain('SCRIPT_DATA_DIR');
  });
});
