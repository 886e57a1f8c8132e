/** The life of a turn model's process: serve, answer its parent, end with it. */
import { rmdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { MAX_SAMPLES } from './framing.js';
import { ToChild, type ToParent } from './messages.js';
import { ScoreServer } from './score-server.js';

/** @returns 0 to 1 for mono PCM at 16 kHz of up to 1.2 s. */
export type Predict = (pcm: Int16Array) => Promise<number>;

/**
 * Serves a model on a socket until the parent disconnects or is gone.
 * @param load - Loads the model; the first score after it is slower than others, so that one is made before anybody asks.
 */
export async function runTurnModelProcess(socketPath: string, load: () => Promise<Predict>): Promise<void> {
  // Ctrl-C and a container's stop go to the whole process group. Calls that drain still want scores; the parent decides.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined);
  let server: ScoreServer | undefined;
  const leave = async (): Promise<void> => {
    await server?.close();
    removeFolder(socketPath);
    process.exit(0);
  };
  process.on('disconnect', () => void leave());
  process.on('message', (message) => {
    // A model that stands still answers for the process: without it, it is of no use.
    if (ToChild.safeParse(message).success && server?.isStuck !== true) tell({ kind: 'pong' });
  });
  // The parent may have gone before anybody listened for it.
  if (!process.connected) return leave();
  try {
    const predict = await load();
    const startedAtMs = performance.now();
    await predict(new Int16Array(MAX_SAMPLES));
    server = new ScoreServer({ predict, firstMs: performance.now() - startedAtMs });
    await server.listen(socketPath);
    tell({ kind: 'ready' });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    tell({ kind: 'failed', reason: reason.slice(0, 500) }, () => process.exit(1));
  }
}

/** A parent that was killed cannot tidy up; one that was not does it again. */
function removeFolder(socketPath: string): void {
  if (process.platform === 'win32') return;
  try {
    rmdirSync(dirname(socketPath));
  } catch {
    // Not empty, or gone already.
  }
}

function tell(message: ToParent, onTold: () => void = () => undefined): void {
  if (process.connected) process.send?.(message, undefined, undefined, onTold);
  else onTold();
}
