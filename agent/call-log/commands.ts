/** The commands of `npm run calls`, on a log that is open. */
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import type { ExpectedOf } from './expected.js';
import type { CallsCommand } from './options.js';
import { readCall, readCalls, readLastCalls, readTurns } from './read.js';
import { ReportBuilder } from './report.js';
import { reportRows } from './report-csv.js';
import { reportLines } from './report-text.js';
import { keptSinceUnixMs } from './retention.js';
import type { CallLogSettings } from './settings.js';
import { callLines, listLines, shownAsData } from './show-text.js';
import { Spool } from './spool.js';
import type { CallStore } from './store.js';
import { toCsv } from './table.js';

/** Most turns of one report: it holds their durations in memory, some 300 bytes a turn. */
const REPORT_MAX_TURNS = 1_000_000;

/** Exit codes: done; not to be had, or nothing found; bad usage or settings. */
export const EXIT = { done: 0, failed: 1, badInput: 2 } as const;

/** Standard output and error. */
export interface Output {
  out(text: string): void;
  error(text: string): void;
}

/** Something to say and an exit code other than 0. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.exitCode = exitCode;
  }
}

export interface CommandContext {
  readonly settings: CallLogSettings;
  readonly store: CallStore;
  readonly output: Output;
  readonly nowUnixMs: number;
  readonly expectedOf: ExpectedOf;
}

/** @throws {@link Refusal} when there is nothing to do it with. */
export async function runCommand(command: CallsCommand, context: CommandContext): Promise<void> {
  switch (command.name) {
    case 'report':
      return report(command, context);
    case 'list':
      return list(command, context);
    case 'show':
      return show(command, context);
    case 'delete':
      return deleteCall(command.callId, context);
    case 'prune':
      return prune(command.days, context);
  }
}

type Of<Name extends CallsCommand['name']> = Extract<CallsCommand, { name: Name }>;

async function report({ json, csv, limit, ...chosen }: Of<'report'>, context: CommandContext): Promise<void> {
  const { store, output, nowUnixMs, expectedOf } = context;
  const range = { ...chosen, untilUnixMs: nowUnixMs };
  const builder = new ReportBuilder({ ...range, slowest: limit, expectedOf });
  for await (const call of readCalls(store, range)) builder.addCall(call);
  let turns = 0;
  for await (const turn of readTurns(store, range)) {
    turns += 1;
    if (turns > REPORT_MAX_TURNS) {
      throw new Refusal(`there are more than ${REPORT_MAX_TURNS} turns. Ask for less with --since or --profile.`);
    }
    builder.addTurn(turn);
  }
  const made = builder.report();
  if (json !== undefined) await write('--json', json, toJson(made), output);
  if (csv !== undefined) await write('--csv', csv, toCsv(reportRows(made)), output);
  if (json !== '-' && csv !== '-') output.out(`${reportLines(made).join('\n')}\n`);
  await noteWaiting(context);
}

async function list({ json, limit, ...chosen }: Of<'list'>, context: CommandContext): Promise<void> {
  const { store, output, nowUnixMs } = context;
  const calls = await readLastCalls(store, { ...chosen, untilUnixMs: nowUnixMs }, limit);
  if (json !== undefined) await write('--json', json, toJson({ schema: 1, calls }), output);
  if (json !== '-') output.out(`${listLines(calls, nowUnixMs).join('\n')}\n`);
  await noteWaiting(context);
}

async function show({ callId, json }: Of<'show'>, context: CommandContext): Promise<void> {
  const { store, output, nowUnixMs } = context;
  const found = await readCall(store, callId);
  if (found === undefined) {
    await noteWaiting(context);
    throw new Refusal(`there is no call ${callId} in the log. \`npm run calls -- list\` names the last ones.`);
  }
  if (json !== undefined) await write('--json', json, toJson(shownAsData(found.call, found.turns)), output);
  if (json !== '-') output.out(`${callLines(found.call, found.turns, nowUnixMs).join('\n')}\n`);
  await noteWaiting(context);
}

async function deleteCall(callId: string, { settings, store, output, nowUnixMs }: CommandContext): Promise<void> {
  let waited = 0;
  const deleted = await withSpool(settings, (spool) =>
    store.deleteCall(callId, nowUnixMs, async () => {
      waited = (await spool?.deleteCall(callId)) ?? 0;
    }),
  );
  if (deleted.calls === 0 && deleted.turns === 0 && waited === 0) {
    throw new Refusal(`there was nothing of a call ${callId}. \`npm run calls -- list\` names the last ones.`);
  }
  const waiting = waited === 0 ? '' : ` and ${waited} records that waited to be sent`;
  output.out(`Deleted call ${callId}: ${deleted.turns} turns${waiting}. What is told of it later is not kept.\n`);
}

async function prune(days: number | undefined, { settings, store, output, nowUnixMs }: CommandContext): Promise<void> {
  const since = keptSinceUnixMs(days ?? settings.retentionDays, nowUnixMs);
  if (since === undefined) {
    throw new Refusal('calls are kept for good (CALL_LOG_DAYS is 0). Give --days 30, say.', EXIT.badInput);
  }
  const { calls, turns } = await store.prune(since, nowUnixMs);
  const waited = (await withSpool(settings, async (spool) => spool?.prune(since))) ?? 0;
  const waiting = waited === 0 ? '' : `, and ${waited} records that waited to be sent`;
  output.out(
    `Deleted ${calls} calls with ${turns} turns that began before ${new Date(since).toISOString()}${waiting}.\n`,
  );
}

/** What was told and is not in the database yet is in no answer either. */
async function noteWaiting({ settings, output }: CommandContext): Promise<void> {
  const waiting = (await withSpool(settings, async (spool) => spool?.size())) ?? 0;
  if (waiting === 0 || settings.target.kind !== 'postgres') return;
  output.error(`calls: ${waiting} records wait in ${settings.target.spoolFile} for a worker to send them.\n`);
}

/** @param work - Gets no spool where this machine has none. */
async function withSpool<T>({ target }: CallLogSettings, work: (spool: Spool | undefined) => Promise<T>): Promise<T> {
  if (target.kind !== 'postgres' || !existsSync(target.spoolFile)) return work(undefined);
  const spool = await Spool.open(target.spoolFile);
  try {
    return await work(spool);
  } finally {
    await spool.close();
  }
}

function toJson(value: object): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

async function write(option: string, file: string, text: string, output: Output): Promise<void> {
  if (file === '-') return output.out(text);
  try {
    await writeFile(file, text);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? `${error.code}` : 'for an unknown reason';
    throw new Refusal(`${option}: ${file} cannot be written (${code}).`, EXIT.badInput);
  }
}
