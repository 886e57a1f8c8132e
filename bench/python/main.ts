/** `node dist/bench/python/main.js [arm ...]` installs the arms written in Python, all unless some are named. */
import { z } from 'zod';
import { messageOf } from '../caller/errors.js';
import { PYTHON_ARM_KINDS } from './arms.js';
import { ensurePythonArm } from './install.js';

const stop = new AbortController();
for (const name of ['SIGTERM', 'SIGINT'] as const) process.once(name, () => stop.abort());
const tell = (line: string): void => void process.stdout.write(`${line}\n`);
try {
  const named = z.array(z.enum(PYTHON_ARM_KINDS)).parse(process.argv.slice(2));
  for (const kind of named.length > 0 ? named : PYTHON_ARM_KINDS) {
    tell(`${kind}: ${await ensurePythonArm(kind, { tell, signal: stop.signal })}`);
  }
} catch (error) {
  process.stderr.write(`${error instanceof z.ZodError ? z.prettifyError(error) : messageOf(error)}\n`);
  process.exitCode = 1;
}
