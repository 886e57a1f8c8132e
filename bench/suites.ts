/** The command line of `npm run bench`, and what each suite is called. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';
import { PresetName } from '../local-providers/scripted/latency.js';
import { accountingJson, accountingTable, PARTS, type PartName, planParts, runAccounting } from './accounting/suite.js';
import { AudioFileError } from './audio-file.js';
import { CallError, messageOf } from './caller/errors.js';
import { cutInsTable } from './cut-ins/figures.js';
import { runCutIns } from './cut-ins/suite.js';
import { projectRoot } from './installed.js';
import { interruptionsTable, runInterruptions } from './interruptions/suite.js';
import { ARM_NAMES, type ArmPlan, DEFAULT_ARMS, planArms } from './latency/arm-plans.js';
import { type ComparedRun, type Comparisons, compareRuns } from './latency/compare.js';
import { comparisonJson, comparisonTable, slowerLine } from './latency/compare-table.js';
import { checkComparable, likeEarlier, readEarlierRun } from './latency/earlier-run.js';
import { latencyPage } from './latency/page.js';
import { RECORDING_SETS, type RecordingSet } from './latency/recordings.js';
import { latencyJson, latencyTable } from './latency/report.js';
import { runLatency, TURNS, TURNS_A_CALL } from './latency/suite.js';
import { runConversation } from './orders/conversation.js';
import { ordersTable, runOrders } from './orders/suite.js';
import { openSystem } from './orders/system.js';

const SUITES = [
  'orders',
  'conversation',
  'words',
  'turns',
  'interruptions',
  'cut-ins',
  'latency',
  'accounting',
] as const;
type Suite = (typeof SUITES)[number];

/** Recordings, or voices, of a quick run of `orders` and `words`; `conversation` has four short ones, and holds them all. */
const QUICK_LIMIT = 3;

/** Named by the design, not built yet. */
const LATER = ['faults', 'load'];

/**
 * Exit codes: measured; could not be measured, or slower than the run it was compared with; bad usage or input; interrupted
 * (128 + SIGINT).
 */
const EXIT = { measured: 0, failed: 1, badInput: 2, interrupted: 130 } as const;

interface BenchOptions {
  readonly data?: readonly string[];
  readonly limit?: number;
  readonly seed: number;
  readonly seedIsDefault: boolean;
  readonly quick?: boolean;
  readonly html?: string;
  readonly replay?: string;
  readonly rawLabels?: boolean;
  readonly yes?: string;
  readonly json?: string;
  readonly url?: string;
  readonly providersUrl?: string;
  readonly ordersDb?: string;
  readonly arms?: readonly ArmPlan[];
  readonly set?: RecordingSet;
  readonly preset?: PresetName;
  readonly faults?: 'stalls';
  readonly calls?: number;
  readonly turns?: number;
  readonly turnsACall?: number;
  readonly parts?: readonly PartName[];
  readonly greetings?: number;
  readonly handshakeMs?: number;
  readonly leadingSilenceMs?: number;
  /** Files of earlier runs. */
  readonly compare?: string;
  readonly with?: string;
}

