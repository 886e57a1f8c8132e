/** `npm run bench -- turns`: how well each way of deciding knows when a caller has finished. */
import { writeFile } from 'node:fs/promises';
import { shuffled } from '../statistics.js';
import type { Arm } from './arm.js';
import { tunedV1MiniArm, v1MiniArm, vadArm } from './binary-arms.js';
import { type FittedArm, readFittedArms } from './folds.js';
import { measureInterruptions } from './interruption.js';
import { interruptionTable } from './interruption-table.js';
import { measure } from './measure.js';
import { preformatted, turnsPage } from './page.js';
import { policyArm } from './policy-arm.js';
import { PolicySteps } from './policy-steps.js';
import { WORD_ERRORS } from './recogniser.js';
import { replayLines, replayRecordedCall } from './recorded-call.js';
import type { Recording } from './recording.js';
import { fingerprintOf, loadRecordings } from './recordings.js';
import { HEADLINE_SET, reportOf } from './report.js';
import { turnsTable } from './table.js';
import { seedOf, TAIL_MS, Tracer } from './trace.js';
import { variantsOf } from './variants.js';

/** Recordings that are made worse, of the headline's set; each in five ways. */
const VARIED = 40;
/** Of a quick run: recordings a set, recordings made worse, and scenes of interruption a class. */
const QUICK = { perSet: 24, varied: 6, scenesPerClass: 20 } as const;

export interface TurnsOptions {
  readonly folders?: readonly string[] | undefined;
  readonly seed: number;
  readonly isQuick: boolean;
  readonly keepsHallucinatedWords: boolean;
  readonly command: string;
  readonly jsonFile?: string | undefined;
  readonly htmlFile?: string | undefined;
  /** A recorded call; nothing else is measured then. */
  readonly replayFile?: string | undefined;
  readonly signal: AbortSignal;
  readonly print: (line: string) => void;
}

/** Measures, prints and writes what was asked for. @throws CallError `BAD_INPUT`, AudioFileError; the reason of the signal. */
export async function runTurns(options: TurnsOptions): Promise<void> {
  const { replayFile, print } = options;
  if (replayFile === undefined) return measureTurns(options);
  for (const line of replayLines(await replayRecordedCall(replayFile))) print(line);
}

async function measureTurns(options: TurnsOptions): Promise<void> {
  const { folders, seed, isQuick, keepsHallucinatedWords, command, jsonFile, htmlFile, signal, print } = options;
  const loaded = await loadRecordings({ ...(folders && { folders }), keepsHallucinatedWords });
  const recordings = withVariants(isQuick ? sampled(loaded, QUICK.perSet, seed) : loaded, {
    count: isQuick ? QUICK.varied : VARIED,
    seed,
  });
  const dropped = loaded.filter((recording) => recording.droppedWords.length > 0).length;
  if (dropped > 0) print(`${dropped} labels end in words that nobody said ("… milk and"); these words were dropped.`);
  const { arms: fitted, isLeftOut } = await readFittedArms();
  const shippedFor = loaded.filter((recording) => !isLeftOut(recording)).length;
  if (shippedFor > 0) print(shippedLine(shippedFor, loaded.length));
  const sets = await measure(recordings, {
    tracer: new Tracer(),
    arms: allArms(fitted),
    errorRates: WORD_ERRORS,
    seed,
    signal,
    onProgress: (done, of) => {
      if (done % 25 === 0 || done === of) process.stderr.write(`turns: ${done} of ${of} recordings\n`);
    },
  });
  const report = reportOf(sets, seed);
  for (const line of turnsTable(report)) print(line);
  process.stderr.write('turns: what callers do while the agent speaks\n');
  const interruption = await measureInterruptions({
    seed,
    signal,
    ...(folders && { folders }),
    ...(isQuick && { scenesPerClass: QUICK.scenesPerClass }),
  });
  const interruptionLines = interruptionTable(interruption);
  for (const line of interruptionLines) print(line);
  if (jsonFile !== undefined) {
    await writeFile(jsonFile, `${JSON.stringify({ schema: 1, command, ...report, interruption }, null, 1)}\n`);
  }
  if (htmlFile !== undefined) {
    await writeFile(htmlFile, turnsPage(report, { command, more: [preformatted('Interruptions', interruptionLines)] }));
  }
}

/** Whether anything like them was fitted to, nobody knows. */
function shippedLine(count: number, total: number): string {
  return `${count} of ${total} recordings are in no fold of the fit: they are judged by the shipped weights.`;
}

function allArms(fitted: readonly FittedArm[]): Arm[] {
  const steps = new PolicySteps();
  const policies = fitted.map(({ name, weightsFor }) => policyArm({ name, weightsFor, hearsWords: true, steps }));
  const whole = fitted.filter(({ name }) => name === 'policy');
  const wordless = whole.map(({ weightsFor }) =>
    policyArm({ name: 'policy-no-text', weightsFor, hearsWords: false, steps }),
  );
  const others = [v1MiniArm(), tunedV1MiniArm(), vadArm('vad-silero'), vadArm('vad-inference'), vadArm('vad-webrtc')];
  return [...policies.slice(0, 1), ...wordless, ...policies.slice(1), ...others];
}

function withVariants(
  recordings: readonly Recording[],
  { count, seed }: { readonly count: number; readonly seed: number },
): Recording[] {
  const natural = recordings.filter(({ set, isHuman }) => set === HEADLINE_SET && isHuman);
  // Recordings with pauses first: only they can be cut into.
  const chosen = shuffled(natural, seed).sort((a, b) => Number(b.pauses.length > 0) - Number(a.pauses.length > 0));
  const variants = chosen.slice(0, count).flatMap((recording) =>
    variantsOf(recording, {
      others: natural,
      tailMs: TAIL_MS,
      seed: seedOf(recording.fingerprint),
      fingerprintOf,
    }),
  );
  return [...recordings, ...variants];
}

function sampled(recordings: readonly Recording[], perSet: number, seed: number): Recording[] {
  const sets = new Set(recordings.map(({ set }) => set));
  return [...sets].flatMap((name) =>
    shuffled(
      recordings.filter(({ set }) => set === name),
      seed,
    ).slice(0, perSet),
  );
}
