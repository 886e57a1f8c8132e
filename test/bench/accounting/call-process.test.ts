import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { expect, it } from 'vitest';
import { callProcesses } from '../../../bench/accounting/call-process.js';

it.skipIf(!existsSync('/proc/self/net/tcp'))(
  'finds the one process with a job that is connected to the SFU',
  async () => {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const program = `require('node:net').connect(${port}, '127.0.0.1')`;
    const start = (code: string, name: string) =>
      spawn(process.execPath, ['-e', `${code}; setInterval(() => {}, 1000)`, name]);
    const connected = once(server, 'connection');
    const call = start(program, 'job_proc_lazy_main');
    const waiting = start('', 'job_proc_lazy_main');
    try {
      await connected;
      expect(callProcesses(process.pid, port)).toEqual([call.pid]);
      expect(callProcesses(call.pid ?? 0, port)).toEqual([]);
      // The server's own end of the connection is nobody's call, and neither is one that ended.
      const ended = once(call, 'exit');
      call.kill('SIGKILL');
      await ended;
      expect(callProcesses(process.pid, port)).toEqual([]);
    } finally {
      call.kill('SIGKILL');
      waiting.kill('SIGKILL');
      server.close();
    }
  },
);
