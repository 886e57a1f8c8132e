/**
 * What a turn asks of the providers, counted by them: the part of the latency benchmark that holds on any machine, however busy.
 * A change that adds a request, a handshake or a second answer to a turn shows here before any clock tells.
 */
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { SimulatedCaller } from '../../../bench/caller/simulated-caller.js';
import { makeSeat } from '../../../bench/caller/tokens.js';
import { type ScriptedProviders, startProviders } from '../../../bench/scripted-providers.js';
import type { Technique } from '../../../wire/profile.js';
import type { TurnDocument } from '../../../wire/turn.js';
import { readMetric } from '../../support/metrics.js';
import { scriptedRecording } from '../../support/recordings.js';
import { type Stack, startStack } from '../../support/stack.js';

/** Each is said without a pause, in which a listener might take it for over. */
const SAID = ['orders/7594182a.flac', 'orders/c266bd5f.flac'];
const REPLIES = ['One large light roast, with pleasure. What else?', 'A mocha with cream as well. It is ready soon.'];
/** Of techniques that ask for more where the clock says so, and of those that say more than the model does. */
const WITHOUT: readonly Technique[] = [
  ...(['speculation', 'speculative-voice', 'deadlines', 'hedging', 'fallback'] as const),
  ...(['fillers', 'openings', 'answer-cache', 'summary', 'budget-control'] as const),
];
/** Below the shortest silence that ends a turn, in ms (`agent/config/profiles.ts`). */
const BREAK_MS = 200;
/** A call takes half a minute; a busy machine takes its time, and may have to place it again. */
const TIMEOUT_MS = 300_000;
/** Nothing is measured, so nothing need be quick. */
const limit = { timeoutMs: 60_000 };
const CALL = 'counting';
/** The worker's default. */
const WARM_PROCESSES = 2;

/** What the providers count; they know more than this. */
const Counted = z.object({
  stt: z.object({ connections: z.number() }),
  llm: z.object({ requests: z.number(), promptTokens: z.number(), tokensSent: z.number(), completed: z.number() }),
  tts: z.object({ requests: z.number(), charactersReceived: z.number(), completed: z.number() }),
});
type Counted = z.infer<typeof Counted>;

const COUNTERS = {
  ended: 'turnwise_calls_total',
  tokens: 'turnwise_llm_tokens_total',
  characters: 'turnwise_tts_characters_total',
  connections: 'turnwise_provider_connections_total',
  speculations: 'turnwise_speculations_total',
  hedges: 'turnwise_hedges_total',
  failovers: 'turnwise_failovers_total',
} as const;

const stop = new AbortController();
let providers: ScriptedProviders;
let stack: Stack;

beforeAll(async () => {
  providers = await startProviders(stop.signal);
  stack = await startStack({ env: providers.envOf(CALL) });
  // From here on the greeting comes from the disk, and asks nobody.
  await vi.waitFor(() => expect(stack.lines('worker').join('\n')).toContain('phrases ready'), {
    timeout: limit.timeoutMs,
  });
  // While processes for calls to come are being loaded, this one may be too busy to speak without a break.
  const warm = () => readMetric(stack.metricsUrl, 'turnwise_warm_processes');
  await vi.waitFor(async () => expect(await warm()).toBe(WARM_PROCESSES), {
    timeout: limit.timeoutMs,
  });
});
afterAll(async () => {
  await stack?.close();
  await providers?.close();
  stop.abort();
});

/** Instructions and tools, sent once before the first turn. */
const PROMPT_AHEAD = 1;

interface Call {
  readonly turns: readonly TurnDocument[];
  /** Final texts of the agent, greeting and all. */
  readonly agentSaid: readonly string[];
  readonly providers: Counted;
  /** By the worker's metrics: name and labels as Prometheus writes them. */
  readonly worker: (name: keyof typeof COUNTERS, ...labels: readonly string[]) => number;
  /** This program was too busy to speak without a break. */
  readonly isDisturbed: boolean;
}

async function providersCount(): Promise<Counted> {
  const response = await fetch(`${providers.url}/script/${CALL}`);
  return Counted.parse(await response.json());
}

async function workerLines(): Promise<string[]> {
  return (await (await fetch(stack.metricsUrl)).text()).split('\n');
}

/** A call that this program disturbed is placed again: a break in what it says may be taken for its end. */
async function call(without: readonly Technique[]): Promise<Call> {
  for (let left = 2; ; left -= 1) {
    const placed = await place(without);
    if (!placed.isDisturbed || left === 0) return placed;
  }
}

