/** Holds a lock (argument: its path) until stdin ends, for the lock's tests. */
import { once } from 'node:events';
import { withLock } from '../../../scripts/lib/lock.mjs';

await withLock(
  process.argv[2] ?? '',
  async () => {
    console.log('holding');
    process.stdin.resume();
    await once(process.stdin, 'end');
  },
  { onWait: (pid) => console.log(`waiting for ${pid}`) },
);
