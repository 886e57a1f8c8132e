import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, it } from 'vitest';
import { claimPorts } from '../../scripts/lib/ports.mjs';

it('gives free ports for 0, none of them twice', async () => {
  const names = ['A', 'B', 'C', 'D'];
  const { ports, taken } = await claimPorts(names.map((name) => ({ name, port: 0 })));
  expect(taken).toEqual([]);
  expect(new Set(Object.values(ports)).size).toBe(names.length);
});

it('names every taken port, of TCP and of UDP', async () => {
  const tcp = createServer().listen(0, '127.0.0.1');
  const udp = createSocket('udp4').bind(0, '127.0.0.1');
  await Promise.all([once(tcp, 'listening'), once(udp, 'listening')]);
  const address = tcp.address();
  const tcpPort = typeof address === 'object' && address !== null ? address.port : 0;
  const { taken } = await claimPorts([
    { name: 'WEB_PORT', port: tcpPort },
    { name: 'LIVEKIT_UDP_PORT', port: udp.address().port, protocol: 'udp' },
    { name: 'FREE', port: 0 },
  ]);
  expect(taken.map(({ name, reason }) => `${name} ${reason}`)).toEqual([
    'WEB_PORT is in use',
    'LIVEKIT_UDP_PORT is in use',
  ]);
  tcp.close();
  udp.close();
});
