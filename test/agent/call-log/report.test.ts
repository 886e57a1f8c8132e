import { describe, expect, it } from 'vitest';
import { expectedIn } from '../../../agent/call-log/expected.js';
import { ReportBuilder } from '../../../agent/call-log/report.js';
import { reportRows } from '../../../agent/call-log/report-csv.js';
import { reportLines } from '../../../agent/call-log/report-text.js';
import type { TakenRecord } from '../../../agent/call-log/rows.js';
import { foldRecords } from '../../../agent/call-log/rows.js';
import { CallRowRead, TurnRow } from '../../../agent/call-log/turn-row.js';
import type { TurnStages } from '../../../wire/turn.js';
import { DAY_MS, ended, heard, NOON_UNIX_MS, started, taken, told, turnDocument } from './support.js';

const HOUR_MS = 3_600_000;
const stages = (different: Partial<TurnStages>): TurnStages => ({
  ...{
    sttMs: 0,
    endpointingMs: 0,
    llmMs: 0,
    toolsMs: 0,
    textAggregationMs: 0,
    ttsMs: 0,
    playoutMs: 0,
    unexplainedMs: 0,
  },
  ...different,
});

/** The report of records as their rows would be read. */
function reportOf(records: readonly TakenRecord[], slowest = 5) {
  const builder = new ReportBuilder({
    sinceUnixMs: NOON_UNIX_MS - DAY_MS,
    untilUnixMs: NOON_UNIX_MS + HOUR_MS,
    slowest,
    expectedOf: expectedIn({}, { llm: 300 }),
  });
  const rows = foldRecords(records, false);
  for (const call of rows.calls) builder.addCall(CallRowRead.parse(call));
  for (const turn of rows.told) {
    const ear = rows.heard.find((one) => one.call_id === turn.call_id && one.turn === turn.turn);
    const none = { heard_ms: null, heard_round_trip_ms: null, heard_jitter_buffer_ms: null };
    builder.addTurn(TurnRow.parse({ ...none, heard_playout_ms: null, heard_unexplained_ms: null, ...turn, ...ear }));
  }
  return builder.report();
}

