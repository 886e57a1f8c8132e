import { BoundedMap } from '../bounded-map.js';
import type { Clock } from '../clock.js';
import { FaultPlan, type FaultSource } from '../faults.js';
import { DEFAULT_CALL } from '../ledger.js';
import { seededRandom } from '../random.js';
import { type Drawing, PairedDraws } from './draws.js';
import type { RecordingLibrary } from './labels.js';
import { PRESETS, type PresetName, type Timing } from './latency.js';
import type { Reply, ScriptBody, ScriptTurn } from './script.js';
import { makeTemplate, type Template } from './template.js';

/** What is scripted for one call, and how far the call has come. */
export interface CallScript {
  /** A turn without words and sound has no template; any sound passes for it. */
  readonly turns: (Template | undefined)[];
  readonly replies: Reply[];
  greeting: string | undefined;
  timing: Timing;
  seed: number;
  faults: FaultPlan | undefined;
  /** Turns that some stream of the call has heard to their end. */
  turnsHeard: number;
  /** Draws made, so that each gets its own seed. */
  draws: number;
  /** Draws by what is asked for, where the script wants those. */
  paired: PairedDraws | undefined;
}

/** Names a recording that the data folder does not have. */
export class UnknownRecordingError extends Error {
  readonly code = 'UNKNOWN_RECORDING';
  readonly retryable = false;
}

/** Scripts by call; calls unused for an hour are forgotten. */
export class ScriptStore implements FaultSource {
  readonly #scripts: BoundedMap<CallScript>;
  readonly #library: RecordingLibrary | undefined;
  readonly #logProblem: (problem: string) => void;
  #timing: Timing;
  #seed: number;
  #isPaired = false;
  #faults: FaultPlan | undefined;

  constructor(options: {
    clock: Clock;
    preset: PresetName;
    seed: number;
    library?: RecordingLibrary | undefined;
    logProblem?: (problem: string) => void;
  }) {
    this.#scripts = new BoundedMap(options.clock, { maxEntries: 2_000, idleMs: 3_600_000 });
    this.#timing = PRESETS[options.preset];
    this.#seed = options.seed;
    this.#library = options.library;
    this.#logProblem = options.logProblem ?? (() => undefined);
  }

  /** The call's script; a call nobody scripted gets the recording of its name, if there is one, and echoes otherwise. */
  of(callKey: string = DEFAULT_CALL): CallScript {
    const known = this.#scripts.get(callKey);
    if (known !== undefined) return known;
    const script = this.#empty();
    this.#scripts.set(callKey, script);
    if (this.#library?.has(callKey) === true) {
      this.#library.load(callKey).then(
        (template) => script.turns.push(template),
        (error: unknown) => this.#logProblem(error instanceof Error ? error.message : String(error)),
      );
    }
    return script;
  }

  /**
   * Takes what `POST /script` was given.
   * @throws UnknownRecordingError when a turn names a recording that is not there; nothing has changed then.
   */
  async apply(body: ScriptBody): Promise<{ turns: number; replies: number }> {
    const turns = await Promise.all(
      (body.turns ?? (body.words === undefined ? [] : [{ words: body.words, envelopeDbfs: body.envelopeDbfs }])).map(
        (turn) => this.#templateOf(turn),
      ),
    );
    if (body.call === '*') return this.#applyToAll(body);
    const known = body.append ? this.#scripts.get(body.call) : undefined;
    const script = known ?? this.#empty();
    script.turns.push(...turns);
    script.replies.push(...(body.replies ?? []));
    if (body.greeting !== undefined) script.greeting = body.greeting;
    if (body.seed !== undefined) script.seed = body.seed;
    if (body.paired !== undefined) script.paired = body.paired ? new PairedDraws() : undefined;
    if (body.preset !== undefined) script.timing = PRESETS[body.preset];
    script.timing = { ...script.timing, ...defined(body.timing ?? {}) };
    if (body.faults !== undefined) script.faults = new FaultPlan(body.faults, `${script.seed} ${body.call}`);
    this.#scripts.set(body.call, script);
    return { turns: script.turns.length, replies: script.replies.length };
  }

  find(callKey: string): CallScript | undefined {
    return this.#scripts.get(callKey);
  }

  forget(callKey: string): boolean {
    return this.#scripts.delete(callKey);
  }

  draw(...[component, phase, callKey]: Parameters<FaultSource['draw']>): ReturnType<FaultSource['draw']> {
    return (
      this.#scripts.get(callKey ?? DEFAULT_CALL)?.faults?.draw(component, phase) ?? this.#faults?.draw(component, phase)
    );
  }

  /** A source of numbers for one stream, request or synthesis: the same call, in the same order, draws the same. */
  randomFor(callKey: string = DEFAULT_CALL): () => number {
    const script = this.of(callKey);
    script.draws += 1;
    return seededRandom(script.seed, callKey, script.draws);
  }

  /** The same for one request: by what it is for where the call's draws are paired, else by its place among the call's requests. */
  randomForRequest(...request: Parameters<ScriptStore['pairedRandomFor']>): () => number {
    return this.pairedRandomFor(...request) ?? this.randomFor(request[0]);
  }

  /**
   * The same for what one request is for; `undefined` where the call's draws are not paired.
   * @param about - What is asked for, from the call's draws.
   */
  pairedRandomFor(
    callKey: string | undefined,
    drawing: Drawing,
    about: (draws: PairedDraws) => string,
  ): (() => number) | undefined {
    const { paired, seed } = this.of(callKey);
    return paired?.next(seed, drawing, about(paired));
  }

  #applyToAll(body: ScriptBody): { turns: number; replies: number } {
    if (body.preset !== undefined) this.#timing = PRESETS[body.preset];
    this.#timing = { ...this.#timing, ...defined(body.timing ?? {}) };
    if (body.seed !== undefined) this.#seed = body.seed;
    if (body.paired !== undefined) this.#isPaired = body.paired;
    if (body.faults !== undefined) this.#faults = new FaultPlan(body.faults, this.#seed);
    return { turns: 0, replies: 0 };
  }

  #empty(): CallScript {
    return {
      turns: [],
      replies: [],
      greeting: undefined,
      timing: this.#timing,
      seed: this.#seed,
      faults: undefined,
      turnsHeard: 0,
      draws: 0,
      paired: this.#isPaired ? new PairedDraws() : undefined,
    };
  }

  #templateOf(turn: ScriptTurn): Promise<Template | undefined> | Template | undefined {
    if (turn.recording === undefined) return makeTemplate(turn.words ?? [], turn.envelopeDbfs);
    if (this.#library?.has(turn.recording) === true) return this.#library.load(turn.recording);
    throw new UnknownRecordingError(
      `There is no recording "${turn.recording}". ${
        this.#library === undefined
          ? 'Set SCRIPT_DATA_DIR to the folder of recordings.'
          : 'Look at the manifests in SCRIPT_DATA_DIR.'
      }`,
    );
  }
}

/** Without the keys that are `undefined`, which would otherwise hide the preset's. */
function defined<Shape extends object>(shape: Shape): { [Key in keyof Shape]: Exclude<Shape[Key], undefined> } {
  return Object.fromEntries(Object.entries(shape).filter(([, value]) => value !== undefined)) as {
    [Key in keyof Shape]: Exclude<Shape[Key], undefined>;
  };
}
