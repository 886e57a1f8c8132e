/** A real livekit-server for tests, alone, on free ports of loopback. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { installedSfu } from '../../bench/installed.js';
import { freePort, type StartedProgram, startProgram } from './processes.js';

const START_TIMEOUT_MS = 15_000;

export interface Sfu {
  readonly url: string;
  readonly apiKey: string;
  readonly apiSecret: string;
  readonly port: number;
  readonly program: StartedProgram;
  /** May be called twice. */
  close(): Promise<void>;
}

/** Starts livekit-server; `port` and keys of one that ended before let it come back as the same. */
export async function startSfu(again: { port?: number; apiSecret?: string } = {}): Promise<Sfu> {
  const folder = await mkdtemp(join(tmpdir(), 'turnwise-sfu-'));
  const port = again.port ?? (await freePort());
  const apiKey = 'devkey';
  const apiSecret = again.apiSecret ?? `${crypto.randomUUID()}${crypto.randomUUID()}`;
  const config = join(folder, 'livekit.yaml');
  // JSON is YAML. Media on loopback alone, or calls on a machine without a network find no way.
  await writeFile(
    config,
    JSON.stringify({
      port,
      bind_addresses: ['127.0.0.1'],
      keys: { [apiKey]: apiSecret },
      rtc: {
        node_ip: '127.0.0.1',
        enable_loopback_candidate: true,
        interfaces: { includes: ['lo'] },
        use_external_ip: false,
        tcp_port: await freePort(),
        udp_port: await freePort(),
      },
      logging: { level: 'info' },
    }),
  );
  const program = startProgram({ command: findServer(), args: ['--config', config] });
  const close = async (): Promise<void> => {
    await program.stop('SIGKILL');
    await rm(folder, { recursive: true, force: true });
  };
  try {
    await program.waitForLine(/starting LiveKit server/, START_TIMEOUT_MS);
    await untilAnswering(`http://127.0.0.1:${port}`, AbortSignal.timeout(START_TIMEOUT_MS));
  } catch (error) {
    await close();
    throw error;
  }
  return { url: `ws://127.0.0.1:${port}`, apiKey, apiSecret, port, program, close };
}

function findServer(): string {
  const found = installedSfu();
  if (found === undefined) throw new Error('No livekit-server here. Run npm run setup, or set LIVEKIT_SERVER_BIN.');
  return found;
}

async function untilAnswering(url: string, deadline: AbortSignal): Promise<void> {
  for (;;) {
    try {
      await fetch(url, { signal: deadline });
      return;
    } catch (error) {
      if (deadline.aborted) throw error;
      await new Promise((next) => setImmediate(next));
    }
  }
}
