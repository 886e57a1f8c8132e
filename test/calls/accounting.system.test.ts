/**
 * Real calls, several at once: the worker's counts are those of its callers to the turn, the stages of each turn add up to its
 * response, a call that is killed costs no other one anything, and nobody's inventions enter a histogram.
 */
import { existsSync } from 'node:fs';
import { Room } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AccountedTurn, isTimely } from '../../bench/accounting/call.js';
import { happened } from '../../bench/accounting/counts-part.js';
import {
  type CheckedCount,
  checkCounts,
  documentedCounts,
  expectedCounts,
  nameOf,
} from '../../bench/accounting/expected-counts.js';
import { type Exposition, sumOf } from '../../bench/accounting/exposition.js';
import { killOne } from '../../bench/accounting/killed-call.js';
import { holdCalls, readOrders, scriptCalls } from '../../bench/accounting/part.js';
import { stageSum } from '../../bench/accounting/stage-sum.js';
import { type AccountedSystem, openSystem } from '../../bench/accounting/system.js';
import { watchScrapes } from '../../bench/accounting/watch-scrapes.js';
import { SimulatedCaller } from '../../bench/caller/simulated-caller.js';
import { makeSeat } from '../../bench/caller/tokens.js';
import { HEARD_LATE_MS, HEARD_RPC_METHOD } from '../../wire/turn.js';

const CALLS = 2;
const TURNS_A_CALL = 2;
const TYPED = 'And what is in a flat white?';
const WARM_PROCESSES = 3;
const PLAN = { profile: 'good', without: [] } as const;
const TIMEOUT_MS = 400_000;

let system: AccountedSystem;
const ending = new AbortController();
const scrape = (): Promise<Exposition> => system.scrape(ending.signal);

beforeAll(async () => {
  system = await openSystem(WARM_PROCESSES, ending.signal);
});
afterAll(() => system?.close());

const options = () => ({
  ...{ system, folders: ['test/speech'], quick: true, seed: 1, signal: ending.signal, tell: () => undefined },
});

/** Was said in time and answered when it was over, so that caller and worker speak of the same turns. */
const isOrdinary = (turn: AccountedTurn): boolean => isTimely(turn) && !turn.cutIn && turn.heardMs !== undefined;

const nameAndCount = (one: CheckedCount): string => `${nameOf(one)}: ${one.counted} instead of ${one.expected}`;

describe('calls at once', () => {
  it(
    'are counted to the turn in every histogram, and the stages of each turn add up to its response',
    async () => {
      const recordings = await readOrders(options(), TURNS_A_CALL);
      const before = await scrape();
      const held = await holdCalls(options(), {
        ...{ plan: PLAN, recordings, callers: CALLS, witness: false, typed: TYPED, number: 1 },
      });
      const { turns = [], documents = [] } = held ?? {};
      expect(turns).toHaveLength(CALLS * (TURNS_A_CALL + 1));
      // On a machine that is too busy to hold calls as people do, callers do not know what became of what they said: then it
      // is what the agent told them of each turn.
      const expected = turns.every(isOrdinary) ? expectedCounts(happened(CALLS, turns)) : documentedCounts(documents);
      const wrong = async (): Promise<string[]> =>
        checkCounts(expected, before, await scrape())
          .filter(({ counted, expected: count }) => counted !== count)
          .map(nameAndCount);
      await vi.waitFor(async () => expect(await wrong()).toEqual([]), { timeout: 30_000, interval: 250 });
      // Once no call is left, nothing can be counted any more that should not be.
      await vi.waitFor(async () => expect(sumOf(await scrape(), 'turnwise_calls')).toBe(0), {
        ...{ timeout: 30_000, interval: 250 },
      });
      expect(await wrong()).toEqual([]);
      const sums = documents.flatMap((document) => stageSum(document) ?? []);
      expect(sums.length).toBeGreaterThan(0);
      for (const sum of sums) expect(sum).toMatchObject({ addsUp: true });
    },
    TIMEOUT_MS,
  );

  it.skipIf(!existsSync('/proc/self/net/tcp'))(
    'go on and stay counted when the process of one is killed, and no counter goes back',
    async () => {
      const watch = watchScrapes(system, ending.signal);
      try {
        const { verdicts, isOrdinary: isAsCallersKnow, documents, before, after } = await killOne(options(), watch);
        const checked = checkCounts(documentedCounts(documents), before, after);
        // At most the turn that was open is in the one and not in the other.
        expect(checked.filter(({ counted, expected }) => counted < expected).map(nameAndCount)).toEqual([]);
        expect(checked.filter(({ counted, expected }) => counted > expected + 1).map(nameAndCount)).toEqual([]);
        if (isAsCallersKnow) for (const { what, figure, to } of verdicts) expect(figure.value, what).toBe(to);
        expect([...watch.wentBack]).toEqual([]);
        expect(watch.scrapes.length).toBeGreaterThan(10);
      } finally {
        await watch.stop();
      }
    },
    TIMEOUT_MS,
  );
});

