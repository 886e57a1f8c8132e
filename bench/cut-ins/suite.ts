/**
 * `npm run bench -- cut-ins`: whether the agent begins to speak in pauses that people make inside their orders, ours and one
 * of the stock framework in turn, over one real SFU and the same scripted providers.
 */
import { messageOf } from '../caller/errors.js';
import { startProviders } from '../scripted-providers.js';
import { OWN_LAG_MAX_MS, tookTheFloor } from '../spoken-turn.js';
import { type Stack, startStack } from '../stack.js';
import { startStockWorker } from '../stock/process.js';
import { type CallOptions, type PlayedOrder, placeOrders } from './calls.js';
import { ARM_NAMES, type ArmName, type CutInsArms, summarise } from './figures.js';
import { type PausedOrder, readPausedOrders } from './orders.js';

/** Orders of a run, and of a quick one: the former take seven minutes for both arms. */
const ORDERS = { whole: 24, quick: 3 } as const;
const ORDERS_A_CALL = 3;
/** Orders that this program was too busy to say in time are said once more at the end, so that both arms hear the same. */
const ROUNDS = 2;
const STOCK_AGENT_NAME = 'stock';

export interface CutInsOptions {
  /** Data folders; undefined: the project's. */
  readonly folders: readonly string[] | undefined;
  readonly quick: boolean;
  readonly limit?: number | undefined;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Takes a line on how it goes. */
  readonly tell: (line: string) => void;
}

/** @throws when a worker does not start or takes no calls; CallError `BAD_INPUT` without usable recordings. */
export async function runCutIns({ folders, quick, limit, seed, signal, tell }: CutInsOptions): Promise<CutInsArms> {
  const wanted = limit ?? ORDERS[quick ? 'quick' : 'whole'];
  const orders = await readPausedOrders(folders, { limit: wanted, seed });
  tell(`${orders.length} orders to both arms, ${ORDERS_A_CALL} a call`);
  const opened: { close(): Promise<unknown> }[] = [];
  const open = async <T extends { close(): Promise<unknown> }>(opening: Promise<T>): Promise<T> => {
    const part = await opening;
    opened.push(part);
    return part;
  };
  try {
    const providers = await open(startProviders(signal));
    const stack = await open(startStack({ env: providers.envOf(providersCall('ours')), signal }));
    await open(startStockWorker({ ...stockSettings(stack), ...providers.envOf(providersCall('stock')) }, signal));
    const sfu = { url: stack.livekitUrl, ...stack.livekitKeys };
    const seats: Record<ArmName, CallOptions> = {
      ours: { sfu, providers, agentName: stack.agentName, providersCall: providersCall('ours'), signal },
      stock: { sfu, providers, agentName: STOCK_AGENT_NAME, providersCall: providersCall('stock'), signal },
    };
    // The first call of each loads what later ones find loaded, and an agent that takes none is known at once.
    for (const arm of ARM_NAMES) await placeOrders(seats[arm], []);
    return await measure(seats, orders, { tell, signal });
  } finally {
    for (const part of opened.reverse()) await part.close();
  }
}

async function measure(
  seats: Readonly<Record<ArmName, CallOptions>>,
  orders: readonly PausedOrder[],
  { tell, signal }: Pick<CutInsOptions, 'tell' | 'signal'>,
): Promise<CutInsArms> {
  const played: Record<ArmName, PlayedOrder[]> = { ours: [], stock: [] };
  const failedCalls: Record<ArmName, number> = { ours: 0, stock: 0 };
  /** Says a few orders. @returns those that are to be said again. */
  const say = async (arm: ArmName, batch: readonly PausedOrder[]): Promise<readonly PausedOrder[]> => {
    try {
      const results = await placeOrders(seats[arm], batch);
      played[arm].push(...results);
      for (const result of results) tell(progressLine(arm, result));
      return batch.filter((_, index) => (results[index]?.lagMs ?? 0) > OWN_LAG_MAX_MS);
    } catch (error) {
      signal.throwIfAborted();
      failedCalls[arm] += 1;
      tell(`${arm}: no call: ${messageOf(error)}`);
      return batch;
    }
  };
  let left: Readonly<Record<ArmName, readonly PausedOrder[]>> = { ours: orders, stock: orders };
  for (let round = 0; round < ROUNDS; round += 1) {
    const again: Record<ArmName, PausedOrder[]> = { ours: [], stock: [] };
    for (let start = 0; start < Math.max(left.ours.length, left.stock.length); start += ORDERS_A_CALL) {
      // Each goes first in every other batch, so that neither always finds the machine as the other left it.
      const inTurn = (start / ORDERS_A_CALL) % 2 === 0 ? ARM_NAMES : ARM_NAMES.toReversed();
      for (const arm of inTurn) {
        const batch = left[arm].slice(start, start + ORDERS_A_CALL);
        if (batch.length > 0) again[arm].push(...(await say(arm, batch)));
      }
    }
    left = again;
  }
  for (const arm of ARM_NAMES) {
    if (played[arm].length === 0) throw new Error(`No call to ${arm} could be measured; the lines above say why.`);
  }
  return { ours: summarise(played.ours, failedCalls.ours), stock: summarise(played.stock, failedCalls.stock) };
}

function progressLine(arm: ArmName, result: PlayedOrder): string {
  const { file, pausesMs, outcome, heardResponseMs, lagMs, heard, decided } = result;
  const isHeard = heard.elsewhere > 0 || heard.cutIn.includes(true);
  const isDecided = decided.elsewhere > 0 || decided.cutIn.includes(true);
  const verdict = !tookTheFloor(result) ? '' : isHeard ? '  CUT IN' : isDecided ? '  decided too soon' : '';
  const answer = heardResponseMs === undefined ? outcome : `${Math.round(heardResponseMs)} ms`;
  const lag = lagMs > OWN_LAG_MAX_MS ? `  (not counted: own lag ${Math.round(lagMs)} ms)` : '';
  return `${arm.padEnd(6)}${file.padEnd(24)}pauses ${pausesMs.join(', ')} ms  answer ${answer}${verdict}${lag}`;
}

/** The name by which an arm's calls find their script. */
function providersCall(arm: ArmName): string {
  return `cut-ins-${arm}`;
}

function stockSettings({ livekitUrl, livekitKeys }: Stack) {
  return {
    LIVEKIT_URL: livekitUrl,
    LIVEKIT_API_KEY: livekitKeys.apiKey,
    LIVEKIT_API_SECRET: livekitKeys.apiSecret,
    LIVEKIT_AGENT_NAME: STOCK_AGENT_NAME,
  };
}
