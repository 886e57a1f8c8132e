import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { HeardReports } from '../../../agent/conversation/heard-reports.js';
import type { Measurements } from '../../../agent/telemetry/metrics.js';
import { REPORTS_BURST, ROUND_TRIP_MAX_MS } from '../../../agent/turn/heard-report.js';
import { HEARD_EARLY_MS, HEARD_LATE_MS, type HeardReport, type TurnDocument } from '../../../wire/turn.js';

const WORKER = { roundTripMs: 2, jitterBufferMs: 30 };

/** Longer than the fate of any turn stays open, in ms. */
const SETTLED_MS = 1_600;

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function start({ path }: { readonly path: typeof WORKER | undefined } = { path: WORKER }) {
  const observed: Record<string, number[]> = {};
  const results: string[] = [];
  const events: [string, number][] = [];
  const measurements: Measurements = {
    observe: (name, _labels, ms) => {
      observed[name] = [...(observed[name] ?? []), ms];
    },
    count: (name, labels, by = 1) => {
      if (name !== 'turnwise_heard_reports_total') return;
      const [result = ''] = Object.values<string>(labels);
      events.push([result, by]);
      results.push(...Array.from({ length: by }, () => result));
    },
  };
  const told: [number, number | undefined][] = [];
  const reports = new HeardReports({
    profile: 'good',
    measurements,
    nowMs: () => performance.now(),
    workerPath: () => path,
    onHeard: ({ turn }, unexplainedMs) => told.push([turn, unexplainedMs]),
  });
  return { reports, observed, results, events, told };
}

const turnOf = (turn: number, fields: Partial<TurnDocument> = {}): TurnDocument => ({
  schema: 1,
  callId: 'c',
  turn,
  profile: 'good',
  outcome: 'answered',
  said: '',
  reply: '',
  instants: {},
  components: {},
  responseMs: 600,
  ...fields,
});

const reportOf = (turn: number, fields: Partial<HeardReport> = {}): HeardReport => ({
  schema: 1,
  turn,
  heardResponseMs: 790,
  roundTripMs: 40,
  jitterBufferMs: 50,
  ...fields,
});

