/** The command line of `npm run call`. */
import { Command, CommanderError, InvalidArgumentError } from 'commander';

export interface CallOptions {
  readonly files: readonly string[];
  readonly url?: string;
  readonly room?: string;
  readonly agent?: string;
  readonly profile?: string;
  readonly out: string;
  /** Path of the report; `-` is standard output. */
  readonly json?: string;
  readonly type: readonly string[];
  /** Longest wait for the beginning of an answer, in s. */
  readonly timeout: number;
}

/** What a command line comes to: something to do, or something to say and an exit code. */
export type Parsed =
  | { readonly kind: 'run'; readonly options: CallOptions }
  | { readonly kind: 'say'; readonly text: string; readonly exitCode: 0 | 2 };

/** Reads the arguments after the program's name. */
export function parseCallOptions(args: readonly string[]): Parsed {
  let text = '';
  const write = (part: string): void => {
    text += part;
  };
  const command = new Command('npm run call --')
    .description(
      'Places a real call: speaks recordings (WAV or FLAC, 8 to 48 kHz), prints both transcripts and where the time of ' +
        'each turn went, and writes what was heard. Each file is one turn; a file with long silences holds several.',
    )
    .argument('[files...]', 'recordings to speak, one after the other')
    .option('--url <url>', 'token server (http://…) or LiveKit server (ws://…, with LIVEKIT_API_KEY and _SECRET)')
    .option('--room <name>', 'room to meet in (default: a new one)')
    .option('--agent <name>', 'agent to ask for (default: AGENT_NAME, or that of the token server)')
    .option('--profile <name>', 'latency profile to ask for')
    .option('--type <text>', 'type this after the recordings; may be repeated', collect)
    .option('--timeout <seconds>', 'longest wait for each answer to begin', seconds, 10)
    .option('--out <file>', 'where to write what was heard', 'answer.wav')
    .option('--json <file>', 'write the measurements as JSON; - is standard output')
    .exitOverride()
    .configureOutput({ writeOut: write, writeErr: write });
  try {
    command.parse(args, { from: 'user' });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    return { kind: 'say', text, exitCode: error.exitCode === 0 ? 0 : 2 };
  }
  const options = { type: [], ...command.opts<Omit<CallOptions, 'files' | 'type'>>() };
  if (command.args.length === 0 && options.type.length === 0) {
    return { kind: 'say', text: 'error: name a recording to speak, or a text with --type (see --help)\n', exitCode: 2 };
  }
  return { kind: 'run', options: { ...options, files: command.args } };
}

function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

function seconds(value: string): number {
  const parsed = Number(value);
  if (!(parsed > 0 && parsed <= 600)) throw new InvalidArgumentError('Give a number of seconds up to 600.');
  return parsed;
}
