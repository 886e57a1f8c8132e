/** What is done to be fast and to survive a provider's bad day, what it costs, and whether providers keep their word. */
import type { Row } from '../dashboard.js';
import { lines } from '../panels.js';
import { countRate, gauge, quantile, rate } from '../promql.js';
import { counts, HERE, perMinute } from './scope.js';

const turns = countRate('turnwise_response_seconds', { where: HERE });

export const speed: Row = {
  title: 'Speculation, openings and caches',
  panels: [
    lines({
      title: 'Speculation hit rate',
      description: 'Share of answers begun during the wait that were the ones spoken, by stage.',
      unit: 'percentunit',
      width: 8,
      max: 1,
      queries: [
        {
          expr: `${rate('turnwise_speculations_total', { by: ['stage'], where: { ...HERE, outcome: 'used' } })} / ${rate('turnwise_speculations_total', { by: ['stage'], where: HERE })}`,
          legend: '{{stage}}',
        },
      ],
    }),
    lines({
      title: 'Speculation waste',
      description: 'Tokens and characters a minute that were paid for and not used.',
      unit: 'cpm',
      width: 8,
      queries: [
        { expr: perMinute(rate('turnwise_speculation_wasted_tokens_total', { where: HERE })), legend: 'tokens' },
        {
          expr: perMinute(rate('turnwise_speculation_wasted_characters_total', { where: HERE })),
          legend: 'characters',
        },
      ],
    }),
    lines({
      title: 'Cache hits',
      description: 'Share of lookups that found what they looked for.',
      unit: 'percentunit',
      width: 8,
      max: 1,
      queries: [
        {
          expr: `${rate('turnwise_cache_requests_total', { by: ['cache'], where: { ...HERE, result: 'hit' } })} / ${rate('turnwise_cache_requests_total', { by: ['cache'], where: HERE })}`,
          legend: '{{cache}}',
        },
      ],
    }),
    counts('turnwise_openings_total', ['outcome'], HERE, {
      title: 'Openings',
      description: 'Short beginnings said at once, and those that were not needed after all.',
      width: 8,
    }),
    counts('turnwise_fillers_total', ['reason'], HERE, {
      title: 'Fillers',
      description: 'Callers who were told to wait, by what was waited for. They are a sign of slow providers or tools.',
      width: 8,
    }),
    counts('turnwise_budget_steps_total', ['step', 'direction'], HERE, {
      title: 'Budget controller',
      description: 'Steps taken and taken back to hold calls to their budget.',
      width: 8,
    }),
  ],
};

export const resilience: Row = {
  title: 'Providers: faults and what was done about them',
  panels: [
    counts('turnwise_provider_errors_total', ['provider', 'kind'], HERE, {
      title: 'Provider errors',
      description: 'Failed requests and connections.',
      width: 8,
    }),
    counts('turnwise_failovers_total', ['component'], HERE, {
      title: 'Failovers',
      description: 'Requests that another attempt or provider took over after a failure.',
      width: 8,
    }),
    counts('turnwise_hedges_total', ['component', 'winner'], HERE, {
      title: 'Hedges',
      description: 'Second requests, sent because the first was late, by which of them won.',
      width: 8,
    }),
    counts('turnwise_breaker_transitions_total', ['component', 'state'], HERE, {
      title: 'Circuit breakers',
      description: 'Changes by the state they came to. An open one asks its provider nothing for a while.',
      width: 8,
    }),
    lines({
      title: 'Connections that were open before',
      description: 'Share of requests that had to wait for no handshake.',
      unit: 'percentunit',
      width: 8,
      max: 1,
      queries: [
        {
          expr: `${rate('turnwise_provider_connections_total', { by: ['provider'], where: { ...HERE, reused: 'true' } })} / ${rate('turnwise_provider_connections_total', { by: ['provider'], where: HERE })}`,
          legend: '{{provider}}',
        },
      ],
    }),
  ],
};

const PAIR = ['provider', 'model'] as const;
const measured = {
  stt: quantile(0.5, 'turnwise_stt_final_seconds', { by: PAIR, where: HERE }),
  llm: quantile(0.5, 'turnwise_llm_ttft_seconds', { by: PAIR, where: HERE }),
  tts: quantile(0.5, 'turnwise_tts_ttfb_seconds', { by: PAIR, where: HERE }),
} as const;
const expected = (component: keyof typeof measured) =>
  gauge('max', 'turnwise_provider_expected_seconds', { by: PAIR, where: { ...HERE, component } });

