/**
 * One reply, asked of as many providers as it takes: exactly one of them is given on.
 */
import type { llm } from '@livekit/agents';
import type { Clock } from '../conversation/clock.js';
import type { ResilienceSwitches } from '../resilience/switches.js';
import type { Measurements } from '../telemetry/metrics.js';
import type { AnsweredBy } from '../turn/answered-by.js';
import { Attempt, isAnswer, type ReplyRequest } from './reply-attempt.js';
import { type ProviderRequestError, ReplyError } from './reply-errors.js';
import { ReplyOutput } from './reply-output.js';
import { type Asked, nextMove } from './reply-plan.js';
import type { ReplyProvider } from './reply-provider.js';

/** What a reply cost, every request made for it included. */
export interface ReplyUsage {
  readonly promptTokens: number;
  readonly cachedTokens: number;
  readonly completionTokens: number;
}

/**
 * The chunks of one reply; for one reader. The iteration ends early without an error when cancelled.
 * @throws ReplyError from the iteration when no provider answered, or one broke off in the middle.
 */
export interface ReplyStream extends AsyncIterable<llm.ChatChunk> {
  /** When a provider was asked first, in ms on the call's clock; `undefined` where none was. */
  readonly requestedAtMs: number | undefined;
  /** Whose answer the chunks are; known from the first of them on. */
  readonly answeredBy: AnsweredBy | undefined;
  /** Ends it; every provider sees its request aborted at once. May be called twice. */
  cancel(): void;
  /** The turn of a speculative reply was committed: from now on it may be hedged. */
  promote(): void;
  /**
   * Resolves when it is over or cancelled and nothing more can come: completion tokens exactly, those too of answers that
   * were cancelled or lost; their prompt tokens are an estimate, since no provider tells them.
   */
  readonly usage: Promise<ReplyUsage>;
}

export interface RaceParts {
  readonly providers: readonly ReplyProvider[];
  readonly switches: ResilienceSwitches;
  readonly clock: Clock;
  readonly measurements: Measurements;
  readonly onError: (provider: string, kind: string, error: Error) => void;
  /** Told of the first request: speculative ones are paid for, too. */
  readonly noteRequest: () => void;
  readonly mayHedge: () => boolean;
  readonly noteHedge: () => void;
}

type Entry = { readonly attempt: Attempt; asked: Asked; readonly held: llm.ChatChunk[] };

export class ReplyRace implements ReplyStream {
  readonly usage: Promise<ReplyUsage>;
  readonly #parts: RaceParts;
  readonly #request: ReplyRequest;
  readonly #output: ReplyOutput<llm.ChatChunk>;
  readonly #entries: Entry[] = [];
  readonly #over: Promise<void>;
  #endUsage: () => void = () => undefined;
  #chosen: Entry | undefined;
  #isSpeculative: boolean;
  #isWorthRepeating = true;
  #lastError: ProviderRequestError | undefined;
  #given = { characters: 0, toolCalls: 0, chunks: 0 };
  readonly #uncountedHedges = new Set<Entry>();
  #timer: NodeJS.Timeout | undefined;
  #isOver = false;

