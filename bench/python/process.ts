/** Starts and ends an arm written in Python beside a system that runs already, and gets it into rooms. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Writable } from 'node:stream';
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
 * @param settings - As of the stock worker: where the LiveKit server and the providers are.
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
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(python, programOf(kind), {
    env: { PATH, HOME, ...QUIET, ...SAID, ...settings },
    stdio: ['pipe', 'pipe', 'pipe'],
    // A group of its own: killed, the worker would leave its calls' processes behind.
    detached: true,
  });
  const { stdin, stdout, stderr } = child;
  for (const part of [child, stdin]) part.on('error', () => undefined);
  const lines: string[] = [];
  const keep = (line: string): void => void lines.splice(0, lines.push(line) - KEPT_LINES);
  const output = createInterface({ input: stdout }).on('line', keep);
  createInterface({ input: stderr }).on('line', keep);
  const close = (): Promise<void> => end(child);
  try {
    await ready(output, AbortSignal.any([signal, AbortSignal.timeout(START_TIMEOUT_MS)]));
  } catch (error) {
    await close();
    signal.throwIfAborted();
    throw new Error(`The arm ${kind} did not start.\n${lines.join('\n')}`, { cause: error });
  }
  const join = kind === 'pipecat' ? announcing(settings, stdin) : dispatching(settings);
  const invite = async (roomName: string): Promise<void> => {
    if (hasEnded(child)) throw new Error(`The arm ${kind} has ended.\n${lines.join('\n')}`);
    await join(roomName);
  };
  return { ...(kind === 'livekit-python' && { agentName: settings.LIVEKIT_AGENT_NAME }), invite, lines, close };
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

/** A token, with which it joins as an agent does, on a line of its standard input. */
function announcing(settings: StockSettings, input: Writable): Join {
  return async (room) => {
    const identity = `pipecat-${crypto.randomUUID()}`;
    const token = new AccessToken(settings.LIVEKIT_API_KEY, settings.LIVEKIT_API_SECRET, { identity });
    token.kind = 'agent';
    token.addGrant({ roomJoin: true, room, canPublish: true, canSubscribe: true, canPublishData: true, agent: true });
    input.write(`${JSON.stringify({ room, token: await token.toJwt() })}\n`);
  };
}

async function ready(output: ReturnType<typeof createInterface>, signal: AbortSignal): Promise<void> {
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
