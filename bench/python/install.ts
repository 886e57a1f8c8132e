/** Installs an arm's packages in a virtual environment of its own in the cache, once, where Python is at hand. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import { environmentOf, type PythonArmKind, requirementsOf } from './arms.js';

/** Pipecat 1.14.0 needs the one, livekit-agents 1.8.9 ends below the other; the minor numbers of Python 3. */
const PYTHON_MINOR = { least: 11, most: 14 } as const;
/** Longest wait for all packages, about 500 MB on disk, in ms. */
const INSTALL_TIMEOUT_MS = 900_000;
const PROBE_TIMEOUT_MS = 20_000;
/** Last lines of a program that are told when it fails. */
const KEPT_LINES = 10;
const RECORD_NAME = 'turnwise.json';

const Record = z.object({ schema: z.literal(1), requirementsSha256: z.string() });

export interface InstallOptions {
  /** Takes a line on how it goes. */
  readonly tell: (line: string) => void;
  readonly signal: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

/** The Python of an arm whose packages are installed as pinned now; undefined when they are not. */
export function installedPython(kind: PythonArmKind, env: NodeJS.ProcessEnv = process.env): string | undefined {
  const folder = environmentOf(kind, env);
  const path = join(folder, RECORD_NAME);
  if (!existsSync(path)) return undefined;
  const record = Record.safeParse(parsedJson(readFileSync(path, 'utf8')));
  const isCurrent = record.success && record.data.requirementsSha256 === fingerprint(kind);
  return isCurrent && existsSync(pythonIn(folder)) ? pythonIn(folder) : undefined;
}

/**
 * @returns The Python of the arm, installed now if it was not.
 * @throws Error that says what to do: without a fitting Python, or with the installer's own last lines.
 */
export async function ensurePythonArm(kind: PythonArmKind, options: InstallOptions): Promise<string> {
  const { tell, signal, env = process.env } = options;
  const installed = installedPython(kind, env);
  if (installed !== undefined) return installed;
  const python = await findPython(env, signal);
  const folder = environmentOf(kind, env);
  tell(`${kind}: installing its packages in ${folder}, once; this takes minutes`);
  // What an interrupted install left would be taken for installed by pip.
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const settings = { ...env, PIP_DISABLE_PIP_VERSION_CHECK: '1', PIP_NO_INPUT: '1', PIP_REQUIRE_VIRTUALENV: '0' };
  const limit = AbortSignal.any([signal, AbortSignal.timeout(INSTALL_TIMEOUT_MS)]);
  const step = async (command: string, args: readonly string[]): Promise<void> => {
    const { code, lines } = await run(command, args, { env: settings, signal: limit, onLine: progress(kind, tell) });
    signal.throwIfAborted();
    if (code === 0) return;
    const said = lines.slice(-KEPT_LINES).join('\n');
    throw new Error(`The packages of ${kind} could not be installed. Correct that, then start again.\n${said}`);
  };
  await step(python, ['-m', 'venv', folder]);
  // Only what is pinned; the check below tells when something else is needed.
  const pip = ['-m', 'pip', 'install', '--no-deps', '--progress-bar', 'off', '-r', requirementsOf(kind)];
  await step(pythonIn(folder), pip);
  await step(pythonIn(folder), ['-m', 'pip', 'check']);
  const record = { schema: 1, requirementsSha256: fingerprint(kind) } satisfies z.infer<typeof Record>;
  await writeFile(join(folder, RECORD_NAME), `${JSON.stringify(record)}\n`);
  tell(`${kind}: installed`);
  return pythonIn(folder);
}

/** The Python of `PYTHON`, or the first on PATH that fits. @throws Error naming what is needed. */
async function findPython(env: NodeJS.ProcessEnv, signal: AbortSignal): Promise<string> {
  const { least, most } = PYTHON_MINOR;
  const versions = Array.from({ length: most - least + 1 }, (_, index) => `python3.${least + index}`);
  const candidates = env.PYTHON ? [env.PYTHON] : ['python3', ...versions, 'python'];
  const fits = `import sys, venv, ensurepip; sys.exit(not ((3, ${least}) <= sys.version_info[:2] <= (3, ${most})))`;
  for (const name of candidates) {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(PROBE_TIMEOUT_MS)]);
    const { code } = await run(name, ['-c', fits], { env, signal: limit });
    signal.throwIfAborted();
    if (code === 0) return name;
  }
  throw new Error(
    `The arms written in Python need Python 3.${least} to 3.${most} with venv and pip: as python3 on PATH, or its path in ` +
      'PYTHON. Install it (Debian, Ubuntu: `apt-get install python3 python3-venv`), or leave these arms out.',
  );
}

interface Ran {
  /** 1 when it could not be started, or was stopped. */
  readonly code: number;
  readonly lines: readonly string[];
}

function run(
  command: string,
  args: readonly string[],
  options: { env: NodeJS.ProcessEnv; signal: AbortSignal; onLine?: (line: string) => void },
): Promise<Ran> {
  const { env, signal, onLine } = options;
  return new Promise((resolve) => {
    const lines: string[] = [];
    const child = spawn(command, args, { env, signal, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        lines.splice(0, lines.push(line) - KEPT_LINES);
        onLine?.(line);
      });
    }
    child.once('error', (error) => {
      lines.push(error.message);
      // Aborted it still has to end; never started it has.
      if (child.pid === undefined) resolve({ code: 1, lines });
    });
    child.once('close', (code) => resolve({ code: code ?? 1, lines }));
  });
}

/** Tells each package as pip comes to it, with how many there are. */
function progress(kind: PythonArmKind, tell: (line: string) => void): (line: string) => void {
  const total = readFileSync(requirementsOf(kind), 'utf8').match(/^[\w.-]+==/gm)?.length ?? 0;
  let count = 0;
  return (line) => {
    const name = /^Collecting ([\w.-]+==\S+)/.exec(line)?.[1];
    if (name !== undefined) {
      count += 1;
      tell(`${kind}: ${count} of ${total}: ${name}`);
    } else if (line.startsWith('Installing collected packages')) tell(`${kind}: unpacking`);
  };
}

function fingerprint(kind: PythonArmKind): string {
  return createHash('sha256')
    .update(readFileSync(requirementsOf(kind)))
    .digest('hex');
}

function pythonIn(folder: string): string {
  return process.platform === 'win32' ? join(folder, 'Scripts/python.exe') : join(folder, 'bin/python');
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
