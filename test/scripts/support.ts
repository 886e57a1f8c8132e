/** Runs the project's scripts as a person does: as programs, told by environment and signals only. */
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const PROJECT = fileURLToPath(new URL('../../', import.meta.url));

/** A script under way; everything it says is kept. */
export class Script {
  readonly child: ChildProcessWithoutNullStreams;
  readonly whenEnded: Promise<number>;
  stdout = '';
  stderr = '';
  readonly #listeners = new Set<() => void>();

  /** @param ownGroup - Leads a process group of its own, as what is started in a terminal does. */
  constructor(args: readonly string[], env: NodeJS.ProcessEnv = {}, { ownGroup = false } = {}) {
    this.child = spawn(process.execPath, args, {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, TURNWISE_ENV_FILE: 'off', ...env },
      detached: ownGroup,
    });
    this.child.stdin.end();
    for (const name of ['stdout', 'stderr'] as const) {
      this.child[name].setEncoding('utf8').on('data', (text: string) => {
        this[name] += text;
        for (const listener of [...this.#listeners]) listener();
      });
    }
    this.whenEnded = once(this.child, 'close').then(([code, signal]) => {
      for (const listener of [...this.#listeners]) listener();
      return typeof code === 'number' ? code : signal === 'SIGKILL' ? 137 : 1;
    });
  }

  /** Resolves with the first match in what the script says. @throws when it ends without having said it. */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const look = () => pattern.exec(this.stdout) ?? pattern.exec(this.stderr);
    let found = look();
    if (found !== null) return found;
    const said = new Promise<RegExpExecArray>((resolve) => {
      const listener = () => {
        found = look();
        if (found === null) return;
        this.#listeners.delete(listener);
        resolve(found);
      };
      this.#listeners.add(listener);
    });
    const ended = this.whenEnded.then((code) => {
      throw new Error(`ended with code ${code} without saying ${pattern}:\n${this.stdout}\n${this.stderr}`);
    });
    ended.catch(() => {});
    return Promise.race([said, ended]);
  }

  /** Ends the script whatever it does; for clean-up. */
  async kill(): Promise<void> {
    this.child.kill('SIGKILL');
    await this.whenEnded;
  }
}

/** Runs a script to its end. */
export async function runScript(
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const script = new Script(args, env);
  const code = await script.whenEnded;
  return { code, stdout: script.stdout, stderr: script.stderr };
}

/** A folder with files in it, gone when `remove` is called. */
export async function makeFolder(
  files: Readonly<Record<string, string>>,
): Promise<{ path: string; remove(): Promise<void> }> {
  const path = await mkdtemp(join(tmpdir(), 'turnwise-test-'));
  for (const [name, content] of Object.entries(files)) {
    await mkdir(dirname(join(path, name)), { recursive: true });
    await writeFile(join(path, name), content);
  }
  return { path, remove: () => rm(path, { recursive: true, force: true }) };
}

/** Whether a process with this id runs; one that has ended but whom nobody has asked for its code does not. */
export function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    const stat = existsSync('/proc/self/stat') ? readFileSync(`/proc/${pid}/stat`, 'utf8') : '';
    return !/\) [ZX] /.test(stat);
  } catch {
    return false;
  }
}