describe('reports that nobody can have measured', () => {
  /** Apart from that of the heard response, which the one true report enters. */
  const HISTOGRAMS = [
    'turnwise_heard_unexplained_seconds_count',
    'turnwise_network_rtt_seconds_count',
    'turnwise_client_jitter_buffer_seconds_count',
    'turnwise_response_seconds_count',
  ];
  const report = (over: object) => JSON.stringify({ schema: 1, turn: 99_998, heardResponseMs: 800, ...over });
  const FORGED = [
    ...[report({}), report({ turn: 0 }), report({ turn: 1, heardResponseMs: 60_000 }), report({ heardResponseMs: -5 })],
    ...[report({ heardResponseMs: 1e12 }), report({ heardResponseMs: 'soon' }), report({ turn: -1 })],
    ...[report({ roundTripMs: -1 }), report({ jitterBufferMs: 1e9 }), report({ more: 1 }), 'null', '{', ''],
  ];
  const FLOOD = 60;
  /** Reports of the caller's that are read at once, and while a flood lasts: 8, and one every 2 s. */
  const READ_MAX = 30;

  it(
    'enter no histogram, whoever sends them and however many: each is counted as what it is',
    async () => {
      const roomName = `test-${crypto.randomUUID()}`;
      const seat = await system.seat({ roomName, identity: `caller-${crypto.randomUUID()}` }, PLAN);
      const caller = new SimulatedCaller({ ...seat, reportHeard: false, signal: ending.signal });
      const stranger = new Room();
      try {
        await caller.connect();
        await caller.waitForGreeting({ timeoutMs: 90_000 });
        const { turn, responseMs } = await answeredTurn(caller);
        const { url, token } = await makeSeat(system.sfu, { roomName, identity: `stranger-${crypto.randomUUID()}` });
        await stranger.connect(url, token, { autoSubscribe: false, dynacast: false });
        const before = await scrape();
        // The strangers' flood uses up nothing of the caller's.
        expect(await sendAll(stranger)).toBe(FLOOD);
        const late = report({ turn, heardResponseMs: responseMs + HEARD_LATE_MS + 1 });
        const possible = report({ turn, heardResponseMs: responseMs + 1 });
        const answers: (string | undefined)[] = [];
        for (const payload of [late, possible, possible]) answers.push(await send(caller.room, payload));
        expect(answers).toEqual(['refused', 'taken', 'refused']);
        expect(await sendAll(caller.room)).toBe(FLOOD);
        const grown = (after: Exposition, series: string, labels = {}): number =>
          sumOf(after, series, labels) - sumOf(before, series, labels);
        await vi.waitFor(
          async () => {
            const after = await scrape();
            expect(grown(after, 'turnwise_heard_reports_total')).toBe(2 * FLOOD + answers.length);
            expect(grown(after, 'turnwise_heard_response_seconds_count')).toBe(1);
          },
          { timeout: 20_000, interval: 250 },
        );
        const after = await scrape();
        const as = (result: string): number => grown(after, 'turnwise_heard_reports_total', { result });
        expect(['stranger', 'impossible', 'taken'].map(as)).toEqual([FLOOD, 1, 1]);
        expect(as('repeated')).toBeGreaterThanOrEqual(1);
        expect(as('malformed')).toBeGreaterThanOrEqual(1);
        expect(as('too_many')).toBeGreaterThanOrEqual(FLOOD - READ_MAX);
        for (const series of HISTOGRAMS) expect(grown(after, series), series).toBe(0);
      } finally {
        await stranger.disconnect();
        await caller.hangUp();
      }
    },
    TIMEOUT_MS,
  );

  /** Has the caller say something, which is answered and counted. */
  async function answeredTurn(caller: SimulatedCaller): Promise<{ turn: number; responseMs: number }> {
    const recordings = await readOrders(options(), 1);
    const [recording] = recordings;
    if (recording === undefined) throw new Error('There is no order to say.');
    await scriptCalls(system, { recordings, number: 2 }, ending.signal);
    const idle = await scrape();
    await caller.say(recording.clip, { timeoutMs: 20_000 });
    const counted = 'turnwise_response_seconds_count';
    await vi.waitFor(async () => expect(sumOf(await scrape(), counted)).toBeGreaterThan(sumOf(idle, counted)), {
      ...{ timeout: 20_000, interval: 250 },
    });
    return vi.waitFor(() => {
      const answered = caller.turnDocuments.findLast(
        ({ turn, supersededBy }) => turn > 0 && supersededBy === undefined,
      );
      if (answered?.responseMs === undefined) throw new Error('No turn was answered.');
      return { turn: answered.turn, responseMs: answered.responseMs };
    }, 20_000);
  }

  async function send({ localParticipant, remoteParticipants }: Room, payload: string): Promise<string | undefined> {
    const agent = [...remoteParticipants.values()].find(({ identity }) => identity.startsWith('agent-'));
    return localParticipant?.performRpc({
      destinationIdentity: agent?.identity ?? '',
      method: HEARD_RPC_METHOD,
      payload,
      responseTimeout: 20_000,
    });
  }

  /** @returns How many were answered, and refused. */
  async function sendAll(room: Room): Promise<number> {
    const answers = await Promise.all(
      Array.from({ length: FLOOD }, (_, index) => send(room, FORGED[index % FORGED.length] ?? '')),
    );
    return answers.filter((answer) => answer === 'refused').length;
  }
});
