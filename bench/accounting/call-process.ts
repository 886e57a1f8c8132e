/** Finds the process that holds a call, in Linux' tables of processes and sockets. */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';

/** What the framework's file of a call process is called. */
const JOB_PROGRAM = 'job_proc';
/** State of a connection that stands, in the kernel's table. */
const ESTABLISHED = '01';

interface Listed {
  readonly pid: number;
  readonly parent: number;
  readonly command: string;
}

/**
 * Processes that hold a call now: those below a launcher that have a job and a connection to the SFU.
 * @throws Error on a system without `/proc`.
 */
export function callProcesses(launcher: number, sfuPort: number): number[] {
  const all = readdirSync('/proc').flatMap((name) => listed(Number(name)));
  const isBelow = ({ parent }: Listed): boolean => {
    const above = all.find(({ pid }) => pid === parent);
    return parent === launcher || (above !== undefined && isBelow(above));
  };
  return all
    .filter((one) => one.command.includes(JOB_PROGRAM) && isBelow(one) && isConnectedTo(one.pid, sfuPort))
    .map(({ pid }) => pid);
}

function listed(pid: number): Listed[] {
  if (!Number.isInteger(pid)) return [];
  try {
    // The name in parentheses may hold anything; the parent is the second field after it.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.split(' ');
    return [{ pid, parent: Number(fields?.[1]), command: readFileSync(`/proc/${pid}/cmdline`, 'utf8') }];
  } catch {
    // It has ended in the meantime.
    return [];
  }
}

function isConnectedTo(pid: number, port: number): boolean {
  try {
    const inodes = new Set(readdirSync(`/proc/${pid}/fd`).flatMap((fd) => socketInode(`/proc/${pid}/fd/${fd}`) ?? []));
    const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
    return ['tcp', 'tcp6'].some((table) =>
      readFileSync(`/proc/${pid}/net/${table}`, 'utf8')
        .split('\n')
        .map((line) => line.trim().split(/\s+/))
        .some((fields) => {
          const [remote = '', state, inode = ''] = [fields[2], fields[3], fields[9]];
          return state === ESTABLISHED && remote.endsWith(suffix) && inodes.has(inode);
        }),
    );
  } catch {
    return false;
  }
}

function socketInode(file: string): string | undefined {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(file))?.[1];
  } catch {
    // It was closed in the meantime.
    return undefined;
  }
}
