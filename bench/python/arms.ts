/** The comparison arms written in Python: what each is called, needs and starts as. Theirs are the packages and licences. */
import { join } from 'node:path';
import { cacheFolder, projectRoot } from '../installed.js';

export const PYTHON_ARM_KINDS = ['livekit-python', 'pipecat'] as const;
export type PythonArmKind = (typeof PYTHON_ARM_KINDS)[number];

const SOURCES: Readonly<Record<PythonArmKind, { readonly requirements: string; readonly program: string }>> = {
  'livekit-python': { requirements: 'requirements-livekit.txt', program: 'livekit_agent.py' },
  pipecat: { requirements: 'requirements-pipecat.txt', program: 'pipecat_agent.py' },
};

/** The pinned packages of an arm. */
export function requirementsOf(kind: PythonArmKind): string {
  return join(projectRoot(), 'bench/python', SOURCES[kind].requirements);
}

/** What is given to Python, after which the arm runs. */
export function programOf(kind: PythonArmKind): readonly string[] {
  const path = join(projectRoot(), 'bench/python', SOURCES[kind].program);
  // As each framework's documentation starts it.
  return kind === 'livekit-python' ? ['-m', 'livekit.agents', 'start', path, '--log-level', 'WARN'] : [path];
}

/** Where the arm's packages are, or would be. */
export function environmentOf(kind: PythonArmKind, env: NodeJS.ProcessEnv = process.env): string {
  return join(cacheFolder(env), 'python-arms', kind);
}
