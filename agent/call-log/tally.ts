/** Durations of many turns by what they are of. Pure. */
import { STAGE_NAMES, type TurnStages } from '../../wire/turn.js';
import { type Component, driftOf } from '../config/expected-latencies.js';
import type { ExpectedOf } from './expected.js';
import { type Quantiles, quantiles } from './figures.js';
import { stagesOf, type TurnRow } from './turn-row.js';

export type Stage = keyof TurnStages;
export const STAGES: readonly Stage[] = STAGE_NAMES.map(([stage]) => stage);

/** What of a provider is measured, by the name it has in reports. */
export const PROVIDER_FIGURES = ['STT final', 'LLM first token', 'TTS first byte', 'TTS first sound'] as const;
export type ProviderFigure = (typeof PROVIDER_FIGURES)[number];
/** Figures of which something is expected. */
const COMPONENT_OF: Readonly<Partial<Record<ProviderFigure, Component>>> = {
  'STT final': 'stt',
  'LLM first token': 'llm',
  'TTS first byte': 'tts',
};

/** All durations in ms. Answers that came too soon are counted, and are in no percentile: their delay is no merit. */
export interface Figures {
  readonly turns: number;
  /** End of speech to first sound, on the worker's clock, and as clients heard it. */
  readonly response?: Quantiles | undefined;
  readonly heard?: Quantiles | undefined;
  /** What was waited for; per turn they add up to the response. */
  readonly stages: readonly { readonly stage: Stage; readonly waited: Quantiles }[];
  /** What each took by itself. */
  readonly providers: readonly (ProviderKey & Expected & { readonly took: Quantiles })[];
}

/** What was expected of a provider, in ms; absent where nothing is. */
interface Expected {
  readonly expectedMs?: number;
  /** The median less that: below 0 it was faster. Absent of too few turns. */
  readonly driftMs?: number;
}

interface ProviderKey {
  readonly figure: ProviderFigure;
  readonly provider: string;
  readonly model: string;
}

/** Most different models of one report: names come from settings, but a database may hold any. */
const MODELS_MAX = 200;

export class Tally {
  #turns = 0;
  readonly #response: number[] = [];
  readonly #heard: number[] = [];
  readonly #stages = new Map<Stage, number[]>(STAGES.map((stage) => [stage, []]));
  readonly #providers = new Map<string, { readonly key: ProviderKey; readonly took: number[] }>();

  add(row: TurnRow): void {
    this.#turns += 1;
    if (row.superseded_by !== null) return;
    if (row.response_ms !== null) this.#response.push(row.response_ms);
    if (row.heard_ms !== null) this.#heard.push(row.heard_ms);
    const stages = stagesOf(row);
    if (stages !== undefined) for (const [stage, values] of this.#stages) values.push(stages[stage]);
    this.#addProvider('STT final', row.stt_provider, row.stt_model, row.stt_final_ms);
    this.#addProvider('LLM first token', row.llm_provider, row.llm_model, row.llm_ttft_ms);
    this.#addProvider('TTS first byte', row.tts_provider, row.tts_model, row.tts_ttfb_ms);
    this.#addProvider('TTS first sound', row.tts_provider, row.tts_model, row.tts_first_sound_ms);
  }

  /** Takes over what another has. */
  join(other: Tally): void {
    this.#turns += other.#turns;
    append(this.#response, other.#response);
    append(this.#heard, other.#heard);
    for (const [stage, values] of this.#stages) append(values, other.#stages.get(stage) ?? []);
    for (const { key, took } of other.#providers.values()) append(this.#took(key), took);
  }

  figures(expectedOf: ExpectedOf): Figures {
    const providers = [...this.#providers.values()].flatMap(({ key, took }) => {
      const found = quantiles(took);
      return found === undefined ? [] : [{ ...key, took: found, ...expectation(key, took, expectedOf) }];
    });
    return {
      turns: this.#turns,
      response: quantiles(this.#response),
      heard: quantiles(this.#heard),
      stages: STAGES.flatMap((stage) => {
        const waited = quantiles(this.#stages.get(stage) ?? []);
        return waited === undefined ? [] : [{ stage, waited }];
      }),
      providers: providers.toSorted((a, b) => orderOf(a) - orderOf(b) || b.took.turns - a.took.turns),
    };
  }

  #addProvider(figure: ProviderFigure, provider: string | null, model: string | null, ms: number | null): void {
    if (provider !== null && model !== null && ms !== null) this.#took({ figure, provider, model }).push(ms);
  }

  #took(key: ProviderKey): number[] {
    const name = `${key.figure} ${key.provider}/${key.model}`;
    const known = this.#providers.get(name);
    if (known !== undefined) return known.took;
    if (this.#providers.size >= MODELS_MAX) return [];
    const took: number[] = [];
    this.#providers.set(name, { key, took });
    return took;
  }
}

function expectation({ figure, provider, model }: ProviderKey, took: readonly number[], of: ExpectedOf): Expected {
  const component = COMPONENT_OF[figure];
  if (component === undefined) return {};
  const expectedMs = of(component, provider, model);
  const driftMs = driftOf(expectedMs, took);
  return { expectedMs, ...(driftMs !== undefined && { driftMs }) };
}

/** `push(...values)` would put all of them on the stack. */
function append(values: number[], others: readonly number[]): void {
  for (const other of others) values.push(other);
}

function orderOf({ figure }: ProviderKey): number {
  return PROVIDER_FIGURES.indexOf(figure);
}
