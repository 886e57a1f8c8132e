/**
 * One trace per call: a span for the call, below it one per turn, below that one per part of the turn. Turns are told while
 * their call goes on, so their spans are complete before the call's own is; it has its id from the beginning.
 */
import {
  type Context,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  SpanStatusCode,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import type { CallRecord } from '../telemetry/call-record.js';
import { callAttributes, planHeard, planTurn, type SpanPlan } from './plan.js';

/** Calls that are followed at once: as many as `MAX_CALLS` may be. One more ends the span of the oldest. */
const OPEN_CALLS_MAX = 1_000;
/** Calls that are remembered past their end, for what is told late. */
const ENDED_CALLS_MAX = 200;
/** Turns of a call that a client's report may still be for, and reports that may wait for their turn. */
const TURNS_MAX = 64;

/** Of the ends that a call may come to (`turnwise_calls_total`), those that nobody on the line had a part in. */
const FAILURES: ReadonlySet<string> = new Set(['failed', 'crashed']);

interface FollowedCall {
  readonly root: Span;
  readonly context: Context;
  /** Of all that was told of it, in ms since 1970: a call that nobody ends ends there. */
  lastUnixMs: number;
  readonly turns: Map<number, { readonly context: Context; readonly heardFromUnixMs?: number }>;
  /** Reports that came before their turns. */
  readonly early: Map<number, Heard>;
}

type Heard = Extract<CallRecord, { type: 'heard' }>;

export class CallTraces {
  readonly #tracer: Tracer;
  readonly #open = new Map<string, FollowedCall>();
  readonly #ended = new Map<string, FollowedCall>();

  constructor(tracer: Tracer) {
    this.#tracer = tracer;
  }

  take(record: CallRecord): void {
    switch (record.type) {
      case 'call-started':
        this.#follow(record.callId, record.startedAtUnixMs, record.profile);
        return;
      case 'turn':
        this.#takeTurn(record);
        return;
      case 'heard':
        this.#takeHeard(record);
        return;
      case 'call-ended': {
        const call = this.#open.get(record.callId);
        if (call === undefined) return;
        call.root.setAttribute('turnwise.outcome', record.outcome);
        if (FAILURES.has(record.outcome)) call.root.setStatus({ code: SpanStatusCode.ERROR });
        this.#end(record.callId, Math.max(call.lastUnixMs, record.endedAtUnixMs));
      }
    }
  }

  /** Ends the spans of calls that nobody has ended. */
  close(): void {
    for (const [callId, { lastUnixMs }] of this.#open) this.#end(callId, lastUnixMs);
  }

  /** @returns The call's trace, begun if its beginning was missed. */
  #follow(callId: string, startedAtUnixMs: number, profile: string | undefined): FollowedCall {
    const known = this.#open.get(callId) ?? this.#ended.get(callId);
    if (known !== undefined) return known;
    const [oldest] = this.#open;
    if (oldest !== undefined && this.#open.size >= OPEN_CALLS_MAX) this.#end(oldest[0], oldest[1].lastUnixMs);
    const attributes = callAttributes(callId, profile);
    const root = this.#tracer.startSpan('call', { root: true, startTime: hrTime(startedAtUnixMs), attributes });
    const context = trace.setSpan(ROOT_CONTEXT, root);
    const call: FollowedCall = { root, context, lastUnixMs: startedAtUnixMs, turns: new Map(), early: new Map() };
    this.#open.set(callId, call);
    return call;
  }

  #end(callId: string, endUnixMs: number): void {
    const call = this.#open.get(callId);
    if (call === undefined) return;
    this.#open.delete(callId);
    call.root.end(hrTime(endUnixMs));
    bound(this.#ended, ENDED_CALLS_MAX);
    this.#ended.set(callId, call);
  }

  #takeTurn(record: Extract<CallRecord, { type: 'turn' }>): void {
    const { turn, startedAtUnixMs } = record;
    const call = this.#follow(turn.callId, startedAtUnixMs, turn.profile);
    if (call.turns.has(turn.turn)) return;
    const plan = planTurn(record);
    const context = this.#draw(plan.turn, call.context);
    for (const part of plan.parts) this.#draw(part, context);
    call.lastUnixMs = Math.max(call.lastUnixMs, plan.turn.endUnixMs);
    bound(call.turns, TURNS_MAX);
    const { heardFromUnixMs } = plan;
    call.turns.set(turn.turn, { context, ...(heardFromUnixMs !== undefined && { heardFromUnixMs }) });
    const early = call.early.get(turn.turn);
    call.early.delete(turn.turn);
    if (early !== undefined) this.#takeHeard(early);
  }

  #takeHeard(record: Heard): void {
    const call = this.#open.get(record.callId) ?? this.#ended.get(record.callId);
    if (call === undefined) return;
    const turn = call.turns.get(record.heard.turn);
    if (turn === undefined) {
      bound(call.early, TURNS_MAX);
      call.early.set(record.heard.turn, record);
      return;
    }
    // A greeting answers nobody.
    if (turn.heardFromUnixMs !== undefined) this.#draw(planHeard(record, turn.heardFromUnixMs), turn.context);
  }

  /** @returns What its children are drawn in. */
  #draw(plan: SpanPlan, parent: Context): Context {
    const { name, attributes, startUnixMs, endUnixMs, events = [], isClient = false, hasFailed = false } = plan;
    const kind = isClient ? SpanKind.CLIENT : SpanKind.INTERNAL;
    const span = this.#tracer.startSpan(name, { kind, startTime: hrTime(startUnixMs), attributes }, parent);
    for (const event of events) span.addEvent(event.name, hrTime(event.atUnixMs));
    if (hasFailed) span.setStatus({ code: SpanStatusCode.ERROR });
    span.end(hrTime(endUnixMs));
    return trace.setSpan(parent, span);
  }
}

/** Makes room for one more: what came first goes first. */
function bound(map: Map<unknown, unknown>, most: number): void {
  const [oldest] = map.keys();
  if (map.size >= most) map.delete(oldest);
}

const NANOSECONDS_PER_MS = 1_000_000;

/** The SDK takes a bare number below its own process's age for a duration since that began. */
export function hrTime(unixMs: number): [seconds: number, nanoseconds: number] {
  const seconds = Math.floor(unixMs / 1_000);
  const nanoseconds = Math.round((unixMs - seconds * 1_000) * NANOSECONDS_PER_MS);
  return nanoseconds < 1_000 * NANOSECONDS_PER_MS ? [seconds, nanoseconds] : [seconds + 1, 0];
}