/** @returns The exit code. */
export async function main(args: readonly string[]): Promise<number> {
  const command = new Command('npm run bench --')
    .description(
      'Measures over real calls. Suites: orders (recorded people order, the store is compared with what they said), ' +
        'conversation (four synthetic voices order, change, cancel), words (how many the offline recogniser gets wrong), ' +
        'turns (when each way of deciding would answer: cut-ins against wait, over recordings alone), ' +
        'interruptions (how fast the agent gives way, and what is lost when it should not), ' +
        'cut-ins (whether the agent speaks in pauses inside orders, beside one of the stock framework), ' +
        'latency (how long after the last sound the agent is heard, ours and others in turn), ' +
        "accounting (whether the worker's own account of its calls is true, complete, exact and cheap). " +
        'Orders and conversation start a system unless one is given, interruptions and those after it always do.',
    )
    .argument('<suite>', SUITES.join(', '))
    .option(
      '--data <folder>',
      'recordings and manifest in the form of test/speech; may be repeated for turns, cut-ins, latency and accounting',
      collected,
    )
    .option('--limit <calls>', 'at most so many calls; cut-ins: orders to each arm', wholeNumber)
    .option('--seed <number>', 'decides which recordings come first', wholeNumber, 1)
    .option('--quick', 'a few calls or recordings only, to see that it works')
    .option('--yes <file>', 'recording that says yes when the agent reads back rightly what it was not sure of')
    .option('--json <file>', 'write the figures as JSON')
    .option('--html <file>', 'turns, latency: write plots and tables as one page')
    .option('--replay <file>', 'turns: decide a recorded call again, and compare')
    .option('--raw-labels', 'turns: keep words at the end of labels that nobody said')
    .option(
      '--arms <names>',
      `latency: which, with commas between (${DEFAULT_ARMS.join(',')}); of ${ARM_NAMES.join(', ')}`,
      arms,
    )
    .option('--turns <number>', `latency, accounting: of each arm (latency: ${TURNS.whole})`, wholeNumber)
    .option('--turns-a-call <number>', `latency: of each call (${TURNS_A_CALL.whole})`, wholeNumber)
    .option('--parts <names>', `accounting: which, with commas between (${PARTS.join(',')})`, parts)
    .addOption(new Option('--set <name>', 'latency: what callers say').choices(RECORDING_SETS))
    .addOption(new Option('--preset <name>', 'latency: how fast the providers are').choices(PresetName.options))
    .addOption(
      new Option('--faults <name>', 'latency: model and voice stall for 3 s in 5 % of requests').choices(['stalls']),
    )
    .option('--calls <number>', 'latency: callers at once', wholeNumber)
    .option(
      '--greetings <number>',
      'latency: calls of each arm that only hear the greeting, beside the others',
      wholeNumber,
    )
    .option('--handshake-ms <ms>', 'latency: what each new connection to the providers takes', wholeNumber)
    .option('--leading-silence-ms <ms>', "latency: silence that the voice begins with, as vendors' do", wholeNumber)
    .option(
      '--compare <file>',
      'latency: like the run that --json wrote this file of, and say what it costs more; ends with code 1 when it is slower',
    )
    .option('--with <file>', 'latency: compare with this other file, without a run')
    .option('--url <url>', 'token server of a running system; needs --orders-db')
    .option('--orders-db <file>', 'order store of that system')
    .option('--providers-url <url>', 'local providers of that system')
    .exitOverride();
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.measured : EXIT.badInput;
    throw error;
  }
  const [suite = ''] = command.args;
  const seedIsDefault = command.getOptionValueSource('seed') === 'default';
  const options: BenchOptions = { ...command.opts<BenchOptions>(), seedIsDefault };
  if (LATER.includes(suite)) return refuse(`The suite ${suite} is not built yet; there are ${SUITES.join(', ')}.`);
  if (!isSuite(suite)) return refuse(`There is no suite ${suite}; there are ${SUITES.join(', ')}.`);
  if (options.with !== undefined && options.compare === undefined) return refuse('Give --compare FILE, too.');
  if ((options.url === undefined) !== (options.ordersDb === undefined)) {
    return refuse('Give --url and --orders-db together, or neither: then a system is started.');
  }

  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, onSignal);
  try {
    await run(suite, options, { command: `bench ${args.join(' ')}`, signal: stop.signal });
    return EXIT.measured;
  } catch (error) {
    if (stop.signal.aborted) return EXIT.interrupted;
    process.stderr.write(`bench: ${messageOf(error)}\n`);
    const badInput = error instanceof AudioFileError || (error instanceof CallError && error.code === 'BAD_INPUT');
    return badInput ? EXIT.badInput : EXIT.failed;
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
  }
}

async function run(
  suite: Suite,
  options: BenchOptions,
  { command, signal }: { command: string; signal: AbortSignal },
): Promise<void> {
  const print = (line: string): void => void process.stdout.write(`${line}\n`);
  const { limit, seed, yes, url, providersUrl, ordersDb, json } = options;
  const data = options.data?.at(-1) ?? join(projectRoot(), 'test/speech');
  /** Of the suites whose whole run is all there is. */
  const atMost = limit ?? (options.quick === true ? QUICK_LIMIT : undefined);
  if (suite === 'turns') {
    // Without a call, but with all the models in this process.
    const { runTurns } = await import('./turns/suite.js');
    await runTurns({
      folders: options.data,
      seed,
      isQuick: options.quick ?? false,
      keepsHallucinatedWords: options.rawLabels ?? false,
      command,
      jsonFile: json,
      htmlFile: options.html,
      replayFile: options.replay,
      signal,
      print,
    });
    return;
  }
  if (suite === 'words') {
    // Over the recogniser alone, without a call; imported here because no other suite needs the engines in this process.
    const { runWords } = await import('./words.js');
    await runWords({ command, dataDir: data, ...(atMost && { limit: atMost }), ...(json && { jsonFile: json }) });
    return;
  }
  if (suite === 'interruptions') {
    const arm = await runInterruptions({ data, quick: options.quick ?? false, limit, seed, signal, print });
    print('');
    for (const line of interruptionsTable(arm)) print(line);
    if (json !== undefined) {
      await writeFile(json, `${JSON.stringify({ schema: 1, command, arms: { ours: arm } }, null, 2)}\n`);
    }
    return;
  }
  if (suite === 'cut-ins') {
    const tell = (line: string): void => void process.stderr.write(`${line}\n`);
    const arms = await runCutIns({ folders: options.data, quick: options.quick ?? false, limit, seed, signal, tell });
    for (const line of cutInsTable(arms)) print(line);
    if (json !== undefined) await writeFile(json, `${JSON.stringify({ schema: 1, command, arms }, null, 2)}\n`);
    return;
  }
  if (suite === 'latency') {
    await measureLatency(options, { command, signal, print });
    return;
  }
  if (suite === 'accounting') {
    await measureAccounting(options, { command, signal, print });
    return;
  }
  const system = await openSystem({ url, providersUrl, ordersDb, signal });
  try {
    let arm: object;
    if (suite === 'orders') {
      const orders = await runOrders(system, { data, limit: atMost, seed, yes, signal, print });
      print('');
      for (const line of ordersTable(orders)) print(line);
      arm = orders;
    } else {
      const conversation = await runConversation(system, { signal, print });
      print(`\nright ${conversation.right} of ${conversation.conversations}`);
      arm = conversation;
    }
    if (json !== undefined) {
      await writeFile(json, `${JSON.stringify({ schema: 1, command, arms: { offline: arm } }, null, 2)}\n`);
    }
  } finally {
    await system.close();
  }
}