  constructor(request: ReplyRequest, parts: RaceParts) {
    this.#request = request;
    this.#parts = parts;
    this.#isSpeculative = request.isSpeculative;
    this.#output = new ReplyOutput(() => this.cancel());
    this.#over = new Promise((resolve) => {
      this.#endUsage = resolve;
    });
    this.usage = this.#count();
    this.#step();
  }

  [Symbol.asyncIterator](): AsyncIterator<llm.ChatChunk> {
    return this.#output[Symbol.asyncIterator]();
  }

  get requestedAtMs(): number | undefined {
    return this.#entries[0]?.asked.askedAtMs;
  }

  get answeredBy(): AnsweredBy | undefined {
    if (this.#chosen === undefined) return undefined;
    const { attempt, asked } = this.#chosen;
    return { provider: attempt.provider.settings.provider, model: attempt.model, askedAtMs: asked.askedAtMs };
  }

  promote(): void {
    if (!this.#isSpeculative || this.#isOver) return;
    this.#isSpeculative = false;
    if (this.#chosen === undefined) this.#step();
  }

  cancel(): void {
    if (this.#isOver) return;
    for (const entry of this.#waiting()) {
      entry.attempt.cancel();
      if (entry !== this.#chosen) entry.attempt.provider.noteNothing();
    }
    this.#finish();
  }

  /** Does what is due, and arms the timer for what will be. */
  #step(): void {
    for (;;) {
      if (this.#isOver || this.#chosen !== undefined) return;
      const { providers, switches, clock, mayHedge } = this.#parts;
      const isHedgeWanted = switches.hedging && !this.#isSpeculative;
      const isPaidFor = mayHedge();
      const move = nextMove(
        {
          asked: this.#entries.map(({ asked }) => asked),
          providers: providers.map(({ allows, isWell }) => ({ allows, isWell })),
          fallback: switches.fallback,
          mayHedge: isHedgeWanted && isPaidFor,
          mayHedgeLater: isHedgeWanted && !isPaidFor,
          isWorthRepeating: this.#isWorthRepeating,
        },
        clock.nowMs(),
      );
      switch (move.kind) {
        case 'ask':
          this.#ask(move.provider, move.why);
          break;
        case 'expire':
          this.#entries[move.index]?.attempt.fail('timeout');
          return; // Its failure has made the next step.
        case 'wait':
          this.#arm(move.untilMs - clock.nowMs(), () => this.#step());
          return;
        case 'give-up': {
          const code = this.#entries.length === 0 ? 'unavailable' : 'failed';
          this.#finish(new ReplyError(code, this.#given, this.#lastError));
          return;
        }
      }
    }
  }

  #ask(index: number, why: 'first' | 'hedge' | 'failover'): void {
    const { providers, switches, clock, measurements, noteRequest, noteHedge } = this.#parts;
    const provider = providers[index];
    if (provider === undefined) throw new RangeError(`There is no provider ${index}.`);
    if (why === 'failover') measurements.count('turnwise_failovers_total', { component: 'llm' });
    const isHedge = why === 'hedge';
    // Before its deadline is asked for, which goes by what is left.
    if (why === 'first') noteRequest();
    if (isHedge) noteHedge();
    const asked: Asked = {
      provider: index,
      askedAtMs: clock.nowMs(),
      isHedge,
      state: 'waiting',
      ...provider.deadlines(switches.deadlines, isHedge),
    };
    const attempt = new Attempt(provider, this.#request, {
      onFirst: (from) => this.#choose(from),
      onToken: (from) => this.#noteToken(from),
      onChunk: (from, chunk) => this.#noteChunk(from, chunk),
      onEnd: () => this.#finish(),
      onFailed: (from, error) => this.#noteFailed(from, error),
    });
    const entry: Entry = { attempt, asked, held: [] };
    this.#entries.push(entry);
    if (isHedge) this.#uncountedHedges.add(entry);
  }

  #choose(attempt: Attempt): void {
    const winner = this.#entryOf(attempt);
    if (this.#isOver || this.#chosen !== undefined || winner === undefined) return;
    this.#chosen = winner;
    const nowMs = this.#parts.clock.nowMs();
    attempt.provider.noteLatency(attempt.model, nowMs - winner.asked.askedAtMs);
    for (const loser of this.#waiting()) {
      if (loser === winner) continue;
      loser.attempt.cancel();
      loser.attempt.provider.noteNothing();
      // It took at least as long: without this, whoever loses every race would look fast for ever.
      const { provider, model } = loser.attempt;
      if (!loser.asked.isHedge) provider.noteLatency(model, nowMs - loser.asked.askedAtMs);
      loser.asked = { ...loser.asked, state: 'failed' };
    }
    this.#countHedges(winner);
    for (const chunk of winner.held) this.#give(chunk);
    this.#noteToken(attempt);
  }

  #noteToken(attempt: Attempt): void {
    if (this.#chosen?.attempt !== attempt || this.#isOver) return;
    this.#arm(attempt.provider.idleMs, () => attempt.fail('stall'));
  }

  #noteChunk(attempt: Attempt, chunk: llm.ChatChunk): void {
    if (this.#chosen?.attempt === attempt) this.#give(chunk);
    else if (this.#chosen === undefined) this.#entryOf(attempt)?.held.push(chunk);
  }

  #noteFailed(attempt: Attempt, error: ProviderRequestError): void {
    const entry = this.#entryOf(attempt);
    if (this.#isOver || entry === undefined) return;
    const { provider } = attempt.provider.settings;
    this.#parts.onError(provider, `llm-${error.kind}`, error);
    this.#lastError = error;
    this.#isWorthRepeating = error.isProviders;
    entry.asked = { ...entry.asked, state: 'failed' };
    if (this.#chosen === entry) {
      if (this.#given.chunks > 0) {
        this.#finish(new ReplyError('broken', this.#given, error));
        return;
      }
      // A tool call had begun, and nobody was told of it.
      this.#chosen = undefined;
    }
    this.#step();
  }

  #give(chunk: llm.ChatChunk): void {
    const { delta } = chunk;
    // Behind white space a reply can still be begun again.
    if (isAnswer(chunk)) this.#given.chunks += 1;
    this.#given.characters += delta?.content?.length ?? 0;
    this.#given.toolCalls += delta?.toolCalls?.length ?? 0;
    this.#output.put(chunk);
  }

  #finish(error?: ReplyError): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#timer);
    this.#countHedges();
    this.#output.end(error);
    this.#endUsage();
  }

  /** Each once. `second`: it won itself; `first`: another did; `none`: the reply failed or was cancelled before any came. */
  #countHedges(winner?: Entry): void {
    for (const hedge of this.#uncountedHedges) {
      const won = hedge === winner ? 'second' : winner === undefined ? 'none' : 'first';
      this.#parts.measurements.count('turnwise_hedges_total', { component: 'llm', winner: won });
    }
    this.#uncountedHedges.clear();
  }

  #arm(delayMs: number, ring: () => void): void {
    clearTimeout(this.#timer);
    // Rounded up: a timer that rings early would find nothing due and ring again at once.
    this.#timer = setTimeout(ring, Math.max(1, Math.ceil(delayMs)));
  }

  #waiting(): Entry[] {
    return this.#entries.filter(({ asked }) => asked.state === 'waiting');
  }

  #entryOf(attempt: Attempt): Entry | undefined {
    return this.#entries.find((entry) => entry.attempt === attempt);
  }

  async #count(): Promise<ReplyUsage> {
    await this.#over;
    const all = await Promise.all(this.#entries.map(({ attempt }) => attempt.usage));
    return all.reduce<ReplyUsage>(
      (sum, one) => ({
        promptTokens: sum.promptTokens + one.promptTokens,
        cachedTokens: sum.cachedTokens + one.cachedTokens,
        completionTokens: sum.completionTokens + one.completionTokens,
      }),
      { promptTokens: 0, cachedTokens: 0, completionTokens: 0 },
    );
  }
}