export const drift: Row = {
  title: 'Providers: expected and measured',
  panels: [
    ...(['stt', 'llm', 'tts'] as const).map((component) =>
      lines({
        title: `Expected and measured: ${{ stt: 'STT final', llm: 'LLM first token', tts: 'TTS first byte' }[component]}`,
        description: 'Median as measured, against what the configuration expects of the provider (dashed).',
        unit: 's',
        width: 8,
        dashed: /expected/,
        queries: [
          { expr: measured[component], legend: '{{provider}} {{model}}' },
          { expr: expected(component), legend: '{{provider}} {{model}} expected' },
        ],
      }),
    ),
    lines({
      title: 'Drift',
      description: 'Measured over expected: 1 is as told, 2 is twice as slow.',
      unit: 'none',
      width: 12,
      decimals: 2,
      thresholds: ['green', [1.5, 'orange'], [2, 'red']],
      drawsThresholds: true,
      queries: [
        { expr: `${measured.stt} / ${expected('stt')}`, legend: 'stt {{provider}} {{model}}' },
        { expr: `${measured.llm} / ${expected('llm')}`, legend: 'llm {{provider}} {{model}}' },
        { expr: `${measured.tts} / ${expected('tts')}`, legend: 'tts {{provider}} {{model}}' },
      ],
    }),
    lines({
      title: 'Drift in time',
      description:
        'Measured less expected: what callers wait longer, where nothing hides it; below 0 a provider is faster than told.',
      unit: 's',
      width: 12,
      queries: [
        { expr: `${measured.stt} - ${expected('stt')}`, legend: 'stt {{provider}} {{model}}' },
        { expr: `${measured.llm} - ${expected('llm')}`, legend: 'llm {{provider}} {{model}}' },
        { expr: `${measured.tts} - ${expected('tts')}`, legend: 'tts {{provider}} {{model}}' },
      ],
    }),
  ],
};

export const cost: Row = {
  title: 'What calls cost',
  panels: [
    counts('turnwise_llm_tokens_total', ['provider', 'model', 'kind'], HERE, {
      title: 'Tokens',
      description: 'A minute, by kind. Cached ones are part of the prompt, at a lower price.',
      width: 8,
    }),
    counts('turnwise_tts_characters_total', PAIR, HERE, {
      title: 'Characters spoken',
      description: 'Sent to the synthesiser, a minute.',
      width: 8,
    }),
    counts('turnwise_stt_audio_seconds_total', PAIR, HERE, {
      title: 'Audio heard',
      description: 'Sent to the recogniser, seconds a minute.',
      width: 8,
      unit: 's',
    }),
    lines({
      title: 'Tokens a turn',
      description: 'Completion tokens for each answered turn, those of dropped speculation included.',
      unit: 'short',
      width: 8,
      decimals: 0,
      queries: [
        {
          expr: `${rate('turnwise_llm_tokens_total', { by: PAIR, where: { ...HERE, kind: 'completion' } })} / on () group_left () ${turns}`,
          legend: '{{provider}} {{model}}',
        },
      ],
    }),
    lines({
      title: 'Prompt cache',
      description: 'Share of prompt tokens that the provider had cached.',
      unit: 'percentunit',
      width: 8,
      max: 1,
      queries: [
        {
          expr: `${rate('turnwise_llm_tokens_total', { by: PAIR, where: { ...HERE, kind: 'cached' } })} / ${rate('turnwise_llm_tokens_total', { by: PAIR, where: { ...HERE, kind: 'prompt' } })}`,
          legend: '{{provider}} {{model}}',
        },
      ],
    }),
    lines({
      title: 'Characters a turn',
      description: 'Sent to the synthesiser for each answered turn.',
      unit: 'short',
      width: 8,
      decimals: 0,
      queries: [
        {
          expr: `${rate('turnwise_tts_characters_total', { by: PAIR, where: HERE })} / on () group_left () ${turns}`,
          legend: '{{provider}} {{model}}',
        },
      ],
    }),
  ],
};
