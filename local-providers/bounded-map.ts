import type { Clock } from './clock.js';

/** A map that forgets: entries unused for `idleMs`, and beyond `maxEntries` those unused for longest. */
export class BoundedMap<Value> {
  readonly #entries = new Map<string, { value: Value; usedAtMs: number }>();
  readonly #clock: Clock;
  readonly #maxEntries: number;
  readonly #idleMs: number;

  constructor(clock: Clock, { maxEntries, idleMs }: { maxEntries: number; idleMs: number }) {
    this.#clock = clock;
    this.#maxEntries = maxEntries;
    this.#idleMs = idleMs;
  }

  get(key: string): Value | undefined {
    this.#forget();
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    // Map order is the order of use, so that the first entry is always the one unused for longest.
    this.#entries.delete(key);
    entry.usedAtMs = this.#clock.nowMs();
    this.#entries.set(key, entry);
    return entry.value;
  }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, { value, usedAtMs: this.#clock.nowMs() });
    this.#forget();
  }

  delete(key: string): boolean {
    return this.#entries.delete(key);
  }

  get size(): number {
    return this.#entries.size;
  }

  #forget(): void {
    const oldestAllowedMs = this.#clock.nowMs() - this.#idleMs;
    for (const [key, entry] of this.#entries) {
      if (this.#entries.size <= this.#maxEntries && entry.usedAtMs >= oldestAllowedMs) return;
      this.#entries.delete(key);
    }
  }
}
