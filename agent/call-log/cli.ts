/** `npm run calls`: from arguments and environment to an exit code. */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';
import type { CallLogTables } from './columns.js';
import { EXIT, type Output, Refusal, runCommand } from './commands.js';
import { CallLogError, databaseAway, fileTrouble, openPostgres, openSqlite } from './database.js';
import { EXPECTED_VARIABLES, type ExpectedOf, expectedIn } from './expected.js';
import { CALL_LOG_MIGRATIONS } from './migrations.js';
import { parseCallsOptions } from './options.js';
import { CALL_LOG_VARIABLES, type CallLogSettings, callLogSettings } from './settings.js';
import { CallStore } from './store.js';

/** @returns The exit code. */
export async function runCalls(args: readonly string[], env: NodeJS.ProcessEnv, output: Output): Promise<number> {
  const nowUnixMs = Date.now();
  const parsed = parseCallsOptions(args, nowUnixMs);
  if (parsed.kind === 'say') {
    if (parsed.exitCode === EXIT.done) output.out(parsed.text);
    else output.error(parsed.text);
    return parsed.exitCode;
  }
  try {
    const { settings, expectedOf } = readSettings(env, parsed.url);
    const store = await open(settings);
    try {
      await runCommand(parsed.command, { settings, store, output, nowUnixMs, expectedOf });
    } catch (error) {
      throw isOfDatabase(error) ? troubleOf(error, settings) : error;
    } finally {
      await store.close();
    }
    return EXIT.done;
  } catch (error) {
    if (!(error instanceof Refusal || error instanceof CallLogError)) throw error;
    output.error(`calls: ${error.message}\n`);
    return error instanceof Refusal ? error.exitCode : EXIT.failed;
  }
}

/** Drivers give their errors a code; what has none is a mistake of this program, and shows itself. */
function isOfDatabase(error: unknown): boolean {
  return error instanceof Error && 'code' in error && !(error instanceof CallLogError);
}

function troubleOf(error: unknown, { target }: CallLogSettings): CallLogError {
  return target.kind === 'postgres'
    ? databaseAway(target, error)
    : new CallLogError(fileTrouble(error), { cause: error });
}

const Variables = z.object({ ...CALL_LOG_VARIABLES, ...EXPECTED_VARIABLES });

function readSettings(
  env: NodeJS.ProcessEnv,
  url: string | undefined,
): { readonly settings: CallLogSettings; readonly expectedOf: ExpectedOf } {
  const set = Object.fromEntries(Object.entries(env).filter(([, value]) => value?.trim() !== ''));
  const cache = set.TURNWISE_CACHE_DIR ?? '.cache';
  const variables = Variables.safeParse({
    CALL_LOG_URL: `file:${path.join(cache, 'calls.db')}`,
    CALL_LOG_SPOOL: path.join(cache, 'calls-spool.db'),
    ...set,
    ...(url !== undefined && { CALL_LOG_URL: url }),
  });
  if (!variables.success) {
    const problems = variables.error.issues.map((issue) => {
      const name = issue.path.join('.');
      return `${name === 'CALL_LOG_URL' && url !== undefined ? '--url' : name} ${issue.message}`;
    });
    throw new Refusal(`${problems.join('; ')}. See docs/call-log.md and .env.example.`, EXIT.badInput);
  }
  const settings = callLogSettings(variables.data);
  if (settings === undefined) {
    throw new Refusal('the call log is off (CALL_LOG_URL). Name one with --url.', EXIT.badInput);
  }
  const { STT_EXPECTED_MS: stt, LLM_EXPECTED_MS: llm, TTS_EXPECTED_MS: tts } = variables.data;
  const overrides = { ...(stt && { stt }), ...(llm && { llm }), ...(tts && { tts }) };
  return { settings, expectedOf: expectedIn(set, overrides) };
}

async function open({ target, keepsTexts }: CallLogSettings): Promise<CallStore> {
  if (target.kind === 'postgres') {
    const db = await openPostgres<CallLogTables>(target, CALL_LOG_MIGRATIONS);
    return new CallStore({ db, kind: 'postgres', keepsTexts });
  }
  if (!existsSync(target.file)) {
    throw new Refusal(`there is no call log at ${target.file} yet. Place a call, or name another file with --url.`);
  }
  const db = await openSqlite<CallLogTables>(target.file, CALL_LOG_MIGRATIONS, 'CALL_LOG_URL');
  return new CallStore({ db, kind: 'sqlite', keepsTexts });
}
