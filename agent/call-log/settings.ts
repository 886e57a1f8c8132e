/** Where the call log is kept and for how long, as settings say it. Pure. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { z } from 'zod';

/** Days that calls are kept when nothing else is said. */
const RETENTION_DAYS_DEFAULT = 30;
/** A hundred years: more is a typing error, and dates would leave the range of some databases. */
const RETENTION_DAYS_MAX = 36_500;

/** The database that the log ends up in. */
export type CallLogTarget =
  | { readonly kind: 'sqlite'; readonly file: string }
  /** Everything is written to the spool, a SQLite file, first: the database may be slow or away. */
  | { readonly kind: 'postgres'; readonly url: string; readonly spoolFile: string };

export interface CallLogSettings {
  readonly target: CallLogTarget;
  /** Keep what was said, by both; else the calls' processes do not even send it. */
  readonly keepsTexts: boolean;
  /** 0: for good. */
  readonly retentionDays: number;
}

const URL_PROBLEM = { error: 'is not file:PATH, a postgres:// URL, or off' };

/** The variables of the call log; spread into a program's environment. */
export const CALL_LOG_VARIABLES = {
  CALL_LOG_URL: z
    .string()
    .max(4_000, URL_PROBLEM)
    .refine((text) => text === 'off' || parseUrl(text) !== undefined, URL_PROBLEM)
    .default('file:.cache/calls.db'),
  CALL_LOG_SPOOL: z.string().min(1).max(4_000).default('.cache/calls-spool.db'),
  CALL_LOG_TEXT: z.enum(['on', 'off'], { error: 'is not on or off' }).default('off'),
  CALL_LOG_DAYS: z
    .string()
    .regex(/^\d{1,9}$/, { error: 'is not a whole number of days' })
    .transform(Number)
    .refine((days) => days <= RETENTION_DAYS_MAX, { error: `is not between 0 (for good) and ${RETENTION_DAYS_MAX}` })
    .default(RETENTION_DAYS_DEFAULT),
};

const Variables = z.object(CALL_LOG_VARIABLES);

/** @returns What the variables come to; undefined when the log is off. */
export function callLogSettings(variables: z.infer<typeof Variables>): CallLogSettings | undefined {
  const { CALL_LOG_URL, CALL_LOG_SPOOL, CALL_LOG_TEXT, CALL_LOG_DAYS } = variables;
  const parsed = parseUrl(CALL_LOG_URL);
  if (parsed === undefined) return undefined;
  return {
    target: parsed.kind === 'sqlite' ? parsed : { ...parsed, spoolFile: path.resolve(CALL_LOG_SPOOL) },
    keepsTexts: CALL_LOG_TEXT === 'on',
    retentionDays: CALL_LOG_DAYS,
  };
}

/** @returns The target without its spool; undefined when the text names none. A relative file is that of the working directory. */
function parseUrl(text: string): { kind: 'sqlite'; file: string } | { kind: 'postgres'; url: string } | undefined {
  try {
    if (/^file:/i.test(text)) {
      const rest = text.slice('file:'.length);
      const file = rest.startsWith('//') ? fileURLToPath(text) : rest;
      return file === '' || file.includes('\0') || file.endsWith('/')
        ? undefined
        : { kind: 'sqlite', file: path.resolve(file) };
    }
    const url = new URL(text);
    if (url.protocol !== 'postgres:' && url.protocol !== 'postgresql:') return undefined;
    // What cannot be decoded here could not be where it is used, in a message that would hold it.
    for (const part of [url.username, url.password, url.pathname]) decodeURIComponent(part);
    return { kind: 'postgres', url: text };
  } catch {
    return undefined;
  }
}

/** How the target is called in messages: the file, or host and database; never user or password. */
export function nameOfTarget(target: CallLogTarget): string {
  if (target.kind === 'sqlite') return target.file;
  const { host, pathname } = new URL(target.url);
  return `postgres://${host}${pathname}`;
}

/** @returns The text without anything in it that opens the database. */
export function withoutSecrets(text: string, target: CallLogTarget): string {
  if (target.kind === 'sqlite') return text;
  const url = new URL(target.url);
  // A URL gives its password as it is written, and what stands in its query as it is meant.
  const passwords = [decodeURIComponent(url.password), ...url.searchParams.getAll('password')];
  const written = [url.password, ...passwords.map(encodeURIComponent)];
  const secrets = new Set([target.url, ...passwords, ...written].filter((secret) => secret !== ''));
  // Longest first: a part of another would leave its rest behind.
  const ordered = [...secrets].toSorted((a, b) => b.length - a.length);
  return ordered.reduce((safe, secret) => safe.replaceAll(secret, '…'), text);
}
