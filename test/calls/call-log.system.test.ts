/** Real calls whose turns go to Postgres: a database that dies and comes back in mid-call loses none of them. */
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { z } from 'zod';
import { runCalls } from '../../agent/call-log/cli.js';
import { readMetric } from '../support/metrics.js';
import { type PostgresServer, startPostgres } from '../support/postgres.js';
import { clipFrom, placeCall, type Stack, startStack } from '../support/stack.js';

const SPOKEN = 'test/speech/orders/7594182a.flac';
const Shown = z.object({
  call: z.object({
    call_id: z.string(),
    profile: z.string(),
    region: z.string(),
    ended_at_unix_ms: z.number(),
    outcome: z.string(),
  }),
  turns: z.array(
    z.object({
      turn: z.number(),
      outcome: z.string(),
      response_ms: z.number().nullable(),
      stage_llm_ms: z.number().nullable(),
      heard_ms: z.number().nullable(),
      said: z.null(),
      reply: z.null(),
    }),
  ),
});
/** Some 30 s of call on a quiet machine; a busy one takes several times as long. */
const TIMEOUT_MS = 240_000;
const limit = { timeoutMs: 30_000 };
const soon = { timeout: 30_000, interval: 200 };

let postgres: PostgresServer;
let stack: Stack;
beforeAll(async () => {
  postgres = await startPostgres();
  stack = await startStack({ env: { CALL_LOG_URL: postgres.url, WARM_PROCESSES: '1' } });
});
afterAll(async () => {
  await stack?.close();
  await postgres?.remove();
});

/** What the terminal tells of the database. */
async function calls(...args: string[]): Promise<string> {
  let [out, error] = ['', ''];
  const code = await runCalls(
    [...args, '--url', postgres.url],
    {},
    {
      out: (text) => {
        out += text;
      },
      error: (text) => {
        error += text;
      },
    },
  );
  if (code !== 0) throw new Error(error);
  return out;
}

it(
  'keeps each turn once, with its stages and what was heard, though the database is killed between two of them',
  async () => {
    const call = await placeCall(stack);
    const { caller } = call;
    await caller.waitForGreeting(limit);
    await caller.say(await clipFrom(SPOKEN), limit);
    await postgres.kill();
    await caller.type('And an espresso, please.', limit);
    await caller.say(await clipFrom(SPOKEN), limit);
    await postgres.start();
    await caller.type('That is all.', limit);
    await call[Symbol.asyncDispose]();
    // The last ones may still have been on their way when the caller hung up; the worker's own count says how many there are.
    const documents = caller.turnDocuments;
    const [{ callId } = { callId: '' }] = documents;
    expect(documents.length).toBeGreaterThanOrEqual(3);

    // Parsed only once the call has its end.
    const { call: kept, turns } = await vi.waitFor(
      async () => Shown.parse(JSON.parse(await calls('show', callId, '--json'))),
      soon,
    );
    expect(kept).toMatchObject({ call_id: callId, profile: 'good', region: 'local' });
    const last = new Map(documents.map((document) => [document.turn, document]));
    const asked = turns.filter(({ turn }) => turn > 0).length;
    expect(asked).toBe(await readMetric(stack.metricsUrl, 'turnwise_turns_total'));
    for (const { turn, responseMs, stages, outcome } of last.values()) {
      expect(turns.find((row) => row.turn === turn)).toMatchObject({
        ...{ outcome, response_ms: responseMs ?? null, stage_llm_ms: stages?.llmMs ?? null },
      });
    }
    expect(turns.filter(({ heard_ms: ms }) => ms !== null).length).toBeGreaterThanOrEqual(1);
    expect(await calls('report')).toMatch(/Calls {2}1: 1 /);
    expect(stack.lines('worker').join('\n')).not.toContain(encodeURIComponent(postgres.password));
  },
  TIMEOUT_MS,
);
