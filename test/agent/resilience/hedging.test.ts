/**
 * What hedging is worth, and what it costs: the very plan, deadlines and budget that a call goes by, with drawn latencies in
 * place of providers. A turn has one request to the model that is wanted, 0.8 before it on words that were not the last ones,
 * and 1.2 to the synthesiser, the first clause's among them: as counted over turns of `bench -- latency --preset tails`.
 */
import { describe, expect, it } from 'vitest';
import { type Asked, nextMove } from '../../../agent/providers/reply-plan.js';
import { REPLY_DEADLINES, ReplyProvider } from '../../../agent/providers/reply-provider.js';
import { firstByteDue } from '../../../agent/providers/voice-timing.js';
import { CallMemory } from '../../../agent/resilience/call-memory.js';
import { ManualClock } from '../../support/manual-clock.js';
import { CountedMeasurements } from '../providers/reply-support.js';

const TURNS = 60_000;
const DRAFTS_A_TURN = 0.8;
const MORE_CLAUSES_A_TURN = 0.2;
const SHARE = 0.1;
/** gpt-4o-mini's time to its first token and Sonic-3's to its first byte, in ms; how often both stall, and for how long. */
const TTFT = { p50Ms: 553, p95Ms: 1_947 };
const TTFB_MS = 188;
const STALLS = { share: 0.05, ms: 3_000 };
/** Of the synthesiser: the least there is, above what nine in ten take. */
const TTFB_DEADLINE_MS = 250;
const SETTINGS = { provider: 'openai', model: 'm', baseUrl: 'http://127.0.0.1:1/v1', apiKey: 'key' };

/** The same numbers each time (Park and Miller). */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

const stallMs = (random: () => number) => (random() < STALLS.share ? STALLS.ms : 0);

function drawTtftMs(random: () => number): number {
  const sigma = Math.log(TTFT.p95Ms / TTFT.p50Ms) / 1.645;
  const normal = Math.sqrt(-2 * Math.log(random())) * Math.cos(2 * Math.PI * random());
  return TTFT.p50Ms * Math.exp(sigma * normal) + stallMs(random);
}

/** One reply. @returns When its first token came, in ms after it was asked for. */
function reply(provider: ReplyProvider, memory: CallMemory, hedging: boolean, random: () => number): number {
  const asked: Asked[] = [];
  const dueAtMs: number[] = [];
  for (let nowMs = 0; ; ) {
    const move = nextMove(
      {
        asked,
        providers: [{ allows: true, isWell: true }],
        fallback: hedging,
        mayHedge: hedging && memory.mayHedge('answers', SHARE),
        isWorthRepeating: true,
      },
      nowMs,
    );
    const firstAtMs = Math.min(...dueAtMs);
    if (move.kind === 'ask') {
      const isHedge = move.why === 'hedge';
      if (isHedge) memory.noteExtra('answers');
      asked.push({ provider: 0, askedAtMs: nowMs, isHedge, state: 'waiting', ...provider.deadlines(true, isHedge) });
      dueAtMs.push(nowMs + drawTtftMs(random));
    } else if (move.kind === 'wait' && move.untilMs < firstAtMs) nowMs = move.untilMs;
    else {
      // As in a race: the winner's time, and how long the first had been silent when it lost.
      const won = dueAtMs.indexOf(firstAtMs);
      provider.noteLatency('m', firstAtMs - (asked[won]?.askedAtMs ?? 0));
      if (won > 0) provider.noteLatency('m', firstAtMs);
      return firstAtMs;
    }
  }
}

/** One first clause. @returns When its first byte came, in ms after it was asked for. */
function clause(memory: CallMemory, resilient: boolean, random: () => number): number {
  const firstAtMs = TTFB_MS + stallMs(random);
  const mayHedge = resilient && memory.mayHedge('answers', SHARE);
  const wait = { askedAtMs: 0, deadlineMs: TTFB_DEADLINE_MS, hasDeadline: true, mayAskAgain: resilient };
  const due = firstByteDue({ ...wait, mayHedge });
  if (firstAtMs <= due.atMs) return firstAtMs;
  const againAtMs = due.atMs + TTFB_MS + stallMs(random);
  if (due.action === 'give-up') return againAtMs;
  memory.noteExtra('answers');
  const last = firstByteDue({ ...wait, askedAtMs: due.atMs, mayHedge: false });
  return Math.min(firstAtMs, againAtMs, last.atMs + TTFB_MS + stallMs(random));
}

function run(hedging: boolean) {
  const random = randomFrom(20_261_122);
  const memory = new CallMemory();
  const measurements = new CountedMeasurements();
  const parts = { place: 0, spares: 0, clock: new ManualClock(), measurements, memory, deadlines: REPLY_DEADLINES };
  const provider = new ReplyProvider(SETTINGS, parts);
  let requests = 0;
  const noteRequest = () => {
    requests += 1;
    memory.noteRequest('answers', SHARE);
  };
  const soundsMs = Array.from({ length: TURNS }, () => {
    if (random() < DRAFTS_A_TURN) noteRequest();
    noteRequest();
    const tokenMs = reply(provider, memory, hedging, random);
    noteRequest();
    if (random() < MORE_CLAUSES_A_TURN) noteRequest();
    return tokenMs + clause(memory, hedging, random);
  }).toSorted((a, b) => a - b);
  const at = (share: number) => soundsMs[Math.ceil(TURNS * share) - 1] ?? Number.NaN;
  return { p50Ms: at(0.5), p95Ms: at(0.95), p99Ms: at(0.99), requests, extra: memory.budget('answers').spent };
}

describe('hedging', () => {
  const without = run(false);
  const hedged = run(true);

  it('cuts the tail of the first sounds by more than two fifths, and leaves the median', () => {
    expect(hedged.p99Ms).toBeLessThan(0.55 * without.p99Ms);
    expect(hedged.p95Ms).toBeLessThan(0.6 * without.p95Ms);
    expect(Math.abs(hedged.p50Ms - without.p50Ms)).toBeLessThan(25);
  });

  it('costs no more than its share of all requests, those that nobody wanted included', () => {
    expect(without.extra).toBe(0);
    expect(hedged.extra).toBeGreaterThan(0.05 * hedged.requests);
    expect(hedged.extra).toBeLessThanOrEqual(1 + SHARE * hedged.requests);
  });
});
