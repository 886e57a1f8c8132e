/**
 * Ends the launcher's children when the launcher cannot any more (kill -9, out of memory). Argument: the launcher's process id.
 * It reads lines from the launcher: `+PID` for each child's process group, `-PID` when one has ended, `file PATH` for a file
 * that must not outlive it, `done` when all was ended in order. When the pipe closes without that, it does what the launcher
 * would have done.
 */
import { readFileSync, rmSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';

/** Time for the children to end by themselves, in ms. */
const GRACE_MS = 2_000;

// Told, not `process.ppid`: on a busy machine the launcher may be gone before this line is reached.
const launcher = Number(process.argv[2]);
const groups = new Set();
const files = new Set();
let isDone = false;
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});
for await (const line of createInterface({ input: process.stdin })) {
  if (line.startsWith('+')) groups.add(Number(line.slice(1)));
  else if (line.startsWith('-')) groups.delete(Number(line.slice(1)));
  else if (line.startsWith('file ')) files.add(line.slice(5));
  else if (line === 'done') isDone = true;
}
if (!isDone) {
  for (const file of files) removeOwn(file);
  for (const group of groups) signalGroup(group, 'SIGTERM');
  const endsAtMs = performance.now() + GRACE_MS;
  while (performance.now() < endsAtMs && [...groups].some((group) => signalGroup(group, 0))) await sleep(50);
  for (const group of groups) signalGroup(group, 'SIGKILL');
}

/** Another launcher may have written its own meanwhile. */
function removeOwn(path) {
  try {
    if (JSON.parse(readFileSync(path, 'utf8')).pid === launcher) rmSync(path, { force: true });
  } catch {
    // It is gone, or it is not ours.
  }
}

function signalGroup(group, signal) {
  try {
    process.kill(-group, signal);
    return true;
  } catch {
    return false;
  }
}
