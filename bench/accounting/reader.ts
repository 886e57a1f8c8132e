/** The other end of the channel that a call sends its accounts on, in a thread of its own, so that its work is not the call's. */
import { parentPort } from 'node:worker_threads';
import { MetricReceiver } from '../../agent/telemetry/metric-receiver.js';
import { Metrics } from '../../agent/telemetry/metrics.js';

const receiver = new MetricReceiver(new Metrics('bench'), { warm: () => undefined });
parentPort?.on('message', () => void receiver.close().then(() => process.exit(0)));
parentPort?.postMessage(await receiver.listen());
