/** What hedging costs: second requests sent because the first was late, among all that the providers were asked. Pure. */
import type { ProviderCounters } from '../scripted-providers.js';
import type { Counts } from './worker-counters.js';

/** By leg, and of both together. */
export interface ExtraRequests {
  readonly llm: ExtraShare;
  readonly tts: ExtraShare;
  readonly both: ExtraShare;
}

export interface ExtraShare {
  /** As our worker counted them. */
  readonly hedges: number;
  /** As the providers counted them, hedges included. */
  readonly requests: number;
  /** Null of no requests. */
  readonly share: number | null;
}

export function extraRequests(counts: Counts, work: ProviderCounters): ExtraRequests {
  const hedges = { llm: hedgesOf(counts, 'llm'), tts: hedgesOf(counts, 'tts') };
  return {
    llm: shareOf(hedges.llm, work.llm.requests),
    tts: shareOf(hedges.tts, work.tts.requests),
    both: shareOf(hedges.llm + hedges.tts, work.llm.requests + work.tts.requests),
  };
}

/** @returns A line for the terminal; undefined of an arm that sends no second requests. */
export function extraLine(name: string, { llm, tts, both }: ExtraRequests): string | undefined {
  if (both.hedges === 0) return undefined;
  const text = ({ hedges, requests, share }: ExtraShare): string =>
    `${hedges} of ${requests}${share === null ? '' : ` (${(share * 100).toFixed(1)} %)`}`;
  return `${name}: second requests by hedging: ${text(both)}; LLM ${text(llm)}, TTS ${text(tts)}`;
}

function hedgesOf(counts: Counts, component: 'llm' | 'tts'): number {
  const counted = Object.entries(counts).filter(
    ([name]) => name.startsWith('turnwise_hedges_total') && name.includes(`component="${component}"`),
  );
  return counted.reduce((sum, [, count]) => sum + count, 0);
}

function shareOf(hedges: number, requests: number): ExtraShare {
  return { hedges, requests, share: requests === 0 ? null : hedges / requests };
}
