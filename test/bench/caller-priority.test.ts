import { describe, expect, it } from 'vitest';
import { raiseCallers, type Scheduling } from '../../bench/caller-priority.js';

interface Allowed {
  readonly chrt: boolean;
  readonly nice: boolean;
}

function scheduling(allowed: Allowed): { readonly of: Scheduling; readonly done: string[] } {
  const done: string[] = [];
  const of: Scheduling = {
    async chrt(args) {
      if (!allowed.chrt) throw new Error('Operation not permitted');
      done.push(`chrt ${args[0]}`);
    },
    nice(thread, value) {
      if (!allowed.nice || thread === 3) throw new Error('EACCES');
      done.push(`${thread === process.pid ? 'self' : thread} ${value}`);
    },
    threads: async () => [1, 3, 2],
  };
  return { of, done };
}

describe('callers at once', () => {
  it('come before everything that is not real-time, and are one among others again at the end', async () => {
    const { of, done } = scheduling({ chrt: true, nice: true });
    const raised = await raiseCallers(of);
    expect(raised.kind).toBe('real-time');
    await raised.restore();
    expect(done).toEqual(['chrt --rr', 'chrt --other']);
  });

  it('are raised thread by thread where there is only nice, whichever of them ends meanwhile', async () => {
    const { of, done } = scheduling({ chrt: false, nice: true });
    const raised = await raiseCallers(of);
    expect(raised.kind).toBe('nice');
    await raised.restore();
    expect(done).toEqual(['self -20', '1 -20', '2 -20', '1 0', '2 0']);
  });

  it('stay what they are without the right to more', async () => {
    const { of, done } = scheduling({ chrt: false, nice: false });
    const raised = await raiseCallers(of);
    expect(raised.kind).toBe('usual');
    await raised.restore();
    expect(done).toEqual([]);
  });
});
