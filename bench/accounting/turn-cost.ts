/** What the accounting of one turn takes of a call's event loop: all of it that needs no room, as often as one likes. */
import { setImmediate as immediate } from 'node:timers/promises';
import { PROFILES } from '../../agent/config/profiles.js';
import { HeardReports } from '../../agent/conversation/heard-reports.js';
import { TurnLog } from '../../agent/conversation/turn-log.js';
import { MetricSender } from '../../agent/telemetry/metric-sender.js';
import { waterfallLine } from '../../agent/turn/waterfall.js';
import { HeardReport } from '../../wire/turn.js';

/** Turns before those that count: by then what runs is compiled. */
const WARM_UP_TURNS = 300;
/** Between two turns on the call's own clock, in ms: no report is one too many. */
const TURN_EVERY_MS = 10_000;

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
const PIECES = 16;
const SAID = 'I would like a large iced coffee with oat milk, and a bagel, please.';
const REPLY = 'One large iced coffee with oat milk and a bagel. What else can I get you?';
const REPORT = { schema: 1, turn: 1, heardResponseMs: 690, roundTripMs: 12, jitterBufferMs: 60 };

/** In ms. */
export interface TurnCost {
  /** By the clock: other programs that have the processor meanwhile are in it. */
  readonly loopMs: number;
  /** Of the processor, all threads of this process together. */
  readonly processorMs: number;
}

/**
 * Opens turns, notes their instants, closes them, measures them, makes their documents, lines and records, takes the report of
 * what was heard of them, and sends all that to a parent.
 * @param socketPath - Of a receiver that runs elsewhere.
 * @returns For each turn how long its accounting kept the event loop and this process, in ms.
 */
export async function accountTurns(
  socketPath: string,
  turns: number,
  warmUpTurns = WARM_UP_TURNS,
): Promise<TurnCost[]> {
  const sender = new MetricSender(socketPath);
  const costs: TurnCost[] = [];
  try {
    for (let turn = 0; turn < warmUpTurns + turns; turn += 1) {
      const [beganAtMs, before] = [performance.now(), process.cpuUsage()];
      accountTurn(sender, turn * TURN_EVERY_MS);
      // What was added leaves with the next round of the loop.
      await immediate();
      const { user, system } = process.cpuUsage(before);
      const cost = { loopMs: performance.now() - beganAtMs, processorMs: (user + system) / 1_000 };
      if (turn >= warmUpTurns) costs.push(cost);
      await immediate();
    }
  } finally {
    await sender.close();
  }
  return costs;
}

function accountTurn(sender: MetricSender, callAtMs: number): void {
  const atMs = (ms: number): number => callAtMs + ms;
  const clock = { nowMs: () => callAtMs };
  const profile = PROFILES.good;
  const heard = new HeardReports({
    profile: profile.name,
    measurements: sender,
    nowMs: clock.nowMs,
    workerPath: () => ({ roundTripMs: 4, jitterBufferMs: 40 }),
    onHeard: (report, unexplainedMs) =>
      sender.record({
        type: 'heard',
        callId: 'bench',
        heard: report,
        ...(unexplainedMs !== undefined && { unexplainedMs }),
      }),
  });
  const named = (provider: string, model: string) => ({ provider, model, baseUrl: '', apiKey: '' });
  const log = new TurnLog({
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
      heard.noteTurn(document);
      // For the room, and for the log.
      JSON.stringify(document);
      if (document.stages !== undefined) waterfallLine(document.stages);
      sender.record({ type: 'turn', startedAtUnixMs: 1_790_000_000_000, turn: { ...document, said: '', reply: '' } });
    },
  });
  const contributions = Object.fromEntries(
    Array.from({ length: PIECES }, (_, index) => [`piece${index}`, index * 7.31]),
  );
  const turn = log.openTurn({
    said: SAID,
    confidence: 0.98,
    timeline: Object.fromEntries(Object.entries(KNOWN_AT_COMMIT).map(([name, ms]) => [name, atMs(ms)])),
    waiting: { waitMs: 400, silenceMs: 400, contributions, scores: SCORES },
  });
  turn.markSpeculated();
  turn.beginReply();
  for (const [instant, ms] of NOTED) turn.mark(instant, atMs(ms));
  turn.addReply(REPLY);
  turn.endReply();
  if (heard.admit('caller')) heard.take(HeardReport.parse(JSON.parse(JSON.stringify(REPORT))));
  // What a moment's wait would do later is done now.
  log.closeAll();
  heard.close();
}
