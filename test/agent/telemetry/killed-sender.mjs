// Sends what it is given the way a call process does, and is killed the moment the system has it.
import { connect } from 'node:net';

const [, , path, text] = process.argv;
connect(path).write(text, () => process.kill(process.pid, 'SIGKILL'));
