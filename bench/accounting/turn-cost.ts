/** What the accounting of one turn takes of a call's event loop: all of it that needs no room, as often as one likes. */
import { PerformanceObserver } from 'node:perf_hooks';
import { setImmediate as immediate, setTimeout as sleep } from 'node:timers/promises';
import { PROFILES } from '../../agent/config/profiles.js';
import { HeardReports } from '../../agent/conversation/heard-reports.js';
import { TurnLog } from '../../agent/conversation/turn-log.js';
import { MetricSender } from '../../agent/telemetry/metric-sender.js';
import { waterfallLine } from '../../agent/turn/waterfall.js';
import { HeardReport } from '../../wire/turn.js';

/** Turns told apart from the others: by then what runs is compiled. */
const WARM_UP_TURNS = 300;
/** Between two turns on the call's own clock, in ms: no report is one too many. */
const TURN_EVERY_MS = 10_000;
/**
 * Between two turns by the wall clock, in ms. In a call they are seconds apart, and the parent has read each before the next:
 * without a pause it falls behind, and single turns pay for writing what a hundred others have left.
 */
export const PAUSE_MS = 2;

/** Instants of an ordinary turn, in ms after the first sound of the caller, in the order in which they are noted. */
const NOTED = [
  ['adoptedAtMs', 2_410],
  ['llmRequestedAtMs', 2_180],
  ['llmWinnerRequestedAtMs', 2_180],
  ['firstTokenAtMs', 2_400],
  ['firstClauseAtMs', 2_460],
  ['ttsRequestedAtMs', 2_461],
  ['ttsWinnerRequestedAtMs', 2_461],
  ['firstByteAtMs', 2_551],
  ['firstAudibleAtMs', 2_556],
  ['voiceReadyAtMs', 2_558],
  ['playoutStartedAtMs', 2_560],
  ['playoutEndedAtMs', 5_000],
] as const;
const KNOWN_AT_COMMIT = {
  speechStartedAtMs: 0,
  speechEndedAtMs: 2_000,
  vadEndedAtMs: 2_200,
  lastInterimAtMs: 2_150,
  finalAtMs: 2_300,
  speculatedAtMs: 2_180,
  committedAtMs: 2_400,
} as const;
const SCORES = [0.08, 0.31, 0.74, 0.93];
const CONTRIBUTIONS = Object.fromEntries(Array.from({ length: 16 }, (_, index) => [`piece${index}`, index * 7.31]));
const SAID = 'I would like a large iced coffee with oat milk, and a bagel, please.';
const REPLY = 'One large iced coffee with oat milk and a bagel. What else can I get you?';
const REPORT = { schema: 1, heardResponseMs: 690, roundTripMs: 12, jitterBufferMs: 60 };

/** In ms. */
export interface TurnCost {
  /** By the clock: other programs that have the processor meanwhile are in it. */
  readonly loopMs: number;
  /** Of the processor, all threads of this process together. */
  readonly processorMs: number;
  /** Of {@link loopMs}, what garbage collections took. */
  readonly collectedMs: number;
  /** How often the processor was taken away from this process meanwhile. */
  readonly preemptions: number;
}

export interface TurnCosts {
  /** While the code was still being compiled: a process's first turns, in order. */
  readonly warmUp: readonly TurnCost[];
  /** Those after that. */
  readonly turns: readonly TurnCost[];
}

/**
 * Opens turns, notes their instants, closes them, measures them, makes their documents, lines and records, takes the report of
 * what was heard of them, and sends all that to a parent.
 * @param socketPath - Of a receiver that runs elsewhere.
 * @returns For each turn how long its accounting kept the event loop and this process.
 */
export async function accountTurns(socketPath: string, turns: number, warmUpTurns = WARM_UP_TURNS): Promise<TurnCosts> {
  const sender = new MetricSender(socketPath);
  const collections = new Collections();
  const spans: (Omit<TurnCost, 'collectedMs'> & { readonly beganAtMs: number })[] = [];
  const call = new AccountedCall(sender);
  try {
    for (let turn = 0; turn < warmUpTurns + turns; turn += 1) {
      const before = process.resourceUsage();
      const beganAtMs = performance.now();
      call.accountTurn();
      // What was added leaves with the next round of the loop.
      await immediate();
      const loopMs = performance.now() - beganAtMs;
      spans.push({ beganAtMs, loopMs, ...usedSince(before) });
      await sleep(PAUSE_MS);
    }
  } finally {
    await sender.close();
  }
  const costs = spans.map(({ beganAtMs, ...cost }): TurnCost => {
    return { ...cost, collectedMs: collections.within(beganAtMs, beganAtMs + cost.loopMs) };
  });
  collections.close();
  return { warmUp: costs.slice(0, warmUpTurns), turns: costs.slice(warmUpTurns) };
}

