/** The thread that owns the call log's database. Started by call-log.ts. */
import { parentPort, workerData } from 'node:worker_threads';
import { TakenRecord } from './rows.js';
import { type FromThread, ThreadSettings, ToThread } from './thread-messages.js';
import { CallLogWriter } from './writer.js';

const port = parentPort;
if (port === null) throw new Error('This file is a thread of the worker; it does nothing by itself.');

const tell = (message: FromThread): void => port.postMessage(message);
const writer = new CallLogWriter(ThreadSettings.parse(workerData), {
  count: (result, by) => tell({ type: 'count', result, by }),
  waiting: (records) => tell({ type: 'waiting', records }),
  state: (part, message) => tell({ type: 'state', part, ...(message !== undefined && { message }) }),
});

port.on('message', async (received: unknown) => {
  const message = ToThread.parse(received);
  if (message.type === 'close') {
    await writer.close(message.limitMs);
    tell({ type: 'closed' });
    port.close();
    return;
  }
  const records = message.records
    .map((record) => TakenRecord.safeParse(record).data)
    .filter((one) => one !== undefined);
  const malformed = message.records.length - records.length;
  if (malformed > 0) tell({ type: 'count', result: 'dropped', by: malformed });
  await writer.keep(records);
  tell({ type: 'kept' });
});
