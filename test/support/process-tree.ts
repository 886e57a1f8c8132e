/** Processes below another, as the system lists them. */
import { execFileSync } from 'node:child_process';

export interface ListedProcess {
  readonly pid: number;
  readonly command: string;
}

/** All descendants of a process. */
export function descendantsOf(pid: number): ListedProcess[] {
  const all = execFileSync('ps', ['-eo', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .flatMap((line) => {
      const [, own, parent, command = ''] = /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line) ?? [];
      return own === undefined ? [] : [{ pid: Number(own), parent: Number(parent), command }];
    });
  const below = (parent: number): ListedProcess[] =>
    all
      .filter((one) => one.parent === parent)
      .flatMap(({ pid: own, command }) => [{ pid: own, command }, ...below(own)]);
  return below(pid);
}

/** Processes of the worker that hold a call or wait for one. */
export function jobProcessesOf(pid: number): number[] {
  return descendantsOf(pid)
    .filter(({ command }) => command.includes('job_proc'))
    .map((one) => one.pid);
}