function usedSince(before: NodeJS.ResourceUsage): Pick<TurnCost, 'processorMs' | 'preemptions'> {
  const now = process.resourceUsage();
  const usedUs = now.userCPUTime - before.userCPUTime + now.systemCPUTime - before.systemCPUTime;
  return {
    processorMs: usedUs / 1_000,
    preemptions: now.involuntaryContextSwitches - before.involuntaryContextSwitches,
  };
}

/** This process's garbage collections, as Node tells them. */
class Collections {
  readonly #observer: PerformanceObserver;
  readonly #spans: { readonly startTime: number; readonly duration: number }[] = [];

  constructor() {
    this.#observer = new PerformanceObserver((list) => this.#spans.push(...list.getEntries()));
    this.#observer.observe({ entryTypes: ['gc'] });
  }

  /** How much of a time they took, in ms; told a moment after they were. */
  within(fromMs: number, toMs: number): number {
    const parts = this.#spans.map(({ startTime, duration }) => {
      return Math.max(0, Math.min(toMs, startTime + duration) - Math.max(fromMs, startTime));
    });
    return parts.reduce((sum, ms) => sum + ms, 0);
  }

  close(): void {
    this.#observer.disconnect();
  }
}

/** A call's accounts, without its room. */
class AccountedCall {
  readonly #log: TurnLog;
  readonly #heard: HeardReports;
  #atMs = 0;
  #turns = 0;

  constructor(sender: MetricSender) {
    const clock = { nowMs: () => this.#atMs };
    const profile = PROFILES.good;
    this.#heard = new HeardReports({
      profile: profile.name,
      measurements: sender,
      nowMs: clock.nowMs,
      workerPath: () => ({ roundTripMs: 4, jitterBufferMs: 40 }),
      onHeard: (heard, unexplainedMs) => {
        sender.record({ type: 'heard', callId: 'bench', heard, ...(unexplainedMs !== undefined && { unexplainedMs }) });
      },
    });
    const named = (provider: string, model: string) => ({ provider, model, baseUrl: '', apiKey: '' });
    this.#log = new TurnLog({
      callId: 'bench',
      profile,
      providers: {
        stt: named('deepgram', 'nova-3'),
        llm: named('openai', 'gpt-4o-mini'),
        tts: named('cartesia', 'sonic-3'),
      },
      clock,
      measurements: sender,
      onDocument: (document) => {
        this.#heard.noteTurn(document);
        // For the room, and for the log.
        JSON.stringify(document);
        if (document.stages !== undefined) waterfallLine(document.stages);
        sender.record({ type: 'turn', startedAtUnixMs: 1_790_000_000_000, turn: { ...document, said: '', reply: '' } });
      },
    });
  }

  /** All of one turn. */
  accountTurn(): void {
    this.#atMs += TURN_EVERY_MS;
    this.#turns += 1;
    const turn = this.#log.openTurn({
      said: SAID,
      confidence: 0.98,
      timeline: Object.fromEntries(Object.entries(KNOWN_AT_COMMIT).map(([name, ms]) => [name, this.#atMs + ms])),
      waiting: { waitMs: 400, silenceMs: 400, contributions: CONTRIBUTIONS, scores: SCORES },
    });
    turn.markSpeculated();
    turn.beginReply();
    for (const [instant, ms] of NOTED) turn.mark(instant, this.#atMs + ms);
    turn.addReply(REPLY);
    turn.endReply();
    const report = JSON.stringify({ ...REPORT, turn: this.#turns });
    if (this.#heard.admit('caller')) this.#heard.take(HeardReport.parse(JSON.parse(report)));
    // What a moment's wait would do later is done now.
    this.#log.closeAll();
    this.#heard.close();
  }
}
