/** Follows the sound of one page, and reports each turn whose wait was measured beyond doubt. */
import { HeardReport, type TurnDocument } from '../../wire/turn.js';
import { createHeardMeter, type Wait } from './heard-meter.js';
import { createTurnMatcher, type MatchedTurn } from './heard-turns.js';
import type { LevelBatch } from './level-batch.js';
import { type SoundPath, tenths, wayBetween } from './sound-path.js';

export interface HeardReporterOptions {
  /** Monotonic. */
  readonly nowMs: () => number;
  /** The way as the browser knows it now. */
  readonly readPath: () => Promise<SoundPath>;
  readonly send: (document: TurnDocument, report: HeardReport) => void;
}

export interface HeardReporter {
  /**
   * @param outputMs - From the context to the loudspeaker, as far as the context knows; 0: it does not.
   * @returns Whether the agent has just stopped speaking: what it answered is measured, and what it is asked next is not yet said.
   */
  push(batch: LevelBatch, outputMs: number): boolean;
  addTurn(document: TurnDocument): void;
}

/** Waits whose beginning is remembered. */
const KEPT = 8;

export function createHeardReporter({ nowMs, readPath, send }: HeardReporterOptions): HeardReporter {
  const meter = createHeardMeter();
  let matcher = createTurnMatcher();
  /** How far the audio clock had come, and when the page learnt it. */
  let heardUntil: { readonly audioMs: number; readonly atMs: number } | undefined;
  let latestOutputMs = 0;
  const pathAt = new Map<Wait, Promise<SoundPath>>();
  // Without the way, the wait alone is worth telling.
  const path = (): Promise<SoundPath> => readPath().catch(() => ({}));

  const report = async ({ document, wait }: MatchedTurn): Promise<void> => {
    const [before, after] = await Promise.all([pathAt.get(wait) ?? {}, path()]);
    const parsed = HeardReport.safeParse({
      schema: 1,
      turn: document.turn,
      heardResponseMs: tenths(wait.heardMs),
      ...wayBetween(before, after, latestOutputMs),
    });
    if (parsed.success) send(document, parsed.data);
  };
  const reportAll = (turns: readonly MatchedTurn[]): void => {
    for (const turn of turns) void report(turn);
  };
  return {
    push(batch, outputMs) {
      const { firstFrame, sampleRateHz, windowFrames, you } = batch;
      const fromMs = (firstFrame / sampleRateHz) * 1_000;
      // Another context counts from 0 again: nothing that was heard before can be told by its clock.
      if (heardUntil !== undefined && fromMs < heardUntil.audioMs - 1) matcher = createTurnMatcher();
      heardUntil = { audioMs: fromMs + ((you.length * windowFrames) / sampleRateHz) * 1_000, atMs: nowMs() };
      latestOutputMs = outputMs;
      const wasSpeaking = meter.agentSpeaks;
      const wait = meter.push(batch);
      if (wait !== undefined) {
        pathAt.set(wait, path());
        for (const one of pathAt.keys()) if (pathAt.size > KEPT) pathAt.delete(one);
        reportAll(matcher.addWait(wait));
      }
      return wasSpeaking && !meter.agentSpeaks;
    },
    addTurn(document) {
      if (heardUntil === undefined) return;
      const arrivedAtMs = heardUntil.audioMs + nowMs() - heardUntil.atMs;
      reportAll(matcher.addTurn({ document, arrivedAtMs }));
    },
  };
}
