/** What a report says, from turns that are told one by one. Pure. */
import type { TurnStages } from '../../wire/turn.js';
import type { ExpectedOf } from './expected.js';
import { type Dominant, dominant, Greatest, type Quantiles, quantiles } from './figures.js';
import { type Figures, STAGES, type Stage, Tally } from './tally.js';
import { type CallRowRead, outcomeOf, stagesOf, type TurnRow } from './turn-row.js';

export interface SlowTurn {
  readonly callId: string;
  readonly turn: number;
  readonly startedAtUnixMs: number;
  readonly profile: string | null;
  readonly responseMs: number;
  readonly heardMs?: number;
  readonly stages?: TurnStages;
}

export interface Report {
  readonly schema: 1;
  readonly sinceUnixMs: number;
  readonly untilUnixMs: number;
  readonly profile?: string;
  /** By how they ended; `running` and `lost` besides. */
  readonly calls: { readonly total: number; readonly outcomes: Readonly<Record<string, number>> };
  readonly turns: {
    readonly total: number;
    readonly outcomes: Readonly<Record<string, number>>;
    readonly answeredTooSoon: number;
    readonly speculated: number;
    readonly interrupted: number;
  };
  readonly all: Figures;
  /** Days of UTC, oldest first. */
  readonly days: readonly (Figures & { readonly day: string })[];
  readonly profiles: readonly {
    readonly profile: string;
    readonly response: Quantiles;
    /** The stage that took most of the time, and in which part of the turns it was the longest, 0 to 1. */
    readonly dominant?: (Dominant<Stage> & { readonly shareOfTurns: number }) | undefined;
  }[];
  /** Of turns that both told of. */
  readonly ear: {
    readonly heard?: Quantiles | undefined;
    readonly reported?: Quantiles | undefined;
    readonly difference?: Quantiles | undefined;
    readonly roundTrip?: Quantiles | undefined;
    readonly jitterBuffer?: Quantiles | undefined;
    readonly playout?: Quantiles | undefined;
    /** Without its sign. */
    readonly unexplained?: Quantiles | undefined;
  };
  readonly slowest: readonly SlowTurn[];
}

export interface ReportOptions {
  readonly sinceUnixMs: number;
  readonly untilUnixMs: number;
  readonly profile?: string;
  /** Slowest turns that are told one by one. */
  readonly slowest: number;
  readonly expectedOf: ExpectedOf;
}

/** What is known of a profile. */
interface ProfileTally {
  readonly response: number[];
  readonly totals: Map<Stage, number>;
  /** Turns by the stage that took longest in them. */
  readonly longest: Map<Stage, number>;
}

const EAR = ['heard', 'reported', 'difference', 'roundTrip', 'jitterBuffer', 'playout', 'unexplained'] as const;

export class ReportBuilder {
  readonly #options: ReportOptions;
  readonly #callOutcomes = new Map<string, number>();
  readonly #turnOutcomes = new Map<string, number>();
  readonly #days = new Map<string, Tally>();
  readonly #profiles = new Map<string, ProfileTally>();
  readonly #ear = new Map<(typeof EAR)[number], number[]>(EAR.map((name) => [name, []]));
  readonly #slowest: Greatest<SlowTurn>;
  #calls = 0;
  #turns = 0;
  #tooSoon = 0;
  #speculated = 0;
  #interrupted = 0;

  constructor(options: ReportOptions) {
    this.#options = options;
    this.#slowest = new Greatest(options.slowest, ({ heardMs, responseMs }) => heardMs ?? responseMs);
  }

  addCall(call: CallRowRead): void {
    this.#calls += 1;
    increase(this.#callOutcomes, outcomeOf(call, this.#options.untilUnixMs));
  }

  addTurn(row: TurnRow): void {
    this.#turns += 1;
    increase(this.#turnOutcomes, row.outcome);
    if (row.speculated === 1) this.#speculated += 1;
    if (row.interrupted === 1) this.#interrupted += 1;
    const day = new Date(row.started_at_unix_ms).toISOString().slice(0, 10);
    const tally = this.#days.get(day) ?? new Tally();
    this.#days.set(day, tally);
    tally.add(row);
    if (row.superseded_by !== null) {
      this.#tooSoon += 1;
      return;
    }
    if (row.response_ms === null) return;
    const stages = stagesOf(row);
    this.#addToProfile(row.profile ?? 'unknown', row.response_ms, stages);
    this.#addToEar(row, row.response_ms);
    this.#slowest.add({
      ...{ callId: row.call_id, turn: row.turn, startedAtUnixMs: row.started_at_unix_ms, profile: row.profile },
      responseMs: row.response_ms,
      ...(row.heard_ms !== null && { heardMs: row.heard_ms }),
      ...(stages !== undefined && { stages }),
    });
  }

  report(): Report {
    const { sinceUnixMs, untilUnixMs, profile, expectedOf } = this.#options;
    const all = new Tally();
    for (const day of this.#days.values()) all.join(day);
    const days = [...this.#days].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return {
      schema: 1,
      ...{ sinceUnixMs, untilUnixMs, ...(profile !== undefined && { profile }) },
      calls: { total: this.#calls, outcomes: Object.fromEntries(this.#callOutcomes) },
      turns: {
        total: this.#turns,
        outcomes: Object.fromEntries(this.#turnOutcomes),
        answeredTooSoon: this.#tooSoon,
        speculated: this.#speculated,
        interrupted: this.#interrupted,
      },
      all: all.figures(expectedOf),
      days: days.map(([day, tally]) => ({ day, ...tally.figures(expectedOf) })),
      profiles: [...this.#profiles].flatMap(([name, tally]) => {
        const response = quantiles(tally.response);
        return response === undefined ? [] : [{ profile: name, response, dominant: dominantOf(tally) }];
      }),
      ear: Object.fromEntries([...this.#ear].map(([name, values]) => [name, quantiles(values)])),
      slowest: this.#slowest.items,
    };
  }

  #addToProfile(profile: string, responseMs: number, stages: TurnStages | undefined): void {
    const tally: ProfileTally = this.#profiles.get(profile) ?? { response: [], totals: new Map(), longest: new Map() };
    this.#profiles.set(profile, tally);
    tally.response.push(responseMs);
    if (stages === undefined) return;
    for (const stage of STAGES) increase(tally.totals, stage, stages[stage]);
    const longest = dominant(STAGES.map((stage) => [stage, stages[stage]]));
    if (longest !== undefined) increase(tally.longest, longest.name);
  }

  #addToEar(row: TurnRow, responseMs: number): void {
    if (row.heard_ms === null) return;
    const unexplained = row.heard_unexplained_ms;
    const values = {
      heard: row.heard_ms,
      reported: responseMs,
      difference: row.heard_ms - responseMs,
      roundTrip: row.heard_round_trip_ms,
      jitterBuffer: row.heard_jitter_buffer_ms,
      playout: row.heard_playout_ms,
      unexplained: unexplained === null ? null : Math.abs(unexplained),
    };
    for (const [name, known] of this.#ear) {
      const value = values[name];
      if (value !== null) known.push(value);
    }
  }
}

function dominantOf({ response, totals, longest }: ProfileTally): Report['profiles'][number]['dominant'] {
  const found = dominant([...totals]);
  if (found === undefined) return undefined;
  return { ...found, shareOfTurns: (longest.get(found.name) ?? 0) / response.length };
}

function increase<Key>(counts: Map<Key, number>, key: Key, by = 1): void {
  counts.set(key, (counts.get(key) ?? 0) + by);
}
