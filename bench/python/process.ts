/** Starts and ends an arm written in Python beside a system that runs already, and gets it into rooms. */
import { type ChildProcess, type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { AccessToken, AgentDispatchClient, RoomServiceClient } from 'livekit-server-sdk';
import { GREETING, INSTRUCTIONS } from '../stock/said.js';
import type { StockSettings } from '../stock/settings.js';
import { type PythonArmKind, programOf } from './arms.js';
import { installedPython } from './install.js';

/** What both programs write to standard output once they take calls: `READY_LINE` there. */
const READY_LINE = 'python arm ready';
/** Loading the frameworks takes 10 s where the machine is busy, much more when their files are read for the first time. */
const START_TIMEOUT_MS = 120_000;
/** Longest wait for the arm and its calls to end, in ms, before it is killed. */
const CLOSE_TIMEOUT_MS = 10_000;
/** Last lines kept, to be told when it does not start or has ended. */
const KEPT_LINES = 20;

export interface PythonArm {
  /** Name under which it is registered, for a dispatch in the caller's token; Pipecat has no dispatch. */
  readonly agentName?: string;
  /**
   * Has the agent join a room, which need not be there yet; it greets once a participant is in it with it. The way for an
   * arm without `agentName`, and for one that shall be there before the caller.
   * @throws Error with the arm's own words when it has ended, or when the LiveKit server refuses.
   */
  invite(roomName: string): Promise<void>;
  /** What it has written last, newest last. */
  readonly lines: readonly string[];
  /** Ends the arm with its calls. May be called twice. */
  close(): Promise<void>;
}

/**
 * @param settings - As of the stock worker: where the LiveKit server and the providers are, and how many processes wait for
 *   calls; Pipecat's take the calls in turn, so that as many at once have one each.
 * @throws Error when its packages are not installed (`ensurePythonArm` installs them), or with its own words when it does not start.
 */
export async function startPythonArm(
  kind: PythonArmKind,
  settings: StockSettings,
  signal: AbortSignal,
): Promise<PythonArm> {
  const python = installedPython(kind);
  if (python === undefined) {
    throw new Error(`The packages of ${kind} are not installed. Run node dist/bench/python/main.js ${kind}.`);
  }
  const lines: string[] = [];
  const keep = (line: string): void => void lines.splice(0, lines.push(line) - KEPT_LINES);
  const count = kind === 'pipecat' ? Number(settings.STOCK_WARM_PROCESSES ?? 1) : 1;
  const children = Array.from({ length: count }, () => spawnProgram(python, kind, settings));
  const close = async (): Promise<void> => {
    await Promise.all(children.map(end));
  };
  try {
    const limit = AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT_MS)]);
    await Promise.all(children.map((child) => ready(child, keep, limit)));
  } catch (error) {
    await close();
    signal.throwIfAborted();
    throw new Error(`The arm ${kind} did not start.\n${lines.join('\n')}`, { cause: error });
  }
  const join = kind === 'pipecat' ? announcing(settings, children) : dispatching(settings);
  const invite = async (roomName: string): Promise<void> => {
    if (children.some(hasEnded)) throw new Error(`The arm ${kind} has ended.\n${lines.join('\n')}`);
    await join(roomName);
  };
  return { ...(kind === 'livekit-python' && { agentName: settings.LIVEKIT_AGENT_NAME }), invite, lines, close };
}

function spawnProgram(python: string, kind: PythonArmKind, settings: StockSettings): ChildProcessWithoutNullStreams {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(python, programOf(kind), {
    env: { PATH, HOME, ...QUIET, ...SAID, ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: killed, the worker would leave its calls' processes behind.
    detached: true,
  });
  // What goes wrong is seen by its end.
  for (const part of [child, child.stdin]) part.on('error', () => undefined);
  return child;
}

/** No byte code beside the sources, no line held back, and no hub asked for weights: all needed lie in the packages. */
const QUIET = { PYTHONDONTWRITEBYTECODE: '1', PYTHONUNBUFFERED: '1', HF_HUB_OFFLINE: '1' } as const;

/** What the other arms say, too. */
const SAID = { AGENT_GREETING: GREETING, AGENT_INSTRUCTIONS: INSTRUCTIONS } as const;

type Join = (roomName: string) => Promise<void>;

/** LiveKit's own way into a room. */
function dispatching(settings: StockSettings): Join {
  const { LIVEKIT_URL, LIVEKIT_API_KEY, LIVEKIT_API_SECRET, LIVEKIT_AGENT_NAME } = settings;
  const keys = [LIVEKIT_URL.replace(/^ws/, 'http'), LIVEKIT_API_KEY, LIVEKIT_API_SECRET] as const;
  const rooms = new RoomServiceClient(...keys);
  const dispatches = new AgentDispatchClient(...keys);
  return async (roomName) => {
    await rooms.createRoom({ name: roomName });
    await dispatches.createDispatch(roomName, LIVEKIT_AGENT_NAME);
  };
}

/** A token, with which it joins as an agent does, on a line of the standard input of each in turn. */
function announcing(settings: StockSettings, children: readonly ChildProcessWithoutNullStreams[]): Join {
  let calls = 0;
  return async (room) => {
    const identity = `pipecat-${crypto.randomUUID()}`;
    const token = new AccessToken(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET, { identity });
    token.kind = 'agent';
    token.addGrant({ roomJoin: true, room, canPublish: true, canSubscribe: true, canPublishData: true, agent: true });
    const child = children[calls % children.length];
    calls += 1;
    child?.stdin.write(`${JSON.stringify({ room, token: await token.toJwt() })}\n`);
  };
}

/** Resolves once it takes calls, and goes on keeping what it says. @throws when it ends, or takes too long. */
async function ready(
  { stdout, stderr }: ChildProcessWithoutNullStreams,
  keep: (line: string) => void,
  signal: AbortSignal,
): Promise<void> {
  signal.throwIfAborted();
  createInterface({ input: stderr }).on('line', keep);
  const output = createInterface({ input: stdout }).on('line', keep);
  await new Promise<void>((resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
    output.once('close', () => reject(new Error('It ended.')));
    output.on('line', (line) => {
      if (line.includes(READY_LINE)) resolve();
    });
  });
}

async function end(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  const closed = once(child, 'close');
  child.kill('SIGTERM');
  const killer = setTimeout(() => killGroup(child), CLOSE_TIMEOUT_MS);
  await closed;
  clearTimeout(killer);
}

function killGroup({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) process.kill(-pid, 'SIGKILL');
  } catch {
    // It has ended in the meantime.
  }
}

function hasEnded({ exitCode, signalCode, pid }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null || pid === undefined;
}
