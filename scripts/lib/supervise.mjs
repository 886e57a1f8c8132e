import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { killGroup } from './exec.mjs';
import { Failure } from './failure.mjs';

/** Everything is ended within 5 s of being asked to; what is left a second before that is killed. */
const KILL_AFTER_MS = 4_000;
/** What others depend on ends after them, at the latest this long after the stop began, in ms. */
const DEPENDENCIES_AFTER_MS = 2_500;
/** livekit-server and the worker wait for their calls on the first signal, which may take an hour, and end on the second. */
const INSIST_EVERY_MS = 400;
/** Time between two questions whether a program is ready, in ms. */
const POLL_MS = 50;
/** A program that is not ready by then never will be, in ms. */
const READY_MS = 60_000;
const KEPT_LINES = 15;

/**
 * @typedef {object} Program
 * @property {string} name
 * @property {string} command
 * @property {readonly string[]} args
 * @property {NodeJS.ProcessEnv} env
 * @property {string} [cwd]
 * @property {string} readyUrl - Answers 200 once the program does its work.
 * @property {number} stage - Programs of one stage start together, after those of the stages before are ready; they end the
 *   other way round.
 * @property {boolean} [insist] - Repeat SIGTERM until it ends.
 */

/**
 * Starts programs, watches them and ends them together. None is ever restarted: a program that dies is a fault to be seen.
 * @param {object} options
 * @param {(name: string, line: string) => void} options.onLine - Every line of every program.
 */
export function createSupervisor({ onLine }) {
  const children = [];
  let stopping = false;
  let reportDeath;
  const death = new Promise((resolve) => {
    reportDeath = resolve;
  });
  const guard =
    process.platform === 'win32'
      ? undefined
      : spawn(process.execPath, [fileURLToPath(new URL('./guard.mjs', import.meta.url)), String(process.pid)], {
          stdio: ['pipe', 'ignore', 'ignore'],
          detached: true,
          env: {},
        });
  // The guard may be killed first; the pipe then breaks, and there is nothing to do about it.
  guard?.stdin.on('error', () => {});
  guard?.unref();
  const tellGuard = (line) => guard?.stdin.write(`${line}\n`);

  function start(program) {
    const { name, command, args, env, cwd } = program;
    const child = spawn(command, args, {
      cwd,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: process.platform !== 'win32',
    });
    const entry = { program, child, lines: [], ended: undefined, whenEnded: undefined };
    children.push(entry);
    if (child.pid !== undefined) tellGuard(`+${child.pid}`);
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        entry.lines.push(line);
        if (entry.lines.length > KEPT_LINES) entry.lines.shift();
        onLine(name, line);
      });
    }
    entry.whenEnded = new Promise((resolve) => {
      const ended = (how) => {
        if (entry.ended !== undefined) return;
        entry.ended = how;
        // What it started itself must not outlive it.
        killGroup(child, 'SIGKILL');
        if (child.pid !== undefined) tellGuard(`-${child.pid}`);
        resolve();
        if (!stopping) reportDeath(entry);
      };
      child.on('error', (error) => ended(`could not be started (${error.code ?? error.message})`));
      // `close` would wait for grandchildren that hold the pipe; the lines of the last moment come within a turn of the loop.
      child.on('exit', (code, signal) =>
        setImmediate(() => ended(signal === null ? `ended with code ${code}` : `was ended by ${signal}`)),
      );
    });
    return entry;
  }

  async function untilReady(entry, signal) {
    const { name, readyUrl } = entry.program;
    const givesUpAtMs = performance.now() + READY_MS;
    let last = 'no answer';
    while (entry.ended === undefined) {
      signal.throwIfAborted();
      try {
        const response = await fetch(readyUrl, { signal: AbortSignal.any([signal, AbortSignal.timeout(2_000)]) });
        const text = await response.text();
        if (response.ok) return;
        last = text.slice(0, 300);
      } catch {
        signal.throwIfAborted();
      }
      if (performance.now() > givesUpAtMs) {
        throw new Failure(`${name} was not ready within ${READY_MS / 1000} s (${last}); its last lines are above.`, {
          details: entry.lines,
        });
      }
      await sleep(POLL_MS);
    }
    throw deathOf(entry);
  }

  return {
    /**
     * Starts all programs, stage by stage, until each is ready.
     * @throws {Failure} when one dies on the way or does not become ready; the reason of `signal` once it aborts.
     */
    async startAll(programs, signal) {
      for (const stage of [...new Set(programs.map((program) => program.stage))].sort((a, b) => a - b)) {
        signal.throwIfAborted();
        const entries = programs.filter((program) => program.stage === stage).map(start);
        const died = death.then((entry) => {
          throw deathOf(entry);
        });
        // A death after this stage is whenOneDies' to report.
        died.catch(() => {});
        await Promise.race([died, Promise.all(entries.map((entry) => untilReady(entry, signal)))]);
      }
    },

    /** Resolves with a {@link Failure} that says which program died, when one does. */
    whenOneDies: () => death.then(deathOf),

    /** A file that goes when this process goes, in whatever way. */
    guardFile: (path) => tellGuard(`file ${path}`),

    /** Ends all programs within 5 s. May be called twice. */
    async stop() {
      if (!stopping) {
        stopping = true;
        const alive = () => children.filter((entry) => entry.ended === undefined);
        const killer = setTimeout(() => {
          for (const entry of alive()) killGroup(entry.child, 'SIGKILL');
        }, KILL_AFTER_MS);
        const dependencies = AbortSignal.timeout(DEPENDENCIES_AFTER_MS);
        const stages = [...new Set(children.map(({ program }) => program.stage))].sort((a, b) => b - a);
        const insisting = [];
        for (const stage of stages) {
          const entries = alive().filter(({ program }) => program.stage === stage);
          for (const { child, program } of entries) {
            killGroup(child, 'SIGTERM');
            if (program.insist) insisting.push(setInterval(() => killGroup(child, 'SIGTERM'), INSIST_EVERY_MS));
          }
          const ended = Promise.all(entries.map((entry) => entry.whenEnded));
          const late = new Promise((resolve) => {
            if (dependencies.aborted) resolve();
            dependencies.addEventListener('abort', resolve, { once: true });
          });
          if (stage !== stages.at(-1)) await Promise.race([ended, late]);
        }
        await Promise.all(children.map((entry) => entry.whenEnded));
        clearTimeout(killer);
        for (const timer of insisting) clearInterval(timer);
        tellGuard('done');
        guard?.stdin.end();
      }
      await Promise.all(children.map((entry) => entry.whenEnded));
    },
  };
}

function deathOf({ program, ended, lines }) {
  return new Failure(`${program.name} ${ended}; its last lines are above. Everything else was ended too.`, {
    details: lines,
  });
}
