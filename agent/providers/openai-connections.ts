/**
 * Connections to one provider that are open before a request needs one: no handshake stands between a turn and its answer.
 */
import { type BodyTap, Line } from './openai-line.js';

export interface ConnectionsOptions {
  /** Of the API, e.g. `https://api.openai.com/v1`. */
  readonly baseUrl: string;
  readonly apiKey: string;
  /** Idle connections kept open. An aborted answer costs its connection; a spare is there, and another one is opened. */
  readonly spares: number;
}

/** Connections at once, idle ones included; above what speculation, a hedge and spares need together. */
const MAX_LINES = 16;
/** An idle connection is used for a ping this long after its last use, in ms; below the 60 s of common load balancers. */
const PING_AFTER_MS = 45_000;
/** What a server says it keeps is cut by this, in ms: a ping must arrive before the end, not at it. */
const PING_AHEAD_MS = 1_500;
/** How soon a ping that would take the last idle connection is tried again, in ms. */
const PING_LATER_MS = 500;
const PING_TIMEOUT_MS = 4_000;
const FIRST_REOPEN_MS = 100;
const LONGEST_REOPEN_MS = 10_000;

/** Opens nothing before {@link warm} or the first request. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #origin: URL;
  readonly #lines = new Set<Line>();
  readonly #timers = new Map<Line, NodeJS.Timeout>();
  /** Connections in a row that could not be opened. */
  #failures = 0;
  #reopening: NodeJS.Timeout | undefined;
  #isWarm = false;
  #isClosed = false;

  constructor(options: ConnectionsOptions) {
    this.#options = options;
    this.#origin = new URL(options.baseUrl);
  }

  /** Opens the spares, and keeps them open from now on. Returns at once. */
  warm(): void {
    this.#isWarm = true;
    this.#fill();
  }

  /** Connections that are open and idle. */
  get spares(): number {
    return [...this.#lines].filter((line) => line.isFree && line.isOpen).length;
  }

  /**
   * `fetch` over one of these connections.
   * @param onConnection - Told once whether the connection was open before.
   * @param tap - Follows the answer as it comes; told `over` in any case.
   * @throws the connection's error or the reason of `init.signal`; an error when too many requests are under way.
   */
  async send(
    input: string | URL | Request,
    init: RequestInit = {},
    { tap, onConnection }: { tap?: BodyTap; onConnection?: (wasOpen: boolean) => void } = {},
  ): Promise<Response> {
    const url = new URL(input instanceof Request ? input.url : input);
    const line = this.#take(url);
    if (line === undefined) {
      tap?.over();
      throw new Error(this.#isClosed ? 'The connections are closed.' : `More than ${MAX_LINES} requests at once.`);
    }
    onConnection?.(line.isOpen);
    const answer = line.send(url, init, tap);
    this.warm();
    return answer;
  }

  /** Ends every connection, with the requests on them. May be called twice. */
  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#reopening);
    for (const timer of this.#timers.values()) clearTimeout(timer);
    this.#timers.clear();
    for (const line of this.#lines) line.close();
  }

  #take(url: URL): Line | undefined {
    if (this.#isClosed) return undefined;
    if (url.origin !== this.#origin.origin) throw new Error('A request for another server than its provider.');
    const free = [...this.#lines].filter((line) => line.isFree);
    // One whose handshake has begun is open sooner than one that is yet to be opened.
    const line = free.find((candidate) => candidate.isOpen) ?? free[0] ?? this.#open();
    if (line !== undefined) this.#unset(line);
    return line;
  }

  #open(): Line | undefined {
    if (this.#lines.size >= MAX_LINES) return undefined;
    const line = new Line(this.#origin, {
      onOpen: () => {
        this.#failures = 0;
      },
      onIdle: (idle) => this.#await(idle),
      onClosed: (closed, isFailure) => {
        this.#lines.delete(closed);
        this.#unset(closed);
        if (isFailure) this.#failures += 1;
        this.#fill();
      },
    });
    this.#lines.add(line);
    return line;
  }

  #fill(): void {
    if (!this.#isWarm || this.#isClosed) return;
    clearTimeout(this.#reopening);
    if (this.#failures > 0) {
      const delayMs = Math.min(LONGEST_REOPEN_MS, FIRST_REOPEN_MS * 2 ** Math.min(10, this.#failures - 1));
      this.#reopening = setTimeout(() => this.#openMissing(), delayMs).unref();
    } else this.#openMissing();
  }

  #openMissing(): void {
    let missing = this.#options.spares - [...this.#lines].filter((line) => line.isFree).length;
    while (missing > 0 && this.#open() !== undefined) missing -= 1;
  }

  /** Sees that an idle connection is used again before its server closes it. */
  #await(line: Line): void {
    const delayMs = Math.max(PING_LATER_MS, Math.min(PING_AFTER_MS, line.idleLimitMs - PING_AHEAD_MS));
    this.#set(line, delayMs);
  }

  #set(line: Line, delayMs: number): void {
    this.#unset(line);
    if (this.#isClosed) return;
    this.#timers.set(line, setTimeout(() => this.#ping(line), delayMs).unref());
  }

  #unset(line: Line): void {
    clearTimeout(this.#timers.get(line));
    this.#timers.delete(line);
  }

  #ping(line: Line): void {
    if (!line.isFree) return;
    const { spares, apiKey, baseUrl } = this.#options;
    if (this.spares > spares + 1) {
      line.close();
      return;
    }
    if (this.spares === 1 && spares > 1) {
      this.#set(line, PING_LATER_MS);
      return;
    }
    const headers = { Authorization: `Bearer ${apiKey}` };
    const signal = AbortSignal.timeout(PING_TIMEOUT_MS);
    // Any answer keeps it open; without one the line closes, and another is opened.
    line
      .send(new URL(`${baseUrl.replace(/\/+$/, '')}/models`), { headers, signal })
      .then((answer) => answer.arrayBuffer())
      .catch(() => line.close());
  }
}
