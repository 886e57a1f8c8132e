/** Records and databases for the call log's tests. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pino } from 'pino';
import { vi } from 'vitest';
import { openCallLog } from '../../../agent/call-log/call-log.js';
import type { CallLogTables } from '../../../agent/call-log/columns.js';
import { openPostgres, openSqlite } from '../../../agent/call-log/database.js';
import { CALL_LOG_MIGRATIONS } from '../../../agent/call-log/migrations.js';
import type { TakenRecord } from '../../../agent/call-log/rows.js';
import type { CallLogSettings, CallLogTarget } from '../../../agent/call-log/settings.js';
import { CallStore } from '../../../agent/call-log/store.js';
import type { CallRecord } from '../../../agent/telemetry/call-record.js';
import { Metrics } from '../../../agent/telemetry/metrics.js';
import type { TurnDocument } from '../../../wire/turn.js';

/** 21 November 2026, 12:00 UTC. */
export const NOON_UNIX_MS = Date.UTC(2026, 10, 21, 12);
/** Threads run what is compiled. */
const THREAD = new URL('../../../dist/agent/call-log/writer-thread.js', import.meta.url);
export const DAY_MS = 86_400_000;

type Turn = Partial<TurnDocument> & { readonly callId: string; readonly turn: number };

/** A turn that was answered after 700 ms, with whatever is to be different. */
export function turnDocument(different: Turn): TurnDocument {
  return {
    schema: 1,
    profile: 'good',
    outcome: 'answered',
    said: 'a latte please',
    reply: 'One latte.',
    instants: { speechStartedAtMs: 1_000, speechEndedAtMs: 2_000, committedAtMs: 2_300, playoutStartedAtMs: 2_700 },
    responseMs: 700,
    stages: {
      sttMs: 150,
      endpointingMs: 150,
      llmMs: 250,
      toolsMs: 0,
      textAggregationMs: 40,
      ttsMs: 80,
      playoutMs: 20,
      unexplainedMs: 10,
    },
    components: { endpointingMs: 300, sttFinalMs: 150, llmTtftMs: 250, ttsTtfbMs: 80, ttsFirstSoundMs: 90 },
    providers: {
      stt: { provider: 'deepgram', model: 'nova-3' },
      llm: { provider: 'openai', model: 'gpt-4o-mini' },
      tts: { provider: 'cartesia', model: 'sonic-3' },
    },
    ...different,
  };
}

export const started = (callId: string, startedAtUnixMs = NOON_UNIX_MS, profile = 'good'): CallRecord => ({
  ...{ type: 'call-started', callId, profile, startedAtUnixMs },
});
export const told = (turn: Turn, startedAtUnixMs = NOON_UNIX_MS): CallRecord => ({
  ...{ type: 'turn', startedAtUnixMs, turn: turnDocument(turn) },
});
export const heard = (callId: string, turn: number, heardResponseMs: number): CallRecord => ({
  type: 'heard',
  callId,
  heard: { schema: 1, turn, heardResponseMs, roundTripMs: 40, jitterBufferMs: 30, playoutMs: 12 },
  unexplainedMs: 5,
});
export const ended = (callId: string, endedAtUnixMs = NOON_UNIX_MS + 60_000, outcome = 'ended'): CallRecord => ({
  ...{ type: 'call-ended', callId, endedAtUnixMs, outcome },
});

export const taken = (record: CallRecord, takenAtUnixMs = NOON_UNIX_MS + 30_000): TakenRecord => ({
  ...{ record, takenAtUnixMs, region: 'eu-1' },
});

export async function temporaryFolder(): Promise<{ readonly folder: string; remove(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'turnwise-call-log-'));
  return { folder, remove: () => rm(folder, { recursive: true, force: true }) };
}

/** Opens the database behind the writer's back, as a reader. */
export async function openStore(target: CallLogTarget, keepsTexts = false): Promise<CallStore> {
  const db =
    target.kind === 'sqlite'
      ? await openSqlite<CallLogTables>(target.file, CALL_LOG_MIGRATIONS, 'CALL_LOG_URL')
      : await openPostgres<CallLogTables>(target, CALL_LOG_MIGRATIONS);
  return new CallStore({ db, kind: target.kind, keepsTexts });
}

/** Looks every 20 ms until `check` gives something. @throws after `limitMs`. */
export function eventually<T>(check: () => T | Promise<T>, limitMs = 15_000) {
  return vi.waitUntil(check, { timeout: limitMs, interval: 20 });
}

/** A call log as the worker has it, with its compiled thread, and what it says of itself. */
export function openTestLog(
  target: CallLogTarget,
  different: Partial<CallLogSettings & { queueMaxRecords: number; threadUrl: URL }> = {},
) {
  const { queueMaxRecords, threadUrl = THREAD, ...settings } = different;
  const metrics = new Metrics('test');
  const lines: string[] = [];
  const logger = pino({ level: 'info', base: null }, { write: (line) => void lines.push(line) });
  const log = openCallLog(
    { target, keepsTexts: false, retentionDays: 0, ...settings },
    { region: 'eu-1', metrics, logger, threadUrl, ...(queueMaxRecords !== undefined && { queueMaxRecords }) },
  );
  const value = async (pattern: RegExp): Promise<number> => Number(pattern.exec(await metrics.text())?.[1] ?? 0);
  return {
    log,
    lines,
    counted: (result: 'spooled' | 'sent' | 'dropped') =>
      value(new RegExp(`^turnwise_call_log_records_total\\{result="${result}"[^}]*\\} (\\d+)$`, 'm')),
    backlog: () => value(/^turnwise_call_log_backlog\{[^}]*\} (\d+)$/m),
  };
}
