/** `npm run bench -- orders`: recorded people order by voice alone; the store says whether they got what they said. */
import { isDeepStrictEqual } from 'node:util';
import { readAudioFile } from '../audio-file.js';
import { type Clip, prepareClip } from '../caller/clip.js';
import { messageOf } from '../caller/errors.js';
import { percentile, shuffled } from '../statistics.js';
import { type ExpectedOrder, expectedOrder } from './label.js';
import { type LabelledRecording, readManifest } from './manifest.js';
import { wordsReadBack } from './read-back.js';
import { judgeOrder, type StoredItem, type Verdict } from './stored-orders.js';
import { type BenchSystem, placeCall } from './system.js';

/** Longest wait for an answer to begin, in ms. */
const ANSWER_TIMEOUT_MS = 10_000;

export interface OrderResult {
  readonly file: string;
  readonly text: string;
  /** `failed`: there was no call to be had; `problem` says why. */
  readonly verdict: Verdict | 'failed';
  readonly expected: ExpectedOrder;
  readonly stored: readonly StoredItem[];
  readonly said: string;
  readonly reply: string;
  readonly heardResponseMs: number | null;
  /** The agent read the order back rightly and was told yes. */
  readonly confirmed: boolean;
  readonly problem?: string;
}

export interface OrdersArm {
  readonly calls: number;
  /** Those confirmed with a yes among them. */
  readonly right: number;
  readonly rightAtOnce: number;
  readonly askedBack: number;
  readonly wrong: number;
  readonly unanswered: number;
  readonly failed: number;
  readonly heardResponseMs: { readonly p50: number | null; readonly p95: number | null };
  readonly orders: readonly OrderResult[];
}

export interface OrdersOptions {
  readonly data: string;
  readonly limit?: number | undefined;
  readonly seed: number;
  /** Recording of a yes, said when the agent reads back exactly what was ordered; absent: nobody answers it. */
  readonly yes?: string | undefined;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Places one call per recording, one after the other. */
export async function runOrders(system: BenchSystem, options: OrdersOptions): Promise<OrdersArm> {
  const { data, limit, seed, print, signal } = options;
  const yes = options.yes === undefined ? undefined : prepareClip(await readAudioFile(options.yes));
  const rows = shuffled(await readManifest(data), seed).flatMap((row) => {
    const expected = expectedOrder(row.text);
    return expected === undefined ? [] : [{ ...row, expected }];
  });
  const results: OrderResult[] = [];
  for (const row of rows.slice(0, limit)) {
    const result = await placeOrder(system, row, { yes, signal });
    results.push(result);
    print(`${VERDICT_NAMES[result.verdict].padEnd(11)} ${row.file}  said "${row.text}"`);
    if (result.verdict !== 'right')
      print(`            heard "${result.said}", answered "${result.problem ?? result.reply}"`);
  }
  return summarise(results);
}

/** Figures of an arm. Pure. */
export function summarise(orders: readonly OrderResult[]): OrdersArm {
  const count = (verdict: OrderResult['verdict']): number => orders.filter((order) => order.verdict === verdict).length;
  const heard = orders.flatMap(({ heardResponseMs }) => heardResponseMs ?? []);
  return {
    calls: orders.length,
    right: count('right'),
    rightAtOnce: orders.filter(({ verdict, confirmed }) => verdict === 'right' && !confirmed).length,
    askedBack: count('askedBack'),
    wrong: count('wrong'),
    unanswered: count('unanswered'),
    failed: count('failed'),
    heardResponseMs: { p50: percentile(heard, 0.5) ?? null, p95: percentile(heard, 0.95) ?? null },
    orders,
  };
}

/** A table of one line a figure. */
export function ordersTable(arm: OrdersArm): string[] {
  const share = (count: number): string => `${String(count).padStart(4)} of ${arm.calls}`;
  const ms = (value: number | null): string => (value === null ? '-' : `${Math.round(value)} ms`);
  return [
    `right       ${share(arm.right)}, ${arm.rightAtOnce} of them at once and the others after a yes`,
    `asked back  ${share(arm.askedBack)}`,
    `wrong       ${share(arm.wrong)}`,
    `unanswered  ${share(arm.unanswered)}`,
    ...(arm.failed === 0 ? [] : [`no call     ${share(arm.failed)}`]),
    `heard       P50 ${ms(arm.heardResponseMs.p50)}, P95 ${ms(arm.heardResponseMs.p95)}`,
    ...(arm.calls < 10 ? [`${arm.calls} calls are too few to claim anything.`] : []),
  ];
}

/** Whether the agent asks if it heard exactly this order, or these words. A caller who hears another one does not say yes. */
export function isReadBack(reply: string, expected: ExpectedOrder): boolean {
  const readBack = /i heard (.+?)\. is that right\?/.exec(reply.toLowerCase())?.[1];
  const order = readBack === undefined ? wordsReadBack(reply)?.join(' ') : `get me ${readBack}`;
  return order !== undefined && isDeepStrictEqual(expectedOrder(order), expected);
}

const VERDICT_NAMES: Readonly<Record<OrderResult['verdict'], string>> = {
  right: 'right',
  askedBack: 'asked back',
  wrong: 'WRONG',
  unanswered: 'unanswered',
  failed: 'no call',
};

async function placeOrder(
  system: BenchSystem,
  { path, file, text, expected }: LabelledRecording & { readonly expected: ExpectedOrder },
  { yes, signal }: { readonly yes: Clip | undefined; readonly signal: AbortSignal },
): Promise<OrderResult> {
  const nothing = { file, text, expected, stored: [], said: '', reply: '', heardResponseMs: null, confirmed: false };
  try {
    const clip = prepareClip(await readAudioFile(path), Number.POSITIVE_INFINITY);
    const { caller, callId } = await placeCall(system, signal);
    try {
      const { outcome, said, reply, heardResponseMs } = await caller.say(clip, { timeoutMs: ANSWER_TIMEOUT_MS });
      let confirmed = false;
      // Words that were confirmed may still have to be confirmed as an order.
      for (let readBack = reply, asked = 0; yes !== undefined && asked < 2 && isReadBack(readBack, expected); asked++) {
        confirmed = true;
        ({ reply: readBack } = await caller.say(yes, { timeoutMs: ANSWER_TIMEOUT_MS }));
      }
      const stored = system.orders.placed(callId);
      const verdict = judgeOrder(expected, stored, outcome === 'answered');
      return {
        file,
        text,
        expected,
        stored,
        verdict,
        said,
        reply,
        confirmed,
        heardResponseMs: heardResponseMs ?? null,
      };
    } finally {
      await caller.hangUp();
    }
  } catch (error) {
    signal.throwIfAborted();
    return { ...nothing, verdict: 'failed', problem: messageOf(error) };
  }
}
