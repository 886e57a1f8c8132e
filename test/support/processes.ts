/** Programs that tests start: their output kept, their end awaited, nothing left behind. */
import { type ChildProcess, spawn } from 'node:child_process';
import { claimPorts } from '../../scripts/lib/ports.mjs';

/** How long a program may take to end after SIGTERM, in ms, before it is killed. */
const GRACE_MS = 8_000;

export interface StartedProgram {
  readonly process: ChildProcess;
  /** Everything it has written so far, both streams. */
  output(): string;
  /** What it has written to standard output so far. */
  stdout(): string;
  /** Resolves with exit code or signal name. */
  readonly exited: Promise<number | NodeJS.Signals>;
  /** Resolves when a line of its output matches. @throws with the output so far when it ends or takes longer. */
  waitForLine(pattern: RegExp, timeoutMs: number): Promise<RegExpExecArray>;
  /** Ends it, by force if need be. May be called twice. */
  stop(signal?: NodeJS.Signals): Promise<number | NodeJS.Signals>;
}

export interface ProgramOptions {
  readonly command: string;
  readonly args: readonly string[];
  /** The whole environment but for PATH and HOME; nothing of the tests' own leaks in. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export function startProgram({ command, args, env = {}, cwd }: ProgramOptions): StartedProgram {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(command, [...args], {
    env: { PATH, HOME, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(cwd !== undefined && { cwd }),
  });
  let both = '';
  let standard = '';
  const checks = new Set<() => void>();
  const take = (text: string): void => {
    both += text;
    for (const check of [...checks]) check();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    standard += text;
    take(text);
  });
  child.stderr.setEncoding('utf8').on('data', take);
  const exited = new Promise<number | NodeJS.Signals>((resolve) => {
    child.once('error', (error) => take(`${error.message}\n`));
    child.once('close', (code, signal) => resolve(code ?? signal ?? 'SIGKILL'));
  });
  return {
    process: child,
    output: () => both,
    stdout: () => standard,
    exited,
    waitForLine: (pattern, timeoutMs) =>
      new Promise((resolve, reject) => {
        const fail = (why: string): void => {
          finish();
          reject(new Error(`${command} ${args.join(' ')}: ${why} before ${pattern} was seen. It wrote:\n${both}`));
        };
        const timer = setTimeout(() => fail(`${timeoutMs} ms passed`), timeoutMs);
        const check = (): void => {
          const match = pattern.exec(both);
          if (match === null) return;
          finish();
          resolve(match);
        };
        const finish = (): void => {
          clearTimeout(timer);
          checks.delete(check);
        };
        checks.add(check);
        exited.then((how) => fail(`it ended (${how})`));
        check();
      }),
    async stop(signal = 'SIGTERM') {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      const killer = setTimeout(() => child.kill('SIGKILL'), GRACE_MS);
      const how = await exited;
      clearTimeout(killer);
      return how;
    },
  };
}

/** A TCP port on loopback that was free a moment ago. */
export async function freePort(): Promise<number> {
  const { ports, taken } = await claimPorts([{ name: 'free', port: 0 }]);
  if (ports.free === undefined) throw new Error(`There is no free port: ${JSON.stringify(taken)}`);
  return ports.free;
}
