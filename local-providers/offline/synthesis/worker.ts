/** The thread in which phrases are synthesised: flite holds its thread for 10 to 200 ms, which no event loop here may wait. */
import { parentPort } from 'node:worker_threads';
import { FliteRun, loadFlite } from './flite.js';
import type { PhraseReply, PhraseRequest } from './messages.js';
import { resample } from './resample.js';

const port = parentPort;
if (port === null) throw new Error('synthesis/worker.js is started by the synthesiser, as a worker thread.');

const loading = loadFlite();
/** An instance made ahead while nothing was asked. */
let spare: FliteRun | undefined;

port.on('message', (request: PhraseRequest) => {
  void answer(request).then((reply) => {
    port.postMessage(reply, reply.kind === 'spoken' ? [reply.samples.buffer] : []);
  });
});

async function answer(request: PhraseRequest): Promise<PhraseReply> {
  try {
    const module = await loading;
    const run = spare ?? new FliteRun(module);
    spare = undefined;
    const { samples, sampleRateHz, phones } = run.speak(request.text, request.voice);
    setImmediate(() => {
      spare ??= new FliteRun(module);
    });
    const resampled = new Int16Array(resample(samples, sampleRateHz, request.sampleRateHz));
    return { id: request.id, kind: 'spoken', samples: resampled, phones };
  } catch (error) {
    return { id: request.id, kind: 'failed', message: error instanceof Error ? error.message : String(error) };
  }
}
