/** The outcomes of one arm over many recordings, by setting, and the curve that they make of any resample of them. */
import type { CurvePoint } from './curve.js';
import type { Outcome } from './outcome.js';

/** What a recording can tell: its pauses, and a wait where its turn is complete. */
export interface Counted {
  readonly pauses: number;
  readonly countsWait: boolean;
}

/** What one setting came to over all recordings. */
interface Row {
  readonly cutIns: Uint8Array;
  readonly cutInsInSpeech: Uint8Array;
  readonly waitsMs: Float64Array;
  /** Recordings whose wait counts, by rising wait. */
  readonly byWait: Uint32Array;
}

export class Sweep {
  readonly settings: readonly string[];
  readonly #counted: readonly Counted[];
  readonly #rows: readonly Row[];

  /**
   * @param outcomes - By recording, then by setting.
   * @param missedWaitMs - What a complete turn counts that was never committed.
   */
  constructor(
    settings: readonly string[],
    counted: readonly Counted[],
    outcomes: readonly (readonly Outcome[])[],
    missedWaitMs: number,
  ) {
    this.settings = settings;
    this.#counted = counted;
    const waiting = Uint32Array.from(counted.flatMap(({ countsWait }, index) => (countsWait ? [index] : [])));
    this.#rows = settings.map((_, setting) => {
      const column = outcomes.map((bySetting) => bySetting[setting]);
      const waitsMs = Float64Array.from(column, (outcome) => outcome?.waitMs ?? missedWaitMs);
      return {
        cutIns: Uint8Array.from(column, (outcome) => outcome?.cutIns ?? 0),
        cutInsInSpeech: Uint8Array.from(column, (outcome) => outcome?.cutInsInSpeech ?? 0),
        waitsMs,
        byWait: waiting.toSorted((a, b) => (waitsMs[a] ?? 0) - (waitsMs[b] ?? 0)),
      };
    });
  }

  /**
   * One point a setting, in the order of the settings.
   * @param counts - How often each recording counts; default: once.
   * @param settings - Those that are asked for; default: all.
   * @returns undefined where there is no pause or no wait to count.
   */
  points(counts?: Uint16Array, settings?: readonly number[]): (CurvePoint | undefined)[] {
    let pauses = 0;
    for (const [index, counted] of this.#counted.entries()) pauses += counted.pauses * (counts?.[index] ?? 1);
    const rows = settings === undefined ? this.#rows : settings.flatMap((setting) => this.#rows[setting] ?? []);
    return rows.map((row) => {
      let cutIns = 0;
      for (let index = 0; index < row.cutIns.length; index += 1) {
        cutIns += (row.cutIns[index] ?? 0) * (counts?.[index] ?? 1);
      }
      const waits = waitFigures(row, counts);
      return pauses === 0 || waits === undefined ? undefined : { cutInRate: cutIns / pauses, ...waits };
    });
  }

  /**
   * The settings that no other one beats or equals in every single recording. Their curve has the lower envelope of all settings,
   * for whatever resample; of some thousands they are a hundred.
   */
  undominated(): number[] {
    const kept: number[] = [];
    const sums = this.#rows.map(({ cutIns, byWait, waitsMs }) =>
      byWait.reduce(
        (sum, index) => sum + (waitsMs[index] ?? 0),
        cutIns.reduce((sum, count) => sum + count, 0),
      ),
    );
    // Whatever beats a setting has the smaller sum, and is met before it.
    const bySum = this.settings.map((_, setting) => setting).sort((a, b) => (sums[a] ?? 0) - (sums[b] ?? 0));
    for (const setting of bySum) {
      if (!kept.some((other) => isNoWorse(this.#rows[other], this.#rows[setting]))) kept.push(setting);
    }
    return kept;
  }

  /** Cut-ins of one setting. */
  cutIns(setting: number): { readonly inPauses: number; readonly inSpeech: number } {
    const sum = (values: Uint8Array = new Uint8Array()): number => values.reduce((total, value) => total + value, 0);
    return { inPauses: sum(this.#rows[setting]?.cutIns), inSpeech: sum(this.#rows[setting]?.cutInsInSpeech) };
  }
}

/** In every recording. */
function isNoWorse(one: Row | undefined, other: Row | undefined): boolean {
  if (one === undefined || other === undefined) return false;
  return (
    one.byWait.every((index) => (one.waitsMs[index] ?? 0) <= (other.waitsMs[index] ?? 0)) &&
    one.cutIns.every((count, index) => count <= (other.cutIns[index] ?? 0))
  );
}

function waitFigures({ byWait, waitsMs }: Row, counts?: Uint16Array): Omit<CurvePoint, 'cutInRate'> | undefined {
  let total = 0;
  let sum = 0;
  for (const index of byWait) {
    const count = counts?.[index] ?? 1;
    total += count;
    sum += count * (waitsMs[index] ?? 0);
  }
  if (total === 0) return undefined;
  const at = (share: number): number => {
    const position = (total - 1) * share;
    const below = Math.floor(position);
    let seen = 0;
    let belowMs: number | undefined;
    for (const index of byWait) {
      seen += counts?.[index] ?? 1;
      const waitMs = waitsMs[index] ?? 0;
      if (belowMs === undefined && seen > below) belowMs = waitMs;
      if (belowMs !== undefined && seen > Math.ceil(position)) return belowMs + (waitMs - belowMs) * (position - below);
    }
    return belowMs ?? 0;
  };
  return { meanWaitMs: sum / total, p50WaitMs: at(0.5), p95WaitMs: at(0.95) };
}
