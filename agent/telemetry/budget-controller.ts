/** Holds every profile's calls to its budget: the worker's parent sees all turns, decides, and tells its calls. */
import type { Profile } from '../config/profiles.js';
import {
  BUDGET_STEPS,
  type BudgetLadder,
  type BudgetStep,
  GROUND,
  isInForce,
  type LadderSettings,
  type LadderStep,
  noteRest,
  noteTurn,
  stepOf,
} from '../turn/budget-ladder.js';
import type { Metrics } from './metrics.js';

export interface BudgetControllerOptions {
  readonly profiles: Readonly<Record<string, Profile>>;
  /** Whether there is a faster model to change to. */
  readonly hasFasterModel: boolean;
  readonly metrics: Metrics;
  readonly nowMs: () => number;
  /** A profile's calls are to go by another step from now on. */
  readonly onStep: (profile: string, step: BudgetStep, direction: 'up' | 'down') => void;
}

export class BudgetController {
  readonly #options: BudgetControllerOptions;
  readonly #ladders = new Map<string, BudgetLadder>();

  constructor(options: BudgetControllerOptions) {
    this.#options = options;
  }

  /** The step of each profile whose budget is burnt. */
  get steps(): ReadonlyMap<string, BudgetStep> {
    const entries = [...this.#ladders].flatMap(([name, ladder]) => {
      const settings = this.#settingsOf(name);
      return settings === undefined || ladder.at === 0 ? [] : [[name, stepOf(ladder, settings)] as const];
    });
    return new Map(entries);
  }

  /** Whether new calls are to be refused: every profile's calls use the same machine. */
  get refusesCalls(): boolean {
    return [...this.#ladders].some(([name, ladder]) => {
      const settings = this.#settingsOf(name);
      return settings !== undefined && isInForce('refuseCalls', ladder, settings);
    });
  }

  /** Takes in a turn's response latency. @param profile - As the call named it: unknown ones have no budget. */
  note(profile: string, responseMs: number): void {
    const settings = this.#settingsOf(profile);
    if (settings === undefined) return;
    this.#take(profile, noteTurn(this.#ladders.get(profile) ?? GROUND, responseMs, settings, this.#options.nowMs()));
  }

  /** To be called now and then: without turns, steps are taken back. */
  rest(): void {
    for (const [profile, ladder] of this.#ladders) {
      const settings = this.#settingsOf(profile);
      if (settings !== undefined) this.#take(profile, noteRest(ladder, settings, this.#options.nowMs()));
    }
  }

  #settingsOf(name: string): LadderSettings | undefined {
    const { profiles, hasFasterModel } = this.#options;
    const profile = Object.hasOwn(profiles, name) ? profiles[name] : undefined;
    if (profile?.budget === undefined || !profile.techniques['budget-control']) return undefined;
    const steps = BUDGET_STEPS.filter((step) => {
      if (step === 'fasterModel') return hasFasterModel;
      return step !== 'openings' || !profile.techniques.openings;
    });
    return { responseMs: profile.budget.responseMs, steps };
  }

  #take(profile: string, { ladder, changed }: LadderStep): void {
    this.#ladders.set(profile, ladder);
    if (changed === undefined) return;
    const { metrics, onStep } = this.#options;
    metrics.count('turnwise_budget_steps_total', changed);
    metrics.set('turnwise_budget_step', {}, Math.max(...[...this.#ladders.values()].map(({ at }) => at)));
    onStep(profile, changed.step, changed.direction);
  }
}