async function measureLatency(
  options: BenchOptions,
  { command, signal, print }: { command: string; signal: AbortSignal; print: (line: string) => void },
): Promise<void> {
  const { compare, with: other, json } = options;
  const earlier = compare === undefined ? undefined : await readEarlierRun(compare);
  const compared = (later: ComparedRun): Comparisons | undefined => {
    if (earlier === undefined || compare === undefined) return undefined;
    checkComparable(earlier, later);
    const arms = compareRuns(earlier, later);
    for (const line of comparisonTable(arms, compare)) print(line);
    return { earlier: compare, arms };
  };
  if (other !== undefined) {
    const comparison = compared(await readEarlierRun(other));
    if (json !== undefined && comparison !== undefined)
      await writeFile(json, comparisonJson(comparison, other, command));
    refuseSlower(comparison);
    return;
  }
  const asked = earlier === undefined ? options : likeEarlier(earlier, options);
  const { data, arms: plans, calls: callers, faults, quick = false, json: _, html, ...others } = asked;
  const report = await runLatency({
    ...others,
    ...{ folders: data, plans, callers, stalls: faults === 'stalls', quick, signal },
    tell: (line) => void process.stderr.write(`${line}\n`),
  });
  for (const line of latencyTable(report)) print(line);
  // Before it is compared: a long run is kept, whatever the other one turns out to be.
  if (json !== undefined) await writeFile(json, latencyJson(report, command));
  if (html !== undefined) await writeFile(html, latencyPage(report, command));
  const comparison = compared(report);
  if (json !== undefined && comparison !== undefined) await writeFile(json, latencyJson(report, command, comparison));
  refuseSlower(comparison);
}

/** @throws naming the arms that are slower than they were: the command ends with code 1. */
function refuseSlower(comparison: Comparisons | undefined): void {
  const slower = comparison === undefined ? undefined : slowerLine(comparison.arms);
  if (slower !== undefined) throw new Error(slower);
}

async function measureAccounting(
  { data: folders, quick = false, seed, parts, turns, json }: BenchOptions,
  { command, signal, print }: { command: string; signal: AbortSignal; print: (line: string) => void },
): Promise<void> {
  const tell = (line: string): void => void process.stderr.write(`${line}\n`);
  const report = await runAccounting({ folders, quick, seed, parts, turns, signal, tell });
  for (const line of accountingTable(report)) print(line);
  if (json !== undefined) await writeFile(json, accountingJson(report, command));
}

function isSuite(name: string): name is Suite {
  return SUITES.some((suite) => suite === name);
}

function collected(folder: string, folders: readonly string[] = []): string[] {
  return [...folders, folder];
}

function refuse(message: string): number {
  process.stderr.write(`bench: ${message}\n`);
  return EXIT.badInput;
}

function arms(list: string): ArmPlan[] {
  try {
    return planArms(list);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

function parts(list: string): PartName[] {
  try {
    return planParts(list);
  } catch (error) {
    throw new InvalidArgumentError(messageOf(error));
  }
}

function wholeNumber(value: string): number {
  const parsed = Number(value);
  if (!Number.isInteger(parsed) || parsed < 1) throw new InvalidArgumentError('Give a whole number from 1.');
  return parsed;
}
