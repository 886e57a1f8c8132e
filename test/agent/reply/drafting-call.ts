/** The drafts of a call over the scripted engine, and what a framework would hear of them. */
import { llm } from '@livekit/agents';
import type { AudioFrame } from '@livekit/rtc-node';
import { PROFILES, type Profile, withoutTechniques } from '../../../agent/config/profiles.js';
import { systemClock } from '../../../agent/conversation/clock.js';
import type { Phrase } from '../../../agent/phrases/phrase.js';
import type { Draft, Opening } from '../../../agent/reply/draft.js';
import { Drafts } from '../../../agent/reply/drafts.js';
import type { SpeculationOutcome } from '../../../agent/turn/speculation.js';
import { scriptedEngine } from '../../local-providers/scripted-engine.js';
import type { RunningProviders } from '../../local-providers/support.js';
import { CountedMeasurements, replyModel } from '../providers/reply-support.js';
import { startVoice, type TestVoice } from '../providers/voice-support.js';

export interface DraftingCall {
  readonly drafts: Drafts;
  readonly counts: Readonly<Record<string, number>>;
  readonly outcomes: readonly SpeculationOutcome[];
  close(): Promise<void>;
}

/**
 * @param call - A provider of each leg; several: whom to ask one after the other.
 * @param apology - What is said where a provider has failed for good.
 */
export function startDrafting(
  providers: RunningProviders,
  call: string | readonly string[],
  over: Partial<Profile> = {},
  apology: () => Phrase | undefined = () => phraseOf('Sorry.'),
): DraftingCall {
  const calls = [call].flat();
  const { model } = replyModel(providers.url, calls);
  const { voice }: TestVoice = startVoice(providers, calls);
  const measurements = new CountedMeasurements();
  const outcomes: SpeculationOutcome[] = [];
  const drafts = new Drafts({
    model,
    voice,
    profile: { ...withoutTechniques(PROFILES.excellent, ['hedging']), ...over },
    clock: systemClock,
    measurements,
    onSaying: () => undefined,
    onReady: () => undefined,
    apology,
    onSpeculated: (outcome) => outcomes.push(outcome),
  });
  return {
    drafts,
    counts: measurements.counts,
    outcomes,
    close: async () => {
      drafts.close();
      await Promise.all([model.aclose(), voice.close()]);
    },
  };
}

/** Providers that answer within some ms, and speak ten times as fast as people. */
export const FAST = { llmTtft: 5, llmPerToken: 1, ttsTtfb: 5, ttsCharactersPerSecond: 400 };

export interface ScriptedDrafts {
  /** From the first test on. */
  readonly providers: RunningProviders;
  /** Drafts that are closed after their test. */
  readonly open: (...params: DraftingParams) => DraftingCall;
}

type DraftingParams = Parameters<typeof startDrafting> extends [unknown, ...infer Rest] ? Rest : never;

/** For a file of tests: an engine for all of them. */
export function scriptedDrafts(): ScriptedDrafts {
  const engine = scriptedEngine<DraftingCall>((call) => call.close());
  return {
    get providers() {
      return engine.providers;
    },
    open: (...params) => engine.keep(startDrafting(engine.providers, ...params)),
  };
}

/** 100 ms of a tone for every phrase. */
export function phraseOf(text: string): Phrase {
  const samples = Int16Array.from({ length: 2_400 }, (_, index) => Math.round(8_000 * Math.sin(index / 5)));
  return { text, samples, words: [{ word: text, endMs: 100 }] };
}

export function openingOf(text: string): Opening {
  return { phrase: phraseOf(text), text: `${text} ` };
}

/** A conversation that ends with these words. */
export function order(
  said: string,
  { before = [] as readonly llm.ChatItem[], tools = [] as readonly llm.ToolContextEntry[] } = {},
) {
  const user = llm.ChatMessage.create({ role: 'user', content: said });
  return { items: [...before, user], tools: new llm.ToolContext(tools), maxTokens: 150, isBrief: false };
}

export interface Said {
  readonly text: string;
  readonly toolCalls: readonly string[];
  /** Arguments of each, as JSON. */
  readonly toolArguments: readonly string[];
  /** Sound of it, in ms. */
  readonly soundMs: number;
}

/** Reads a draft as the framework does: its text first, and its voice beside it. */
export async function hearDraft(draft: Draft): Promise<Said> {
  const sound = soundOf(draft.frames);
  let text = '';
  const calls: llm.FunctionCall[] = [];
  for await (const chunk of draft.stream()) {
    if (typeof chunk === 'string') text += chunk;
    else calls.push(...(chunk.delta?.toolCalls ?? []));
  }
  return {
    text,
    toolCalls: calls.map(({ name }) => name),
    toolArguments: calls.map(({ args }) => args),
    soundMs: await sound,
  };
}

async function soundOf(frames: ReadableStream<AudioFrame> | Draft['frames']): Promise<number> {
  let samples = 0;
  for await (const frame of frames as Draft['frames']) samples += frame.samplesPerChannel;
  return samples / 24;
}
