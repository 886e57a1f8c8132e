import { createServer } from 'node:net';
import { resolve } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type StartedProgram, startProgram } from '../support/processes.js';

/** The compiled program, as `npm run local-providers` starts it. */
const MAIN = resolve(import.meta.dirname, '../../dist/local-providers/main.js');

const running = new Set<StartedProgram>();
afterEach(async () => {
  await Promise.all([...running].map((program) => program.stop()));
  running.clear();
});

function start(env: Record<string, string>): StartedProgram {
  const program = startProgram({ command: process.execPath, args: [MAIN], env: { LOG_LEVEL: 'silent', ...env } });
  running.add(program);
  return program;
}

const SCRIPTED = { LOCAL_PROVIDERS_ENGINE: 'scripted', LOCAL_PROVIDERS_PORT: '0' };

describe('npm run local-providers', () => {
  it.each(['SIGTERM', 'SIGINT'] as const)('says where it is, and ends with code 0 on %s', async (signal) => {
    const program = start(SCRIPTED);
    const ready = /^local providers ready on (http:\/\/127\.0\.0\.1:\d+) \(scripted\)$/m;
    const [, url] = await program.waitForLine(ready, 20_000);
    expect((await fetch(`${url}/readyz`)).status).toBe(200);
    const signalledAtMs = performance.now();
    program.process.kill(signal);
    expect(await program.exited).toBe(0);
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
    const program = start({ ...SCRIPTED, LOCAL_PROVIDERS_PORT: String(port) });
    expect(await program.exited).toBe(1);
    expect(program.output().trimEnd().split('\n')).toEqual([
      expect.stringMatching(`port ${port} is taken.*LOCAL_PROVIDERS_PORT`),
    ]);
    holder.close();
  });

  it('names all bad settings and ends with code 2', async () => {
    const program = start({ LOCAL_PROVIDERS_PORT: 'none', LOCAL_PROVIDERS_ENGINE: 'none' });
    expect(await program.exited).toBe(2);
    expect(program.output()).toMatch(/LOCAL_PROVIDERS_PORT[\s\S]*LOCAL_PROVIDERS_ENGINE/);
  });

  it('says when the folder of recordings is not there', async () => {
    const program = start({ ...SCRIPTED, SCRIPT_DATA_DIR: '/nowhere' });
    expect(await program.exited).toBe(2);
    expect(program.output()).toContain('SCRIPT_DATA_DIR');
  });

  it('says what to do when the speech engines are missing', async () => {
    const program = start({
      LOCAL_PROVIDERS_ENGINE: 'offline',
      LOCAL_PROVIDERS_PORT: '0',
      SPEECH_ENGINES_DIR: '/nowhere',
    });
    expect(await program.exited).toBe(1);
    expect(program.output().trimEnd().split('\n')).toEqual([expect.stringContaining('npm run setup')]);
  });
});
