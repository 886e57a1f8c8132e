// A call process as far as its memory of the providers goes: does what it is told by whoever forked it, and answers.
import { setTimeout as sleep } from 'node:timers/promises';
import { MetricSender } from '../../../dist/agent/telemetry/metric-sender.js';

const [, , path] = process.argv;
const sender = new MetricSender(path);
const { memory } = sender;
const SHARE = 0.1;

process.on('message', async ({ kind, key, samplesMs = [], requests = 0 }) => {
  if (kind === 'note') for (const ms of samplesMs) memory.noteLatency(key, ms);
  let extra = 0;
  for (let request = 0; request < requests; request += 1) {
    memory.noteRequest('answers', SHARE);
    // Every request is late: whatever may be hedged is.
    await sleep(2);
    if (!memory.mayHedge('answers', SHARE)) continue;
    memory.noteExtra('answers');
    extra += 1;
  }
  if (kind === 'end') await sender.close();
  process.send({ knownMs: key === undefined ? [] : memory.latencies(key).samplesMs, extra });
  if (kind === 'end') process.disconnect();
});
