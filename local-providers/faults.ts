import { z } from 'zod';
import type { Clock } from './clock.js';
import { seededRandom } from './random.js';

const Count = z.number().int().min(0).max(1_000_000);

/**
 * One way in which a provider misbehaves.
 *
 * - `refuse`: the TCP connection is destroyed before a byte of answer.
 * - `status`: an error status instead of an answer; in mid-stream an error in the vendor's own form.
 * - `stall`: nothing more is sent, the connection stays open.
 * - `drop`: the connection is destroyed.
 * - `slow`: each item is `delayMs` late.
 * - `garbage`: once, bytes that are no message of the protocol come before an item.
 * - `keep-alive`: signs of life every `everyMs`, but no content.
 *
 * An item is a `Results` message of Deepgram, a content or tool-call delta of OpenAI, an audio chunk of Cartesia.
 */
export const FaultSpec = z.strictObject({
  component: z.enum(['stt', 'llm', 'tts']),
  kind: z.enum(['refuse', 'status', 'stall', 'drop', 'slow', 'garbage', 'keep-alive']),
  /**
   * What counts as a request: a `connection` (its upgrade) or the work in it: a recogniser's `stream`, a TTS context. By
   * default `refuse` strikes connections, as does `status` of `stt`, and all else strikes work. OpenAI knows only requests.
   */
  on: z.enum(['connection', 'request']).optional(),
  /** Which requests of this component, counted from 1; absent: all. */
  nth: z.array(z.number().int().min(1)).max(1_000).optional(),
  /** Chance that a request that `nth` allows is struck. */
  probability: z.number().min(0).max(1).default(1),
  /** Items let through first. */
  afterItems: Count.default(0),
  /** The fault also waits until this long after the request's start. */
  afterMs: Count.default(0),
  status: z.number().int().min(400).max(599).default(500),
  delayMs: Count.default(500),
  everyMs: z.number().int().min(10).max(60_000).default(1_000),
});
export type FaultSpec = z.output<typeof FaultSpec>;
export type FaultComponent = FaultSpec['component'];
export type FaultPhase = 'connection' | 'request';

function phaseOf(spec: FaultSpec): FaultPhase {
  if (spec.component === 'llm') return 'request';
  if (spec.on !== undefined) return spec.on;
  return spec.kind === 'refuse' || (spec.kind === 'status' && spec.component === 'stt' && spec.afterItems === 0)
    ? 'connection'
    : 'request';
}

/** Decides, by count and seed, which requests are struck. */
export class FaultPlan {
  readonly #specs: readonly FaultSpec[];
  readonly #random: () => number;
  readonly #counts = new Map<string, number>();

  constructor(specs: readonly FaultSpec[], seed: string | number) {
    this.#specs = specs;
    this.#random = seededRandom(seed, 'faults');
  }

  /** Counts one request and returns the first fault that strikes it. */
  draw(component: FaultComponent, phase: FaultPhase): FaultSpec | undefined {
    const name = `${component}:${phase}`;
    const nth = (this.#counts.get(name) ?? 0) + 1;
    this.#counts.set(name, nth);
    for (const spec of this.#specs) {
      if (spec.component !== component || phaseOf(spec) !== phase) continue;
      if (spec.nth !== undefined && !spec.nth.includes(nth)) continue;
      if (this.#random() < spec.probability) return spec;
    }
    return undefined;
  }
}

/** Where the protocols ask whether a request is struck. */
export interface FaultSource {
  draw(component: FaultComponent, phase: FaultPhase, callKey: string | undefined): FaultSpec | undefined;
}

export const noFaults: FaultSource = { draw: () => undefined };

export type FaultStep = { readonly kind: 'send' } | { readonly kind: FaultSpec['kind']; readonly spec: FaultSpec };

const SEND: FaultStep = { kind: 'send' };

/** Follows one struck (or healthy) request and says for each item what becomes of it. */
export class FaultGate {
  readonly #spec: FaultSpec | undefined;
  readonly #clock: Clock;
  readonly #startedAtMs: number;
  readonly #onStruck: ((spec: FaultSpec) => void) | undefined;
  #items = 0;
  #struck = false;

  constructor(spec: FaultSpec | undefined, clock: Clock, onStruck?: (spec: FaultSpec) => void) {
    this.#spec = spec;
    this.#clock = clock;
    this.#startedAtMs = clock.nowMs();
    this.#onStruck = onStruck;
  }

  /** What becomes of the next item; call it once for each. */
  next(): FaultStep {
    const spec = this.#due();
    // Garbage comes once; what follows is healthy, so that a client which survives it can go on.
    const isOver = spec?.kind === 'garbage' && this.#struck;
    const step = spec === undefined || isOver ? SEND : this.#strike(spec);
    if (step.kind === 'send' || step.kind === 'slow' || step.kind === 'garbage') this.#items += 1;
    return step;
  }

  /** For moments at which no item is sent: whether the request is stalled, dropped or refused by now. */
  peek(): FaultStep {
    const spec = this.#due();
    return spec === undefined || spec.kind === 'garbage' || spec.kind === 'slow' ? SEND : this.#strike(spec);
  }

  #due(): FaultSpec | undefined {
    const spec = this.#spec;
    if (spec === undefined || this.#items < spec.afterItems) return undefined;
    return this.#clock.nowMs() - this.#startedAtMs < spec.afterMs ? undefined : spec;
  }

  #strike(spec: FaultSpec): FaultStep {
    if (!this.#struck) this.#onStruck?.(spec);
    this.#struck = true;
    return { kind: spec.kind, spec };
  }
}