describe('reports of what was heard', () => {
  it('are joined to their turn, measured once its fate is known, and told on', () => {
    const { reports, observed, told } = start();
    reports.noteTurn(turnOf(1));
    expect(reports.take(reportOf(1))).toBe('taken');
    expect(observed).toEqual({});
    vi.advanceTimersByTime(SETTLED_MS);
    expect(observed).toEqual({
      turnwise_network_rtt_seconds: [40],
      turnwise_client_jitter_buffer_seconds: [50],
      turnwise_heard_response_seconds: [790],
      turnwise_heard_unexplained_seconds: [expect.closeTo(30)],
    });
    expect(told).toEqual([[1, expect.closeTo(30)]]);
  });

  it('are measured at once when the turn is long over', () => {
    const { reports, observed } = start();
    reports.noteTurn(turnOf(1));
    vi.advanceTimersByTime(SETTLED_MS);
    reports.take(reportOf(1));
    expect(observed.turnwise_heard_response_seconds).toEqual([790]);
  });

  it('are measured at once when the reply was long', () => {
    const { reports, observed } = start();
    reports.noteTurn(turnOf(1, { instants: { playoutStartedAtMs: 10_000, playoutEndedAtMs: 11_000 } }));
    reports.noteTurn(turnOf(2, { instants: { playoutStartedAtMs: 10_000, playoutEndedAtMs: 11_600 } }));
    reports.take(reportOf(1));
    reports.take(reportOf(2));
    expect(observed.turnwise_heard_response_seconds).toEqual([790]);
    vi.advanceTimersByTime(600);
    expect(observed.turnwise_heard_response_seconds).toEqual([790, 790]);
  });

  it('keep the sign of what they leave unexplained in the record, and lose it in the histogram', () => {
    const { reports, observed, told } = start();
    reports.noteTurn(turnOf(1));
    reports.take(reportOf(1, { heardResponseMs: 700 }));
    vi.advanceTimersByTime(SETTLED_MS);
    expect(told).toEqual([[1, expect.closeTo(-60)]]);
    expect(observed.turnwise_heard_unexplained_seconds).toEqual([expect.closeTo(60)]);
  });

  it('leave nothing unexplained where the way was not measured', () => {
    const { reports, observed, told } = start({ path: undefined });
    reports.noteTurn(turnOf(1));
    reports.noteTurn(turnOf(2));
    reports.take(reportOf(1));
    reports.take({ schema: 1, turn: 2, heardResponseMs: 800 });
    vi.advanceTimersByTime(SETTLED_MS);
    expect(told).toEqual([
      [1, undefined],
      [2, undefined],
    ]);
    expect(observed).not.toHaveProperty('turnwise_heard_unexplained_seconds');
    expect(observed.turnwise_network_rtt_seconds).toEqual([40]);
  });

  it('do not flatter the heard response by turns that were answered too soon, before or after the report', () => {
    const { reports, observed, told } = start();
    reports.noteTurn(turnOf(1, { supersededBy: 2 }));
    reports.noteTurn(turnOf(2));
    reports.noteTurn(turnOf(3));
    reports.take(reportOf(1));
    reports.take(reportOf(2));
    reports.take(reportOf(3));
    vi.advanceTimersByTime(500);
    reports.noteTurn(turnOf(4, { continues: 2 }));
    reports.noteSuperseded(3);
    vi.advanceTimersByTime(SETTLED_MS);
    expect(observed).not.toHaveProperty('turnwise_heard_response_seconds');
    expect(observed).not.toHaveProperty('turnwise_heard_unexplained_seconds');
    expect(told.map(([turn]) => turn)).toEqual([1, 2, 3]);
  });

  it('are measured at the end of the call where it ends before the fate of their turn is known', () => {
    const { reports, observed } = start();
    reports.noteTurn(turnOf(1));
    reports.take(reportOf(1));
    reports.close();
    reports.close();
    vi.advanceTimersByTime(SETTLED_MS);
    expect(observed.turnwise_heard_response_seconds).toEqual([790]);
    expect(vi.getTimerCount()).toBe(0);
  });
});