describe('a report', () => {
  it('tells days, stages and providers apart', () => {
    const report = reportOf([
      taken(told({ callId: 'a', turn: 1, responseMs: 600 }, NOON_UNIX_MS - DAY_MS)),
      taken(told({ callId: 'b', turn: 1, responseMs: 800 })),
      taken(
        told({
          ...{ callId: 'b', turn: 2, responseMs: 1_000, components: { llmTtftMs: 500 } },
          providers: {
            ...{ stt: { provider: 'deepgram', model: 'nova-3' }, tts: { provider: 'cartesia', model: 'sonic-3' } },
            llm: { provider: 'openai', model: 'another' },
          },
        }),
      ),
    ]);
    expect(report.days.map(({ day, turns, response }) => [day, turns, response?.p50])).toEqual([
      ['2026-11-20', 1, 600],
      ['2026-11-21', 2, 900],
    ]);
    expect(report.all.response).toMatchObject({ turns: 3, p50: 800 });
    expect(report.all.stages.find(({ stage }) => stage === 'llmMs')?.waited).toMatchObject({ turns: 3, p50: 250 });
    expect(
      report.all.providers
        .filter(({ figure }) => figure === 'LLM first token')
        .map(({ model, took }) => [model, took.turns, took.p50]),
    ).toEqual([
      ['gpt-4o-mini', 2, 250],
      ['another', 1, 500],
    ]);
  });

  it('tells how much later than expected each provider is, once there are enough turns to say so', () => {
    const turns = (count: number) =>
      reportOf(Array.from({ length: count }, (_, index) => taken(told({ callId: 'a', turn: index + 1 }))));
    const drifts = (count: number) =>
      turns(count).all.providers.map(({ figure, expectedMs, driftMs }) => [figure, expectedMs, driftMs]);
    expect(drifts(20)).toEqual([
      ['STT final', 247, -97],
      ['LLM first token', 300, -50],
      ['TTS first byte', 188, -108],
      ['TTS first sound', undefined, undefined],
    ]);
    expect(drifts(19)).toContainEqual(['LLM first token', 300, undefined]);
    const lines = reportLines(turns(20));
    expect(lines.find((line) => line.startsWith('LLM first token'))).toMatch(/ 250 +300 +-50$/);
    expect(lines.find((line) => line.startsWith('TTS first sound'))).toMatch(/ 90 +- +-$/);
  });

  it('names the stage that takes most of the time of each profile', () => {
    const turn = (profile: string, number: number, llmMs: number, ttsMs: number) =>
      taken(
        told({ callId: profile, turn: number, profile, responseMs: llmMs + ttsMs, stages: stages({ llmMs, ttsMs }) }),
      );
    const { profiles } = reportOf([turn('good', 1, 900, 100), turn('good', 2, 100, 300), turn('free', 1, 100, 300)]);
    expect(profiles.map(({ profile, dominant }) => [profile, dominant])).toEqual([
      ['good', { name: 'llmMs', share: 1_000 / 1_400, shareOfTurns: 0.5 }],
      ['free', { name: 'ttsMs', share: 0.75, shareOfTurns: 1 }],
    ]);
  });

  it('sets what was heard against what the worker told of the same turns', () => {
    const { ear, all } = reportOf([
      taken(told({ callId: 'a', turn: 1, responseMs: 700 })),
      taken(heard('a', 1, 790)),
      taken(told({ callId: 'a', turn: 2, responseMs: 5_000 })),
    ]);
    expect(ear.difference).toMatchObject({ turns: 1, p50: 90 });
    expect(ear.reported).toMatchObject({ turns: 1, p50: 700 });
    expect(ear.unexplained?.p50).toBe(5);
    expect(all.response?.turns).toBe(2);
  });

  it('counts answers that came too soon, and takes their delay for no merit', () => {
    const { turns, all, slowest } = reportOf([
      taken(told({ callId: 'a', turn: 1, responseMs: 100, supersededBy: 2 })),
      taken(told({ callId: 'a', turn: 2, responseMs: 800, continues: 1 })),
    ]);
    expect(turns).toMatchObject({ total: 2, answeredTooSoon: 1 });
    expect(all.response).toMatchObject({ turns: 1, p50: 800 });
    expect(slowest).toHaveLength(1);
  });

  it('names the slowest turns by what was heard of them, slowest first', () => {
    const { slowest } = reportOf(
      [
        taken(told({ callId: 'a', turn: 1, responseMs: 900 })),
        taken(told({ callId: 'a', turn: 2, responseMs: 850 })),
        taken(heard('a', 2, 1_200)),
        taken(told({ callId: 'a', turn: 3, responseMs: 300 })),
      ],
      2,
    );
    expect(slowest.map(({ turn }) => turn)).toEqual([2, 1]);
  });

  it('does not take a call for running that nothing was heard of for long', () => {
    const call = (id: string, agoMs: number, end = false) => [
      taken(started(id, NOON_UNIX_MS), NOON_UNIX_MS + HOUR_MS - agoMs),
      ...(end ? [taken(ended(id), NOON_UNIX_MS)] : []),
    ];
    const { calls } = reportOf([...call('a', 9 * 60_000), ...call('b', 11 * 60_000), ...call('c', 0, true)]);
    expect(calls.outcomes).toEqual({ running: 1, lost: 1, ended: 1 });
  });

  it('reads as lines, whatever there is and is not', () => {
    expect(reportLines(reportOf([])).join('\n')).toMatch(/Calls {2}0\nTurns {2}0$/);
    const { providers: _, stages: __, ...bare } = turnDocument({ callId: 'a', turn: 1 });
    const unanswered = { ...bare, outcome: 'unanswered' as const, components: {} };
    const lines = reportLines(
      reportOf([taken({ type: 'turn', startedAtUnixMs: NOON_UNIX_MS, turn: unanswered })]),
    ).join('\n');
    expect(lines).toContain('No client has told what it heard.');
    expect(lines).not.toMatch(/NaN|undefined/);
    const huge = reportLines(reportOf([taken(told({ callId: 'a', turn: 1, responseMs: 1e308 }))]));
    expect(Math.max(...huge.map((line) => line.length))).toBeLessThan(140);
  });

  it('is a table of percentiles for spreadsheets', () => {
    const rows = reportRows(reportOf([taken(told({ callId: 'a', turn: 1 })), taken(heard('a', 1, 777))]));
    const percentiles = ['p50_ms', 'p90_ms', 'p95_ms', 'p99_ms'];
    expect(rows[0]).toEqual(['day', 'figure', 'of', 'turns', ...percentiles, 'expected_ms', 'drift_ms']);
    expect(rows).toContainEqual(['2026-11-21', 'stage', 'LLM', 1, 250, 250, 250, 250, null, null]);
    expect(rows).toContainEqual(['', 'LLM first token', 'openai/gpt-4o-mini', 1, 250, 250, 250, 250, 300, null]);
    expect(rows).toContainEqual(['', 'heard', '', 1, 777, 777, 777, 777, null, null]);
    expect(new Set(rows.map((row) => row.length))).toEqual(new Set([10]));
  });
});

describe('what is expected of a provider', () => {
  it('is what the worker of the same environment expects, keys or no keys', () => {
    const local = { OPENAI_BASE_URL: 'http://127.0.0.1:8790/v1', LLM: 'openai/own,openai/gpt-4o' };
    const of = expectedIn(local, { tts: 50 });
    expect(of('llm', 'openai', 'own')).toBe(220);
    // On the server of this machine it is not the vendor's.
    expect(of('llm', 'openai', 'gpt-4o')).toBe(220);
    expect(of('tts', 'cartesia', 'sonic-3')).toBe(50);
    expect(of('stt', 'deepgram', 'nova-3')).toBe(247);
  });

  it('is its vendor’s own figure where only the log knows it', () => {
    expect(expectedIn({}, { llm: 50 })('llm', 'openai', 'gpt-4.1')).toBe(536);
    expect(expectedIn({}, {})('llm', 'nobody', 'at-all')).toBe(220);
  });
});
