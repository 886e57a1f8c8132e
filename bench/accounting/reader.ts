/** The other end of the channel that a call sends its accounts on, in a process of its own, so that its work is not the call's. */
import { MetricReceiver } from '../../agent/telemetry/metric-receiver.js';
import { Metrics } from '../../agent/telemetry/metrics.js';

const receiver = new MetricReceiver(new Metrics('bench'), { warm: () => undefined });
process.once('disconnect', () => void receiver.close());
process.send?.(await receiver.listen());
