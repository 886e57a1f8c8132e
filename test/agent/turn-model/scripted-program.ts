/**
 * The turn model's process with a model that does what the first sample says, and is not there when `SCRIPTED_MODEL` is
 * `missing`; with `supervise` the process of a worker that keeps one. Compiled by the tests that run it.
 */
import { pino } from 'pino';
import { runTurnModelProcess } from '../../../agent/turn-model/run-process.js';
import { TurnModelSupervisor } from '../../../agent/turn-model/supervisor.js';

const [, program = '', what = ''] = process.argv;

async function predict(pcm: Int16Array): Promise<number> {
  switch (pcm[0]) {
    case 1:
      return process.exit(3);
    case 2:
      return new Promise(() => undefined);
    case 3:
      for (;;);
    default:
      return 0.75;
  }
}

if (what === 'supervise') {
  const measurements = { observe: () => undefined, count: () => undefined };
  const supervisor = new TurnModelSupervisor({ measurements, logger: pino({ level: 'silent' }), program });
  const path = await supervisor.start();
  await supervisor.firstServing(20_000);
  process.stdout.write(`${JSON.stringify({ path, pid: supervisor.pid })}\n`);
} else {
  await runTurnModelProcess(what, async () => {
    if (process.env.SCRIPTED_MODEL === 'missing') throw new Error('There is no binary for this machine.');
    return predict;
  });
}
