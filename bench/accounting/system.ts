/** The system whose accounts are looked at: scripted providers and a worker of its own, and seats in its rooms. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ProfileName, Technique } from '../../wire/profile.js';
import { makeSeat, type Seat, type SeatRequest } from '../caller/tokens.js';
import type { SfuKeys } from '../interruptions/round-trip.js';
import { dispatchMetadata } from '../latency/arm-plans.js';
import { type ScriptedProviders, startProviders } from '../scripted-providers.js';
import { type Stack, startStack } from '../stack.js';
import { type Exposition, parseExposition } from './exposition.js';

/** What the calls are named to the providers. */
export const PROVIDERS_CALL = 'accounting';

/** Longest wait for one scrape, in ms: Prometheus' own default. */
const SCRAPE_TIMEOUT_MS = 10_000;

/** How the agent of a call is set. */
export interface AgentPlan {
  readonly profile: ProfileName;
  readonly without: readonly Technique[];
}

export interface AccountedSystem {
  readonly providers: ScriptedProviders;
  readonly stack: Stack;
  readonly sfu: SfuKeys;
  /** The worker's call log, a SQLite file. */
  readonly callLogFile: string;
  /** A seat in a new room, to which an agent set in that way comes. */
  seat(ids: Pick<SeatRequest, 'roomName' | 'identity'>, plan: AgentPlan): Promise<Seat>;
  scrape(signal: AbortSignal): Promise<Exposition>;
  close(): Promise<void>;
}

/** @param warmProcesses - Call processes that the worker holds ready. */
export async function openSystem(warmProcesses: number, signal: AbortSignal): Promise<AccountedSystem> {
  const folder = await mkdtemp(join(tmpdir(), 'turnwise-accounting-'));
  const callLogFile = join(folder, 'calls.db');
  const removeFolder = () => rm(folder, { recursive: true, force: true });
  const providers = await startProviders(signal);
  const env = {
    ...providers.envOf(PROVIDERS_CALL),
    WARM_PROCESSES: `${warmProcesses}`,
    CALL_LOG_URL: `file:${callLogFile}`,
  };
  const stack = await startStack({ env, signal }).catch(async (error: unknown) => {
    await providers.close();
    await removeFolder();
    throw error;
  });
  const sfu = { url: stack.livekitUrl, ...stack.livekitKeys };
  const { agentName, metricsUrl } = stack;
  return {
    providers,
    stack,
    sfu,
    callLogFile,
    seat: (ids, plan) =>
      makeSeat(sfu, { ...ids, agentName }, { metadata: dispatchMetadata(plan), earlyDispatch: true }),
    async scrape(scrapeSignal) {
      // A signal of its own for each: the other one lives as long as the run, and would collect listeners.
      const limited = AbortSignal.any([scrapeSignal, AbortSignal.timeout(SCRAPE_TIMEOUT_MS)]);
      const response = await fetch(metricsUrl, { signal: limited });
      return parseExposition(await response.text());
    },
    async close() {
      await stack.close();
      await providers.close();
      await removeFolder();
    },
  };
}
