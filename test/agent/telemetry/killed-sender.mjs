// Sends three events the way a call process does, then waits to be killed.
import { connect } from 'node:net';

const event = {
  kind: 'count',
  name: 'turnwise_turns_total',
  labels: { profile: 'good', outcome: 'answered' },
  value: 1,
};
connect(process.argv[2]).write(`${JSON.stringify([event, event, event])}\n`);
process.on('message', () => undefined);
