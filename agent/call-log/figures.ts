/** Figures over many turns. Pure. */

/** Of durations in ms; `turns` is how many there were. */
export interface Quantiles {
  readonly turns: number;
  readonly p50: number;
  readonly p90: number;
  readonly p95: number;
  readonly p99: number;
}

/** @returns undefined of no values. Between two neighbours in proportion. */
export function quantiles(values: readonly number[]): Quantiles | undefined {
  if (values.length === 0) return undefined;
  const sorted = Float64Array.from(values).sort();
  const at = (share: number): number => {
    const position = (sorted.length - 1) * share;
    const [below = 0, above = 0] = [sorted[Math.floor(position)], sorted[Math.ceil(position)]];
    // The difference of two huge values may be more than a number holds; of equal ones it must not become NaN.
    return below === above ? below : below + (above - below) * (position - Math.floor(position));
  };
  return { turns: sorted.length, p50: at(0.5), p90: at(0.9), p95: at(0.95), p99: at(0.99) };
}

/** What took most of the time. */
export interface Dominant<Name extends string> {
  readonly name: Name;
  /** Its part of all the time, 0 to 1. */
  readonly share: number;
}

/** @returns The first of those with the most time; undefined when none took any. */
export function dominant<Name extends string>(
  totals: readonly (readonly [Name, number])[],
): Dominant<Name> | undefined {
  const sum = totals.reduce((before, [, ms]) => before + ms, 0);
  let most: readonly [Name, number] | undefined;
  for (const one of totals) if (most === undefined || one[1] > most[1]) most = one;
  return most === undefined || most[1] <= 0 ? undefined : { name: most[0], share: most[1] / sum };
}

/** The greatest of many, without keeping the others. */
export class Greatest<T> {
  readonly #limit: number;
  readonly #sizeOf: (item: T) => number;
  /** Greatest first. */
  #kept: T[] = [];

  constructor(limit: number, sizeOf: (item: T) => number) {
    this.#limit = limit;
    this.#sizeOf = sizeOf;
  }

  add(item: T): void {
    const last = this.#kept.at(-1);
    if (this.#kept.length >= this.#limit && last !== undefined && this.#sizeOf(item) <= this.#sizeOf(last)) return;
    const at = this.#kept.findIndex((one) => this.#sizeOf(one) < this.#sizeOf(item));
    this.#kept.splice(at === -1 ? this.#kept.length : at, 0, item);
    if (this.#kept.length > this.#limit) this.#kept.length = this.#limit;
  }

  get items(): readonly T[] {
    return this.#kept;
  }
}
