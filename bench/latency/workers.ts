/** The workers that a run needs, and the arms that they serve. */

import { messageOf } from '../caller/errors.js';
import { makeSeat } from '../caller/tokens.js';
import type { SfuKeys } from '../interruptions/round-trip.js';
import type { ScriptedProviders } from '../scripted-providers.js';
import { type Stack, startStack } from '../stack.js';
import { startStockWorker } from '../stock/process.js';
import type { StockSettings } from '../stock/settings.js';
import { type ArmPlan, dispatchMetadata, type OtherWorker, type OurPlan } from './arm-plans.js';
import type { Arm } from './calls.js';
import { type SlowHandshakes, startSlowHandshakes } from './slow-handshakes.js';

/** All arms of ours are calls to one worker, and asked for by the metadata of their dispatch. */
const OURS_CALL = 'latency-ours';

export interface WorkersOptions {
  readonly providers: ScriptedProviders;
  /** What each new connection to the providers takes, in ms; undefined: nothing stands between. */
  readonly handshakeMs: number | undefined;
  /** Call processes that each worker holds ready. */
  readonly warmProcesses: number;
  readonly signal: AbortSignal;
  readonly tell: (line: string) => void;
}

export interface Workers {
  readonly sfu: SfuKeys;
  readonly metricsUrl: string;
  readonly arms: readonly Arm[];
  /** Arms whose worker did not start, and why. */
  readonly failed: Readonly<Record<string, string>>;
  /** Ends everything that was started. */
  close(): Promise<void>;
}

interface Closable {
  close(): Promise<unknown>;
}

/** @throws Error when the system itself does not start; one of the other workers that does not is told and left out. */
export async function openWorkers(plans: readonly ArmPlan[], options: WorkersOptions): Promise<Workers> {
  const { providers, handshakeMs, warmProcesses, signal, tell } = options;
  const opened: Closable[] = [];
  const close = async (): Promise<void> => {
    for (const part of opened.splice(0).reverse()) await part.close();
  };
  const network = async (): Promise<SlowHandshakes | undefined> => {
    if (handshakeMs === undefined) return undefined;
    const slow = await startSlowHandshakes(providers.url, handshakeMs);
    opened.push(slow);
    return slow;
  };
  try {
    const before = await network();
    const env = { ...providers.envOf(OURS_CALL, before?.url), WARM_PROCESSES: `${warmProcesses}` };
    const stack = await startStack({ env, signal });
    opened.push(stack);
    const sfu = { url: stack.livekitUrl, ...stack.livekitKeys };
    const arms: Arm[] = [];
    const failed: Record<string, string> = {};
    for (const plan of plans) {
      if (plan.kind === 'ours') {
        arms.push(ourArm(plan, { sfu, agentName: stack.agentName, handshakesAtMs: before?.begunAtMs }));
        continue;
      }
      try {
        const slow = await network();
        const settings = settingsOf(plan.name, stack, providers, slow?.url);
        const worker = await startOther(plan.name, settings, { sfu, warmProcesses, signal });
        opened.push(worker);
        arms.push({
          name: plan.name,
          providersCall: callOf(plan.name),
          isOurs: false,
          hearsGaps: false,
          seat: worker.seat,
          ...(slow && { handshakesAtMs: slow.begunAtMs }),
        });
      } catch (error) {
        signal.throwIfAborted();
        failed[plan.name] = messageOf(error);
        tell(`${plan.name}: ${failed[plan.name]}`);
      }
    }
    return { sfu, metricsUrl: stack.metricsUrl, arms, failed, close };
  } catch (error) {
    await close();
    throw error;
  }
}

function ourArm(
  plan: OurPlan,
  worker: { sfu: SfuKeys; agentName: string; handshakesAtMs: readonly number[] | undefined },
): Arm {
  const { sfu, agentName, handshakesAtMs } = worker;
  const dispatch = { metadata: dispatchMetadata(plan), earlyDispatch: plan.isEarly };
  return {
    name: plan.name,
    providersCall: OURS_CALL,
    isOurs: true,
    hearsGaps: plan.name === 'openings',
    seat: (ids) => makeSeat(sfu, { ...ids, agentName }, dispatch),
    ...(handshakesAtMs && { handshakesAtMs }),
  };
}

interface OtherStarted extends Closable {
  readonly seat: Arm['seat'];
}

async function startOther(
  name: OtherWorker,
  settings: StockSettings,
  { sfu, warmProcesses, signal }: { sfu: SfuKeys; warmProcesses: number; signal: AbortSignal },
): Promise<OtherStarted> {
  const agentName = settings.LIVEKIT_AGENT_NAME;
  // As the framework's documentation has it: the token brings the agent.
  const seat: Arm['seat'] = (ids) => makeSeat(sfu, { ...ids, agentName });
  if (name === 'stock' || name === 'tuned' || name === 'tuned-patient') {
    const options = {
      STOCK_OPTIONS: name === 'stock' ? 'default' : name,
      STOCK_WARM_PROCESSES: `${warmProcesses}`,
    } as const;
    const worker = await startStockWorker({ ...settings, ...options }, signal);
    return { seat, close: () => worker.close() };
  }
  // Not everybody has Python at hand, and only these two need to know how it is started.
  const { startPythonArm } = await import('../python/process.js');
  const python = await startPythonArm(name, settings, signal);
  if (python.agentName !== undefined) return { seat, close: () => python.close() };
  return {
    async seat(ids) {
      await python.invite(ids.roomName);
      return makeSeat(sfu, ids);
    },
    close: () => python.close(),
  };
}

function callOf(name: OtherWorker): string {
  return `latency-${name}`;
}

function settingsOf(
  name: OtherWorker,
  { livekitUrl, livekitKeys }: Stack,
  providers: ScriptedProviders,
  through: string | undefined,
): StockSettings {
  return {
    LIVEKIT_URL: livekitUrl,
    LIVEKIT_API_KEY: livekitKeys.apiKey,
    LIVEKIT_API_SECRET: livekitKeys.apiSecret,
    LIVEKIT_AGENT_NAME: name,
    ...providers.envOf(callOf(name), through),
  };
}
