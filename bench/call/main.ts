/** One call from the terminal: speaks, listens, prints as it goes, and keeps what was heard. */
import { writeFile } from 'node:fs/promises';
import { waterfall } from '../../agent/call-log/waterfall.js';
import { AudioFileError, readAudioFile, writeWav } from '../audio-file.js';
import { type Clip, prepareClip } from '../caller/clip.js';
import { CallError, messageOf } from '../caller/errors.js';
import { type CallerTurn, SimulatedCaller } from '../caller/simulated-caller.js';
import { type CallOptions, parseCallOptions } from './options.js';
import { type CallReport, describeWay, reportTurn, round, type TurnReport, wayToEar } from './report.js';
import { findSeat } from './seat.js';

/** How long an agent may take to join, in ms. */
const AGENT_TIMEOUT_MS = 15_000;

/** Exit codes: everything answered; a turn without an answer, or no call; bad usage or input; interrupted (128 + SIGINT). */
const EXIT = { answered: 0, unanswered: 1, badInput: 2, interrupted: 130 } as const;

/** @returns The exit code. */
export async function main(args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> {
  const parsed = parseCallOptions(args);
  if (parsed.kind === 'say') {
    (parsed.exitCode === 0 ? process.stdout : process.stderr).write(parsed.text);
    return parsed.exitCode;
  }
  const stop = new AbortController();
  const onSignal = (): void => stop.abort();
  for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, onSignal);
  try {
    const clips = await readClips(parsed.options.files);
    return await placeCall({ options: parsed.options, clips, env, signal: stop.signal });
  } catch (error) {
    if (stop.signal.aborted) return EXIT.interrupted;
    if (!(error instanceof CallError || error instanceof AudioFileError)) throw error;
    process.stderr.write(`call: ${messageOf(error)}\n`);
    return error.code === 'BAD_INPUT' || error.code === 'AUDIO_FILE' ? EXIT.badInput : EXIT.unanswered;
  } finally {
    for (const name of ['SIGINT', 'SIGTERM'] as const) process.off(name, onSignal);
  }
}

interface Spoken {
  readonly file: string;
  readonly clip: Clip;
}

async function readClips(files: readonly string[]): Promise<Spoken[]> {
  const spoken: Spoken[] = [];
  for (const file of files) {
    const audio = await readAudioFile(file);
    try {
      spoken.push({ file, clip: prepareClip(audio) });
    } catch (error) {
      throw new CallError('BAD_INPUT', `${file}: ${messageOf(error)}`, { cause: error });
    }
  }
  return spoken;
}

interface PlaceCallOptions {
  readonly options: CallOptions;
  readonly clips: readonly Spoken[];
  readonly env: NodeJS.ProcessEnv;
  readonly signal: AbortSignal;
}

async function placeCall({ options, clips, env, signal }: PlaceCallOptions): Promise<number> {
  // With the report on standard output, what people read goes to the other stream.
  const stream = options.json === '-' ? process.stderr : process.stdout;
  const print = (line: string): void => void stream.write(`${line}\n`);
  const roomName = options.room ?? `call-${crypto.randomUUID()}`;
  const { agent: agentName, profile, url } = options;
  const wish = { roomName, identity: `caller-${crypto.randomUUID()}`, ...(agentName && { agentName }) };
  const seat = await findSeat({ ...wish, ...(profile && { profile }), url, env }, signal);

  const caller = new SimulatedCaller({
    ...seat,
    signal,
    onSegment: ({ speaker, text, final }) => {
      if (final && text.trim() !== '') print(`${speaker === 'caller' ? 'you  ' : 'agent'}  ${text.trim()}`);
    },
    onProblem: (problem) => process.stderr.write(`call: ${problem}\n`),
  });
  const turns: TurnReport[] = [];
  let greeting: Pick<CallReport, 'greetingMs' | 'greeting'> = { greetingMs: null, greeting: '' };
  try {
    await caller.connect();
    print(`In room ${roomName} at ${seat.url}.`);
    greeting = await greet(caller, print);
    const take = (turn: CallerTurn): void => {
      turns.push(reportTurn(turn));
      for (const line of describeTurn(turns.length, turn)) print(line);
    };
    const limit = { timeoutMs: options.timeout * 1000 };
    for (const { file, clip } of clips) {
      print(`\nSpeaking ${file}.`);
      const saying = caller.startSaying(clip);
      for (const index of saying.utterances.keys()) take(await saying.reply(limit, index));
      await saying.finished;
    }
    for (const text of options.type) {
      print(`\nTyping "${text}".`);
      take(await caller.type(text, limit));
    }
  } finally {
    await caller.hangUp();
    const heard = caller.recording();
    if (heard.samples.length > 0) {
      await writeWav(options.out, heard);
      print(`\nWhat was heard is in ${options.out}.`);
    }
    if (options.json !== undefined) await writeReport(options.json, { ...greeting, turns });
  }
  return turns.every(({ outcome }) => outcome === 'answered') ? EXIT.answered : EXIT.unanswered;
}

/** Waits for the greeting; an agent that does not greet can be talked to all the same. */
async function greet(
  caller: SimulatedCaller,
  print: (line: string) => void,
): Promise<Pick<CallReport, 'greetingMs' | 'greeting'>> {
  const agentMs = await caller.waitForAgent({ timeoutMs: AGENT_TIMEOUT_MS });
  print(`The agent came after ${Math.round(agentMs)} ms.`);
  try {
    const { greetingMs, text } = await caller.waitForGreeting({ timeoutMs: AGENT_TIMEOUT_MS });
    print(`Greeted after ${Math.round(greetingMs)} ms.`);
    return { greetingMs: round(greetingMs), greeting: text };
  } catch (error) {
    if (!(error instanceof CallError) || error.code !== 'NO_GREETING') throw error;
    print(error.message);
    return { greetingMs: null, greeting: '' };
  }
}

function describeTurn(number: number, turn: CallerTurn): string[] {
  const { outcome, heardResponseMs, cutIn, document } = turn;
  if (outcome === 'unanswered') return [`Turn ${number}: no answer.`];
  const figures = [
    heardResponseMs === undefined
      ? 'began before the caller had finished'
      : `heard after ${Math.round(heardResponseMs)} ms`,
    ...(document?.responseMs === undefined ? [] : [`by the worker's clock ${Math.round(document.responseMs)} ms`]),
    ...(cutIn && heardResponseMs !== undefined ? ['the agent also spoke into the caller’s words'] : []),
  ];
  const { stages, responseMs } = document ?? {};
  const lines = stages === undefined ? [] : waterfall({ stages, responseMs, heardResponseMs });
  const way = wayToEar(turn);
  if (way !== null) lines.push(describeWay(way));
  return [`Turn ${number}: ${figures.join(', ')}.`, ...lines.map((line) => `  ${line}`)];
}

async function writeReport(path: string, report: CallReport): Promise<void> {
  const text = `${JSON.stringify(report, null, 2)}\n`;
  if (path === '-') {
    await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()));
    return;
  }
  try {
    await writeFile(path, text);
  } catch (error) {
    throw new CallError('BAD_INPUT', `--json: ${path} cannot be written (${messageOf(error)}).`, { cause: error });
  }
}
