/** `npm run bench -- conversation`: four synthetic voices order, change and cancel, in one call per voice and script. */
import { isDeepStrictEqual } from 'node:util';
import { type Clip, prepareClip } from '../caller/clip.js';
import { messageOf } from '../caller/errors.js';
import { percentile } from '../statistics.js';
import { toWords } from '../words/score.js';
import type { ExpectedOrder } from './label.js';
import { wordsReadBack } from './read-back.js';
import type { StoredItem, StoredOrders } from './stored-orders.js';
import { synthesise } from './synthetic-voice.js';
import { type BenchSystem, type GreetedCall, placeCall } from './system.js';

export const VOICES = ['kal', 'awb', 'rms', 'slt'] as const;

/** Longest wait for an answer to begin, in ms. */
const ANSWER_TIMEOUT_MS = 10_000;

/** How often a sentence is said again when nothing was stored, as a person would. */
const REPEATS = 2;

interface Step {
  readonly says: string;
  /** What must stand in the store afterwards: fields of the one item; `none` when there must be no placed order. */
  readonly placed: Partial<ExpectedOrder> | 'none';
  readonly cancelled: number;
}

const LATTE = { drink: 'latte', size: 'large', milk: 'almond', sweetener: null };

const MOCHA = { drink: 'mocha', size: 'medium', sweetener: 'sugar' };
const COFFEE = { drink: 'iced coffee', size: 'medium', milk: null };

/** Each is one call, with a change and a cancellation in it. */
const SCRIPTS: readonly (readonly Step[])[] = [
  [
    { says: 'Can I get a large latte with almond milk?', placed: LATTE, cancelled: 0 },
    { says: 'Can you make it a small instead?', placed: { ...LATTE, size: 'small' }, cancelled: 0 },
    { says: 'Please cancel my order.', placed: 'none', cancelled: 1 },
    { says: "I'd like a medium mocha with sugar.", placed: MOCHA, cancelled: 1 },
  ],
  [
    { says: 'Could I have a medium iced coffee, please?', placed: COFFEE, cancelled: 0 },
    { says: 'Please add some oat milk.', placed: { ...COFFEE, milk: 'oat' }, cancelled: 0 },
    { says: 'Actually, make it large.', placed: { ...COFFEE, milk: 'oat', size: 'large' }, cancelled: 0 },
    { says: 'I want to cancel my order.', placed: 'none', cancelled: 1 },
  ],
];

export interface StepResult {
  readonly says: string;
  readonly done: boolean;
  readonly attempts: readonly {
    readonly said: string;
    readonly reply: string;
    readonly heardResponseMs: number | null;
  }[];
  readonly stored: readonly StoredItem[];
}

export interface ConversationResult {
  readonly voice: string;
  readonly right: boolean;
  readonly steps: readonly StepResult[];
  readonly problem?: string;
}

export interface ConversationArm {
  readonly conversations: number;
  readonly right: number;
  readonly heardResponseMs: { readonly p50: number | null; readonly p95: number | null };
  readonly voices: readonly ConversationResult[];
}

export interface ConversationOptions {
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

export async function runConversation(
  system: BenchSystem,
  { signal, print }: ConversationOptions,
): Promise<ConversationArm> {
  const voices: ConversationResult[] = [];
  for (const [script, voice] of SCRIPTS.flatMap((steps) => VOICES.map((name) => [steps, name] as const))) {
    const result = await converse(system, { script, voice, signal });
    voices.push(result);
    print(
      `${result.right ? 'right' : 'NOT RIGHT'}  ${voice}${result.problem === undefined ? '' : `: ${result.problem}`}`,
    );
    for (const { says, done, attempts } of result.steps) {
      print(`  ${done ? 'done' : 'NOT DONE'}  "${says}"`);
      for (const { said, reply } of attempts) print(`        heard "${said}", answered "${reply}"`);
    }
  }
  const heard = voices.flatMap(({ steps }) =>
    steps.flatMap(({ attempts }) => attempts.flatMap(({ heardResponseMs }) => heardResponseMs ?? [])),
  );
  return {
    conversations: voices.length,
    right: voices.filter(({ right }) => right).length,
    heardResponseMs: { p50: percentile(heard, 0.5) ?? null, p95: percentile(heard, 0.95) ?? null },
    voices,
  };
}

interface ConverseOptions {
  readonly script: readonly Step[];
  readonly voice: string;
  readonly signal: AbortSignal;
}

async function converse(system: BenchSystem, { script, voice, signal }: ConverseOptions): Promise<ConversationResult> {
  const steps: StepResult[] = [];
  let call: GreetedCall | undefined;
  try {
    const speak = async (text: string): Promise<Clip> =>
      prepareClip(await synthesise(system.providersUrl, { text, voice, signal }), Number.POSITIVE_INFINITY);
    const yes = await speak('Yes please.');
    const clips = [];
    for (const step of script) clips.push({ step, clip: await speak(step.says) });
    call = await placeCall(system, signal);
    for (const { step, clip } of clips) {
      const result = await take(system.orders, call, { step, clip, yes });
      steps.push(result);
      if (!result.done) break;
    }
    return { voice, right: steps.length === script.length && steps.every(({ done }) => done), steps };
  } catch (error) {
    signal.throwIfAborted();
    return { voice, right: false, steps, problem: messageOf(error) };
  } finally {
    await call?.caller.hangUp();
  }
}

interface TakeOptions {
  readonly step: Step;
  readonly clip: Clip;
  readonly yes: Clip;
}

/** Says the sentence; says yes to what is read back, and says it again when it was not understood. */
async function take(orders: StoredOrders, { caller, callId }: GreetedCall, options: TakeOptions): Promise<StepResult> {
  const { step, clip, yes } = options;
  const attempts: { said: string; reply: string; heardResponseMs: number | null }[] = [];
  let next = clip;
  let done = false;
  for (let attempt = 0; attempt <= REPEATS && !done; attempt += 1) {
    const { said, reply, heardResponseMs } = await caller.say(next, { timeoutMs: ANSWER_TIMEOUT_MS });
    attempts.push({ said, reply, heardResponseMs: heardResponseMs ?? null });
    done = isDone(orders, callId, step);
    next = isReadBackRight(reply, step) ? yes : clip;
  }
  return { says: step.says, done, attempts, stored: orders.placed(callId) };
}

/** A caller says yes to what was wanted only; to anything else the sentence is said again. */
function isReadBackRight(reply: string, { says, placed }: Step): boolean {
  const own = wordsReadBack(reply);
  if (own !== undefined) return isDeepStrictEqual(own, toWords(says));
  const text = reply.toLowerCase();
  if (!/\b(right|correct)\?/.test(text) || /\b(two|three)\b/.test(text)) return false;
  if (placed === 'none') return text.includes('cancel');
  return Object.values(placed).every((value) => value === null || text.includes(value));
}

function isDone(orders: StoredOrders, callId: string, { placed, cancelled }: Step): boolean {
  if (orders.cancelled(callId) !== cancelled) return false;
  const items = orders.placed(callId);
  if (placed === 'none') return items.length === 0;
  const [item] = items;
  return (
    items.length === 1 &&
    item?.quantity === 1 &&
    (Object.keys(placed) as (keyof ExpectedOrder)[]).every((key) => item[key] === placed[key])
  );
}
