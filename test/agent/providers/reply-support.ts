/** The reply model against the scripted engine over HTTP, and what it told. */
import { llm } from '@livekit/agents';
import { beforeAll } from 'vitest';
import { systemClock } from '../../../agent/conversation/clock.js';
import {
  ReplyModel,
  type ReplyModelOptions,
  type ReplyRequest,
  type ReplyStream,
} from '../../../agent/providers/reply-model.js';
import type { ReplyDeadlines } from '../../../agent/providers/reply-provider.js';
import type { ResilienceSwitches } from '../../../agent/resilience/switches.js';
import type { Measurements } from '../../../agent/telemetry/metrics.js';
import { scriptedEngine } from '../../local-providers/scripted-engine.js';
import type { RunningProviders } from '../../local-providers/support.js';

/** Counts by metric name and labels, e.g. `turnwise_hedges_total llm second`. */
export class CountedMeasurements implements Measurements {
  readonly counts: Record<string, number> = {};

  observe(): void {}

  count(name: string, labels: Readonly<Record<string, string>>, by = 1): void {
    const key = [name, ...Object.values(labels)].join(' ');
    this.counts[key] = (this.counts[key] ?? 0) + by;
  }
}

export const ALL_ON: ResilienceSwitches = { deadlines: true, hedging: true, fallback: true, hedgeShare: 0.1 };

/** So short that a test of what is late is over in a moment. */
export const QUICK: ReplyDeadlines = {
  late: { initialMs: 60, leastMs: 30, mostMs: 100 },
  failsLeastMs: 500,
  failsMostMs: 500,
  endsMs: 500,
  idleMs: 150,
};

export interface Told {
  readonly model: ReplyModel;
  readonly counts: Record<string, number>;
  /** Kinds of errors in order. */
  readonly errors: string[];
}

/** @param calls - One provider for each: the scripted engine knows them apart by their keys. */
export function replyModel(
  url: string,
  calls: readonly string[],
  {
    switches = {},
    ...rest
  }: { switches?: Partial<ResilienceSwitches> } & Partial<Omit<ReplyModelOptions, 'switches'>> = {},
): Told {
  const measurements = new CountedMeasurements();
  const errors: string[] = [];
  const model = new ReplyModel({
    providers: calls.map((call) => ({
      provider: 'openai',
      model: `model-of-${call}`,
      baseUrl: `${url}/v1`,
      apiKey: `key:${call}`,
    })),
    switches: { ...ALL_ON, ...switches },
    clock: systemClock,
    measurements,
    onError: (_provider, kind) => errors.push(kind),
    ...rest,
  });
  return { model, counts: measurements.counts, errors };
}

export function asking(content: string, more: Partial<ReplyRequest> = {}): ReplyRequest {
  const chatCtx = llm.ChatContext.empty();
  chatCtx.addMessage({ role: 'user', content });
  return { items: chatCtx.items, tools: llm.ToolContext.empty(), maxTokens: 150, isSpeculative: false, ...more };
}

export interface Heard {
  readonly text: string;
  readonly toolCalls: readonly llm.FunctionCall[];
  readonly error: Error | undefined;
}

/** Reads a reply to its end, whatever that is. */
export async function hear(stream: ReplyStream): Promise<Heard> {
  let text = '';
  const toolCalls: llm.FunctionCall[] = [];
  try {
    for await (const { delta } of stream) {
      text += delta?.content ?? '';
      toolCalls.push(...(delta?.toolCalls ?? []));
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return { text, toolCalls, error };
  }
  return { text, toolCalls, error: undefined };
}

/** Pays for what the first reply of a process loads, so that no test measures it. */
export async function loadOnce(url: string): Promise<void> {
  const { model } = replyModel(url, ['load'], { switches: { deadlines: false, hedging: false, fallback: false } });
  await hear(model.reply(asking('hi')));
  await model.aclose();
}

export interface ScriptedModels {
  /** From the first test on. */
  readonly providers: RunningProviders;
  /** A model that is closed after its test. */
  readonly open: typeof replyModel;
}

/** For a file of tests: an engine for all of them, whose first reply's cost is paid. */
export function scriptedModels(): ScriptedModels {
  const engine = scriptedEngine<Told>(({ model }) => model.aclose());
  beforeAll(() => loadOnce(engine.providers.url));
  return {
    get providers() {
      return engine.providers;
    },
    open: (...params) => engine.keep(replyModel(...params)),
  };
}
