/** The command line of `npm run calls`. Pure. */
import { Command, CommanderError, InvalidArgumentError, Option } from 'commander';

export type CallsCommand =
  | {
      readonly name: 'report';
      readonly sinceUnixMs: number;
      readonly profile?: string;
      readonly limit: number;
      /** Paths; `-` is standard output. */
      readonly json?: string;
      readonly csv?: string;
    }
  | {
      readonly name: 'list';
      readonly sinceUnixMs: number;
      readonly profile?: string;
      readonly limit: number;
      readonly json?: string;
    }
  | { readonly name: 'show'; readonly callId: string; readonly json?: string }
  | { readonly name: 'delete'; readonly callId: string }
  | { readonly name: 'prune'; readonly days?: number };

/** What a command line comes to: something to do, or something to say and an exit code. */
export type Parsed =
  | { readonly kind: 'run'; readonly command: CallsCommand; readonly url?: string }
  | { readonly kind: 'say'; readonly text: string; readonly exitCode: 0 | 2 };

const UNITS_MS = { m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
const SINCE_DEFAULT = '7d';

/** Reads the arguments after the program's name. @param nowUnixMs - What `--since 7d` counts back from. */
export function parseCallsOptions(args: readonly string[], nowUnixMs: number): Parsed {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  let command: CallsCommand | undefined;
  const since = (value: string): number => parseSince(value, nowUnixMs);
  const program = new Command('npm run calls --')
    .description('Reads the call log: where the time of each turn went. See docs/call-log.md.')
    .option('--url <url>', 'file:PATH or postgres://… (default: CALL_LOG_URL)')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write });
  const add = (name: string, description: string): Command =>
    // Subcommands take over neither of the two by themselves where they are made one by one.
    program.command(name).description(description).copyInheritedSettings(program);
  const chosen = (one: Command): Command =>
    one
      .addOption(
        new Option('--since <when>', 'the last 90m, 24h, 7d, or since 2026-11-20')
          .argParser(since)
          .default(since(SINCE_DEFAULT), SINCE_DEFAULT),
      )
      .option('--profile <name>', 'calls of this latency profile alone');
  const json = (one: Command): Command =>
    one.option('--json [file]', 'write it as JSON; without a file, or to -, on standard output');

  json(chosen(add('report', 'percentiles by day, stage and provider, heard against reported, the slowest turns')))
    .option('--limit <turns>', 'slowest turns to show', wholeNumber, 5)
    .option('--csv <file>', 'write the percentiles as CSV; - is standard output')
    .action(({ json: toJson, since: sinceUnixMs, ...options }: Given) => {
      const { limit = 0, profile, csv } = options;
      command = {
        ...{ name: 'report', sinceUnixMs, limit },
        ...(profile !== undefined && { profile }),
        ...(csv !== undefined && { csv }),
        ...fileOf(toJson),
      };
    });
  json(chosen(add('list', 'the last calls, and how they ended')))
    .option('--limit <calls>', 'calls to show', wholeNumber, 20)
    .action(({ json: toJson, since: sinceUnixMs, limit = 0, profile }: Given) => {
      command = { name: 'list', sinceUnixMs, limit, ...(profile !== undefined && { profile }), ...fileOf(toJson) };
    });
  json(add('show', 'one call, turn by turn'))
    .argument('<call>', 'its id')
    .action((callId: string, { json: toJson }: Given) => {
      command = { name: 'show', callId, ...fileOf(toJson) };
    });
  add('delete', 'deletes one call for good, also where it waits to be sent')
    .argument('<call>', 'its id')
    .action((callId: string) => {
      command = { name: 'delete', callId };
    });
  add('prune', 'deletes what is older than CALL_LOG_DAYS; workers do it every hour')
    .option('--days <days>', 'older than so many days instead', wholeNumber)
    .action(({ days }: { days?: number }) => {
      command = { name: 'prune', ...(days !== undefined && { days }) };
    });
  try {
    program.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'say', text, exitCode: error.exitCode === 0 ? 0 : 2 };
  }
  if (command === undefined) return { kind: 'say', text: program.helpInformation(), exitCode: 2 };
  const { url } = program.opts<{ url?: string }>();
  return { kind: 'run', command, ...(url !== undefined && { url }) };
}

/** What commander gives a command. */
interface Given {
  readonly since: number;
  readonly profile?: string;
  readonly limit?: number;
  /** True without a file. */
  readonly json?: string | true;
  readonly csv?: string;
}

function fileOf(json: string | true | undefined): { json?: string } {
  return json === undefined ? {} : { json: json === true ? '-' : json };
}

function parseSince(value: string, nowUnixMs: number): number {
  const [, amount, unit] = /^(\d{1,6})([mhd])$/.exec(value) ?? [];
  if (amount !== undefined && (unit === 'm' || unit === 'h' || unit === 'd')) {
    return Math.max(0, nowUnixMs - Number(amount) * UNITS_MS[unit]);
  }
  const unixMs = /^\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?$/.test(value) ? Date.parse(value) : Number.NaN;
  if (Number.isNaN(unixMs)) throw new InvalidArgumentError('Give 90m, 24h, 7d, or a date such as 2026-11-20 (UTC).');
  return Math.max(0, unixMs);
}

function wholeNumber(value: string): number {
  if (!/^\d{1,5}$/.test(value)) throw new InvalidArgumentError('Give a whole number up to 99999.');
  return Number(value);
}