/** Says both orders, one after the other's answer, hangs up, and waits until the worker has told all. */
async function place(without: readonly Technique[]): Promise<Call> {
  const said = await Promise.all(SAID.map(scriptedRecording));
  const turns = said.map(({ turn }) => turn);
  await providers.script({ call: CALL, turns, replies: REPLIES, preset: 'fixed' }, stop.signal);
  const before = { providers: await providersCount(), lines: await workerLines() };
  const endedBefore = await readMetric(stack.metricsUrl, COUNTERS.ended);
  const ids = { roomName: `test-${crypto.randomUUID()}`, identity: 'caller', agentName: stack.agentName };
  const metadata = JSON.stringify({ profile: 'good', without });
  const caller = new SimulatedCaller(
    await makeSeat({ url: stack.livekitUrl, ...stack.livekitKeys }, ids, { metadata }),
  );
  let documents: readonly TurnDocument[];
  let agentSaid: readonly string[];
  let isDisturbed: boolean;
  try {
    await caller.connect();
    await caller.waitForGreeting(limit);
    for (const { clip } of said) await caller.say(clip, limit);
    documents = caller.turnDocuments.filter(({ turn }) => turn > 0);
    isDisturbed = caller.worstLagMs.speaking > BREAK_MS;
    agentSaid = caller.segments.filter(({ speaker, final }) => speaker === 'agent' && final).map(({ text }) => text);
  } finally {
    await caller.hangUp();
  }
  await expect
    .poll(() => readMetric(stack.metricsUrl, COUNTERS.ended), { timeout: limit.timeoutMs })
    .toBe(endedBefore + 1);
  const after = { providers: await providersCount(), lines: await workerLines() };
  const sum = (lines: readonly string[], name: string, labels: readonly string[]): number =>
    lines
      .filter((line) => line.startsWith(`${name}{`) && labels.every((label) => line.includes(label)))
      .reduce((total, line) => total + Number(line.split(' ').at(-1)), 0);
  return {
    turns: documents,
    agentSaid,
    isDisturbed,
    providers: difference(after.providers, before.providers),
    worker: (name, ...labels) => sum(after.lines, COUNTERS[name], labels) - sum(before.lines, COUNTERS[name], labels),
  };
}

function difference(after: Counted, before: Counted): Counted {
  const { stt, llm, tts } = before;
  return {
    stt: { connections: after.stt.connections - stt.connections },
    llm: {
      requests: after.llm.requests - llm.requests,
      promptTokens: after.llm.promptTokens - llm.promptTokens,
      tokensSent: after.llm.tokensSent - llm.tokensSent,
      completed: after.llm.completed - llm.completed,
    },
    tts: {
      requests: after.tts.requests - tts.requests,
      charactersReceived: after.tts.charactersReceived - tts.charactersReceived,
      completed: after.tts.completed - tts.completed,
    },
  };
}

const CHARACTERS = REPLIES.reduce((sum, { length }) => sum + length, 0);

/** Whatever is asked for ahead, what is said and what is counted of it is the same. */
function expectOneAnswerEach({ turns, agentSaid, providers: asked, worker }: Call): void {
  expect(turns.map(({ turn, outcome, reply }) => [turn, outcome, reply])).toEqual(
    REPLIES.map((reply, index) => [index + 1, 'answered', reply]),
  );
  // The first is the greeting.
  expect(agentSaid.slice(1)).toEqual(REPLIES);
  expect(worker('connections', 'reused="false"')).toBe(0);
  expect(worker('characters')).toBe(asked.tts.charactersReceived);
}

describe('a call of two turns', () => {
  it('asks model and synthesiser once a turn, over open connections, for what is said and nothing else', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const counted = await call(WITHOUT);
    expectOneAnswerEach(counted);
    const { providers: asked, worker } = counted;
    const requests = PROMPT_AHEAD + REPLIES.length;
    expect(asked.llm).toMatchObject({ requests, completed: requests });
    expect(asked.tts).toMatchObject({ requests: REPLIES.length, charactersReceived: CHARACTERS });
    expect(worker('tokens', 'kind="completion"')).toBe(asked.llm.tokensSent);
    expect(worker('tokens', 'kind="prompt"')).toBe(asked.llm.promptTokens);
  });

  it('asks for no more than it tells of where answers are begun ahead and asked for again', {
    timeout: TIMEOUT_MS,
  }, async () => {
    const counted = await call([]);
    expectOneAnswerEach(counted);
    const { providers: asked, worker } = counted;
    const begun = worker('speculations', 'stage="llm"');
    const dropped = begun - worker('speculations', 'stage="llm"', 'outcome="used"');
    const again = worker('hedges', 'component="llm"') + worker('failovers', 'component="llm"');
    expect(asked.llm.requests).toBe(PROMPT_AHEAD + REPLIES.length + dropped + again);
  });
});