describe('what is no true report', () => {
  it('is refused and counted by why', () => {
    const { reports, observed, results } = start();
    reports.noteTurn(turnOf(0));
    const { responseMs: _, ...silent } = turnOf(1);
    reports.noteTurn(silent);
    reports.noteTurn(turnOf(2));
    const given = [
      reportOf(0),
      reportOf(1),
      reportOf(9),
      reportOf(2, { heardResponseMs: 100 }),
      reportOf(2),
      reportOf(2),
    ];
    const expected = ['unknown_turn', 'unknown_turn', 'unknown_turn', 'impossible', 'taken', 'repeated'];
    expect(given.map((report) => reports.take(report))).toEqual(expected);
    expect(reports.admit('stranger')).toBe(false);
    reports.refuseMalformed();
    expect(results).toEqual([...expected, 'stranger', 'malformed']);
    vi.advanceTimersByTime(SETTLED_MS);
    expect(reports.take(reportOf(2))).toBe('repeated');
    expect(observed.turnwise_heard_response_seconds).toEqual([790]);
  });

  it('is of a turn too long ago', () => {
    const { reports } = start();
    for (let turn = 1; turn <= 17; turn += 1) reports.noteTurn(turnOf(turn));
    expect([reportOf(1), reportOf(2)].map((report) => reports.take(report))).toEqual(['unknown_turn', 'taken']);
  });

  it('is read no more in a flood, and again after it', () => {
    const { reports, results, events } = start();
    const admitted = Array.from({ length: 1_000 }, () => reports.admit('caller'));
    expect(admitted.filter((isRead) => isRead)).toHaveLength(REPORTS_BURST);
    expect(events).toEqual([]);
    vi.advanceTimersByTime(2_000);
    expect(events).toEqual([['too_many', 1_000 - REPORTS_BURST]]);
    expect(results).toHaveLength(1_000 - REPORTS_BURST);
    expect(reports.admit('caller')).toBe(true);
  });

  it('is never read of a stranger, who uses up nothing of the caller’s', () => {
    const { reports, events } = start();
    const admitted = Array.from({ length: 1_000 }, () => reports.admit('stranger'));
    expect(admitted).not.toContain(true);
    reports.close();
    reports.close();
    const singly = Array.from({ length: REPORTS_BURST }, () => ['stranger', 1]);
    expect(events).toEqual([...singly, ['stranger', 1_000 - REPORTS_BURST]]);
    expect(reports.admit('caller')).toBe(true);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('costs an event a second, however long the flood lasts, and is counted whole', () => {
    const { reports, results, events } = start();
    for (let i = 0; i < 600; i += 1) {
      reports.admit('stranger');
      vi.advanceTimersByTime(100);
    }
    reports.close();
    expect(results).toHaveLength(600);
    // A token every two seconds is one event more.
    expect(events.length).toBeLessThanOrEqual(60 + 30 + REPORTS_BURST + 1);
  });

  it('never enters a histogram, whatever is sent in whatever order', () => {
    const figure = fc.oneof(fc.double(), fc.double({ min: 0, max: 2_000, noNaN: true }), fc.constant(790));
    const report = fc.record(
      {
        turn: fc.integer({ min: -1, max: 6 }),
        heardResponseMs: figure,
        roundTripMs: figure,
        jitterBufferMs: figure,
        playoutMs: figure,
      },
      { requiredKeys: ['turn', 'heardResponseMs'] },
    );
    const step = fc.oneof(
      fc.record({ kind: fc.constant('report' as const), report }),
      fc.record({
        kind: fc.constant('turn' as const),
        id: fc.integer({ min: 0, max: 6 }),
        responseMs: fc.double({ min: 0, max: 2_000, noNaN: true }),
      }),
      fc.record({ kind: fc.constant('superseded' as const), id: fc.integer({ min: 0, max: 6 }) }),
      fc.record({ kind: fc.constant('wait' as const), ms: fc.integer({ min: 1, max: 3_000 }) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const { reports, observed, results } = start();
        const responses = new Map<number, number>();
        let known = 0;
        for (const one of steps) {
          if (one.kind === 'wait') vi.advanceTimersByTime(one.ms);
          else if (one.kind === 'superseded') reports.noteSuperseded(one.id);
          else if (one.kind === 'turn') {
            if (one.id > 0 && !responses.has(one.id)) responses.set(one.id, one.responseMs);
            reports.noteTurn(turnOf(one.id, { responseMs: one.responseMs }));
          } else {
            known += 1;
            const response = responses.get(one.report.turn);
            const { heardResponseMs } = one.report;
            const result = reports.take({ schema: 1, ...one.report });
            if (result !== 'taken') continue;
            expect(heardResponseMs).toBeGreaterThanOrEqual((response ?? Number.NaN) - HEARD_EARLY_MS);
            expect(heardResponseMs).toBeLessThanOrEqual((response ?? Number.NaN) + HEARD_LATE_MS);
          }
        }
        reports.close();
        const taken = results.filter((result) => result === 'taken').length;
        expect(results).toHaveLength(known);
        expect(taken).toBeLessThanOrEqual(responses.size);
        expect(observed.turnwise_heard_response_seconds?.length ?? 0).toBeLessThanOrEqual(taken);
        for (const ms of Object.values(observed).flat()) {
          expect(Number.isFinite(ms) && ms >= 0 && ms <= ROUND_TRIP_MAX_MS).toBe(true);
        }
        expect(vi.getTimerCount()).toBe(0);
      }),
    );
  });
});
