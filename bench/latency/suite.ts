/**
 * `npm run bench -- latency`: from the caller's last sound to the agent's first, ours and others in turn over one real SFU
 * and the same scripted providers, with what each technique is worth, and the cut-ins that speed was bought with.
 */
import type { PresetName } from '../../local-providers/scripted/latency.js';
import { raiseCallers } from '../caller-priority.js';
import { measureRoundTrips } from '../interruptions/round-trip.js';
import { type CallScript, startProviders } from '../scripted-providers.js';
import { percentile } from '../statistics.js';
import { type ArmPlan, DEFAULT_ARMS, planArm } from './arm-plans.js';
import type { CallSettings } from './calls.js';
import { isDrawn } from './paired.js';
import { type RecordingSet, readRecordings } from './recordings.js';
import type { LatencyReport } from './report.js';
import { Run } from './run.js';
import { stallingTiming } from './stalls.js';
import { openWorkers } from './workers.js';

/** Turns of an arm, and of each call: a run, and a quick one to see that it works. */
export const TURNS = { whole: 100, quick: 4 } as const;
export const TURNS_A_CALL = { whole: 5, quick: 2 } as const;
/** How often in a run the road is measured, each time in a new room, whose buffers find a depth of their own. */
const TRIPS = { whole: 5, quick: 1 } as const;
const CLICKS = 8;
/** Longest wait for an answer, in ms; with stalls a model and a voice may each be silent for 3 s more, and be slow besides. */
const ANSWER_TIMEOUT_MS = { healthy: 8_000, slow: 20_000 } as const;

export interface LatencyOptions {
  /** Data folders; undefined: the project's. */
  readonly folders: readonly string[] | undefined;
  readonly plans?: readonly ArmPlan[] | undefined;
  readonly set?: RecordingSet | undefined;
  readonly preset?: PresetName | undefined;
  /** Whether model and voice now and then stall. */
  readonly stalls: boolean;
  /** Callers at once. */
  readonly callers?: number | undefined;
  /** Turns of each arm. */
  readonly turns?: number | undefined;
  /** Turns of each call, but of the last one: fewer give more first turns in the same time. */
  readonly turnsACall?: number | undefined;
  readonly handshakeMs?: number | undefined;
  /** Silence that the voice begins with, as vendors' do, in ms. */
  readonly leadingSilenceMs?: number | undefined;
  /** Calls of each arm, beside those with turns, that only hear the greeting. */
  readonly greetings?: number | undefined;
  readonly quick: boolean;
  readonly seed: number;
  readonly signal: AbortSignal;
  /** Takes a line on how it goes. */
  readonly tell: (line: string) => void;
}

/** @throws when the system does not start or no arm can be measured; CallError `BAD_INPUT` without usable recordings. */
export async function runLatency(options: LatencyOptions): Promise<LatencyReport> {
  const { folders, set = 'orders', preset = 'fixed', stalls, callers = 1, quick, seed, signal, tell } = options;
  const { handshakeMs, leadingSilenceMs } = options;
  const size = quick ? 'quick' : 'whole';
  const turns = options.turns ?? TURNS[size];
  const turnsACall = options.turnsACall ?? TURNS_A_CALL[size];
  const plans = options.plans ?? DEFAULT_ARMS.map(planArm);
  const recordings = await readRecordings(folders, { set, turns: Math.ceil(turns / callers), seed });
  tell(`${turns} turns an arm: ${plans.map(({ name }) => name).join(', ')}`);
  const providers = await startProviders(signal);
  const timing: CallScript['timing'] = {
    ...(stalls && stallingTiming(preset)),
    ...(leadingSilenceMs !== undefined && { ttsLeadingSilenceMs: leadingSilenceMs }),
  };
  // What is drawn is drawn alike for every arm.
  const isPaired = isDrawn(preset, timing);
  const settings: CallSettings = {
    providers,
    timing: { preset, timing, paired: isPaired },
    answerTimeoutMs: ANSWER_TIMEOUT_MS[stalls || preset === 'tails' ? 'slow' : 'healthy'],
    signal,
  };
  try {
    const workers = await openWorkers(plans, { providers, handshakeMs, warmProcesses: callers + 1, signal, tell });
    const priority = callers > 1 ? await raiseCallers() : undefined;
    if (priority !== undefined && priority.kind !== 'real-time') {
      tell(
        'callers at once cannot come before the workers here and may be late themselves: run it as root with chrt (util-linux), or with CAP_SYS_NICE',
      );
    }
    try {
      const trips: number[] = [];
      const measureTrip = async (): Promise<number> => {
        trips.push(...(await measureRoundTrips(workers.sfu, CLICKS, signal)));
        return percentile(trips, 0.5) ?? 0;
      };
      const run = new Run(workers.arms, workers.metricsUrl, settings, tell);
      await run.warmUp();
      await run.measure(recordings, { turnsACall, callers, seed, trips: TRIPS[size], measureTrip });
      await run.greet(options.greetings ?? 0, callers);
      const roundTripMs = percentile(trips, 0.5);
      if (roundTripMs === undefined) throw new Error('No click came back over the SFU, so nothing can be measured.');
      return {
        roundTripMs,
        settings: {
          ...{ set, preset, faults: stalls ? 'stalls' : 'none', calls: callers, turns, turnsACall, seed },
          ...(handshakeMs !== undefined && { handshakeMs }),
          ...(leadingSilenceMs !== undefined && { leadingSilenceMs }),
          ...(isPaired && { draws: 'paired' }),
          ...(priority && { callersPriority: priority.kind }),
        },
        arms: run.reports(roundTripMs, preset),
        failed: { ...workers.failed, ...run.failed },
      };
    } finally {
      await priority?.restore();
      await workers.close();
    }
  } finally {
    await providers.close();
  }
}
