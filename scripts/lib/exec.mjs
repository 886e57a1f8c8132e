import { spawn } from 'node:child_process';
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';
import { atExit } from './temporary.mjs';

/** How often a long step says that it is alive, in ms. */
const PROGRESS_MS = 10_000;
/** Lines of a failed program that are worth showing. */
const KEPT_LINES = 12;

/** `1 min 20 s` */
export function formatElapsed(elapsedMs) {
  const seconds = Math.round(elapsedMs / 1000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/**
 * Runs a program to its end, keeping its last lines, and reports every ten seconds how long it has been at it.
 * @param {string} command
 * @param {readonly string[]} args
 * @param {{ cwd?: string, env?: NodeJS.ProcessEnv, label?: string, onLine?: (line: string) => void,
 *   phase?: () => string, timeoutMs?: number, say?: (text: string) => void }} [options]
 * @returns {Promise<{ code: number, lines: string[], stdout: string }>} `code` is 127 when the program does not exist, 124 when
 *   it was too slow.
 */
export function run(command, args, { cwd, env, label, onLine, phase, timeoutMs, say = console.log } = {}) {
  return new Promise((resolve, reject) => {
    const startedAtMs = performance.now();
    // Its own process group, so that stopping reaches what it started itself (npm's scripts, go's compilers).
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const lines = [];
    let stdout = '';
    let tooSlow = false;
    const keep = (line) => {
      onLine?.(line);
      if (line.trim() !== '') lines.push(line);
      if (lines.length > KEPT_LINES) lines.shift();
    };
    const kill = () => killGroup(child, 'SIGKILL');
    const forget = atExit(() => {
      if (child.exitCode === null && child.signalCode === null) kill();
    });
    const progress =
      label === undefined
        ? undefined
        : setInterval(() => {
            const now = phase?.();
            say(
              `  ${label}: ${now === undefined ? 'working' : now}, ${formatElapsed(performance.now() - startedAtMs)}`,
            );
          }, PROGRESS_MS);
    const deadline =
      timeoutMs === undefined
        ? undefined
        : setTimeout(() => {
            tooSlow = true;
            kill();
          }, timeoutMs);
    createInterface({ input: child.stdout }).on('line', (line) => {
      stdout += `${line}\n`;
      keep(line);
    });
    createInterface({ input: child.stderr }).on('line', keep);
    const finish = () => {
      clearInterval(progress);
      clearTimeout(deadline);
    };
    child.on('error', (error) => {
      finish();
      forget();
      if (error.code === 'ENOENT' || error.code === 'EACCES') {
        resolve({
          code: 127,
          lines: [`${command}: ${error.code === 'ENOENT' ? 'not found' : 'cannot be run'}`],
          stdout,
        });
      } else reject(error);
    });
    child.on('close', (code) => {
      finish();
      forget();
      resolve({ code: tooSlow ? 124 : (code ?? 1), lines, stdout });
    });
  });
}

/** Signals a child and all that it started. */
export function killGroup(child, signal) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === 'win32') child.kill(signal);
    else process.kill(-child.pid, signal);
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
}

/** Where PATH has a program, or undefined. Reads the file system only: this is on the way of every start. */
export function findOnPath(name, env) {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd', ''] : [''];
  for (const folder of (env.PATH ?? env.Path ?? '').split(delimiter)) {
    for (const ending of endings) {
      const path = join(folder, name + ending);
      if (folder !== '' && isExecutable(path)) return path;
    }
  }
  return undefined;
}

/** Whether a file is there and may be run. */
export function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
