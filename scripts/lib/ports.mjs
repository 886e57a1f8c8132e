import { createSocket } from 'node:dgram';
import { once } from 'node:events';
import { createServer } from 'node:net';

const REASONS = {
  EADDRINUSE: () => 'is in use',
  EACCES: () => 'needs rights that this user lacks',
  EADDRNOTAVAIL: (host) => `cannot be opened: this machine has no address ${host}`,
  ENOTFOUND: (host) => `cannot be opened: ${host} is not an address`,
};

/**
 * Ports for "any free one", where systems do not take those of outgoing connections from (Linux 32768 and up, others 49152): one
 * of these is not lost again between being picked here and being opened by the program it is for.
 */
const PICKED = { from: 20_000, count: 12_000 };
const PICKS = 50;

/**
 * Takes every port for a moment, all at once, so that none is given twice, and says which were taken.
 * @param {readonly { name: string, port: number, protocol?: 'tcp' | 'udp', host?: string }[]} wanted - Port 0 asks for any free one.
 * @returns {Promise<{ ports: Record<string, number>, taken: { name: string, port: number, reason: string }[] }>}
 */
export async function claimPorts(wanted) {
  const ports = {};
  const taken = [];
  const held = [];
  try {
    for (const { name, port, protocol = 'tcp', host = '127.0.0.1' } of wanted) {
      try {
        const hold = protocol === 'udp' ? holdUdp : holdTcp;
        const holder = port === 0 ? await holdAny(hold, host) : await hold(port, host);
        held.push(holder);
        ports[name] = holder.address().port;
      } catch (error) {
        const reason = REASONS[error.code];
        if (reason === undefined) throw error;
        taken.push({ name, port, reason: reason(host) });
      }
    }
  } finally {
    await Promise.all(held.map((holder) => new Promise((resolve) => holder.close(resolve))));
  }
  return { ports, taken };
}

async function holdAny(hold, host) {
  for (let pick = 1; ; pick += 1) {
    try {
      return await hold(PICKED.from + Math.floor(Math.random() * PICKED.count), host);
    } catch (error) {
      if (error.code !== 'EADDRINUSE' || pick === PICKS) throw error;
    }
  }
}

async function holdTcp(port, host) {
  const server = createServer().listen({ port, host, exclusive: true });
  await once(server, 'listening');
  return server;
}

async function holdUdp(port, host) {
  const socket = createSocket('udp4');
  socket.bind({ port, address: host, exclusive: true });
  await once(socket, 'listening');
  return socket;
}
