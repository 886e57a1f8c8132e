/** Where the time goes: the waterfall of stages, each stage by itself, and what the caller's side adds. */
import type { Row } from '../dashboard.js';
import type { KnownHistogram } from '../metrics.js';
import { lines, table, type Unplaced } from '../panels.js';
import { countRate, quantile, RANGE, rate, rateWithin, totalRate } from '../promql.js';
import { stageSteps } from '../targets.js';
import { CHOSEN, HERE, percentile, percentiles, perMinute } from './scope.js';

const STAGE = 'turnwise_stage_seconds';
const RESPONSE = 'turnwise_response_seconds';
const byStage = { by: ['stage'], where: CHOSEN } as const;

export const waterfall: Row = {
  title: 'Where the time goes',
  panels: [
    lines({
      title: 'Waterfall',
      description:
        'What the answer was waited for, on average: each moment between end of speech and first sound is charged to one stage, so the stages add up to the response. Work that was hidden by speculation is not in it.',
      unit: 's',
      width: 14,
      height: 10,
      stacked: 'sum',
      colours: { unexplained: 'red' },
      queries: [
        {
          expr: `${totalRate(STAGE, byStage)} / on () group_left () ${countRate(RESPONSE, { where: CHOSEN })}`,
          legend: '{{stage}}',
        },
      ],
    }),
    table({
      title: 'Stages, over the time shown',
      description:
        'Percentiles of each stage by itself. They do not add up: the slowest turns of each are different ones.',
      unit: 's',
      width: 10,
      height: 10,
      decimals: 3,
      key: 'stage',
      order: 'P95',
      queries: [
        percentile(0.5, STAGE, { ...byStage, over: RANGE }),
        percentile(0.9, STAGE, { ...byStage, over: RANGE }),
        percentile(0.95, STAGE, { ...byStage, over: RANGE }),
        percentile(0.99, STAGE, { ...byStage, over: RANGE }),
      ],
    }),
    lines({
      title: 'Stages, P50',
      description: 'Medians of what each stage was waited for.',
      unit: 's',
      width: 12,
      queries: [{ expr: quantile(0.5, STAGE, byStage), legend: '{{stage}}' }],
    }),
    lines({
      title: 'Stages, P95',
      description: 'The stage on top makes the slow answers slow.',
      unit: 's',
      width: 12,
      queries: [{ expr: quantile(0.95, STAGE, byStage), legend: '{{stage}}' }],
    }),
    lines({
      title: 'Budget violations by stage',
      description: "Turns a minute in which a stage took more than 1.5 times its profile's target (source 003).",
      unit: 'cpm',
      width: 8,
      queries: [
        {
          expr: perMinute(rate('turnwise_budget_violations_total', { by: ['profile', 'stage'], where: CHOSEN })),
          legend: '{{profile}} {{stage}}',
        },
      ],
    }),
    lines({
      title: 'Hidden work',
      description:
        'What speculation did before the turn was over, for each answered turn: time that nobody waited for.',
      unit: 's',
      width: 8,
      stacked: 'sum',
      queries: [
        {
          expr: `${totalRate('turnwise_hidden_seconds', { by: ['stage'], where: HERE })} / on () group_left () ${countRate(RESPONSE, { where: HERE })}`,
          legend: '{{stage}}',
        },
      ],
    }),
    lines({
      title: 'Unexplained',
      description:
        'What no stage accounts for, and the share of turns in which that is more than 100 ms: 5 % at most, or the account cannot be trusted.',
      unit: 's',
      width: 8,
      queries: percentiles([0.5, 0.95], 'turnwise_unexplained_seconds', { where: HERE }),
    }),
    lines({
      title: 'Turns with more than 100 ms unexplained',
      description: 'As a share of all. The objective is 5 % at most.',
      unit: 'percentunit',
      width: 8,
      thresholds: ['green', [0.05, 'red']],
      drawsThresholds: true,
      queries: [
        {
          expr: `1 - ${rateWithin('turnwise_unexplained_seconds', 0.1, { where: HERE })} / ${countRate('turnwise_unexplained_seconds', { where: HERE })}`,
          legend: 'above 100 ms',
        },
      ],
    }),
  ],
};

const BOTH = [0.5, 0.95] as const;

function component<Name extends KnownHistogram & `turnwise_${'stt' | 'llm' | 'tts'}_${string}`>(
  title: string,
  description: string,
  name: Name,
  budget: Parameters<typeof stageSteps>[0],
): Unplaced {
  return lines({
    title,
    description: `${description} Lines: the targets of good and acceptable.`,
    unit: 's',
    width: 8,
    thresholds: stageSteps(budget),
    drawsThresholds: true,
    queries: percentiles(BOTH, name, { by: ['provider', 'model'], where: HERE }, '{{provider}} {{model}}'),
  });
}

export const stages: Row = {
  title: 'Each stage by itself, whether it was waited for or not',
  panels: [
    component('STT final', "End of speech to the recogniser's last final.", 'turnwise_stt_final_seconds', 'sttMs'),
    component('LLM first token', 'Request to first token.', 'turnwise_llm_ttft_seconds', 'llmTtftMs'),
    component('TTS first byte', 'First text sent to first audio received.', 'turnwise_tts_ttfb_seconds', 'ttsTtfbMs'),
    component(
      'TTS first sound',
      'First text sent to the first audible sample: some voices begin with silence.',
      'turnwise_tts_first_sound_seconds',
      'ttsTtfbMs',
    ),
    lines({
      title: 'Endpointing',
      description: 'End of speech to the decision that the turn is over. Lines: the targets of good and acceptable.',
      unit: 's',
      width: 8,
      thresholds: stageSteps('turnMs'),
      drawsThresholds: true,
      queries: percentiles(BOTH, 'turnwise_endpointing_seconds', { where: HERE }),
    }),
    lines({
      title: 'End-of-turn model',
      description: 'One score, from request to answer. It runs while the caller is silent.',
      unit: 's',
      width: 8,
      queries: percentiles(BOTH, 'turnwise_turn_model_seconds', { where: HERE }),
    }),
    lines({
      title: 'First clause',
      description: 'First token to the first whole clause, with which the synthesiser begins.',
      unit: 's',
      width: 8,
      queries: percentiles(BOTH, 'turnwise_text_aggregation_seconds', { where: HERE }),
    }),
    lines({
      title: 'Playout',
      description: 'The voice is ready to its first frame given to the room.',
      unit: 's',
      width: 8,
      queries: percentiles(BOTH, 'turnwise_playout_seconds', { where: HERE }),
    }),
    lines({
      title: 'Answer behind an opening',
      description: "End of speech to the answer's own first sound, where a short opening came before it.",
      unit: 's',
      width: 8,
      queries: percentiles(BOTH, 'turnwise_answer_seconds', { by: ['profile'], where: CHOSEN }, '{{profile}}'),
    }),
  ],
};

export const ear: Row = {
  title: "The caller's side, as clients report it",
  panels: [
    lines({
      title: 'Round trip to the SFU',
      description: 'Above 150 ms callers talk over the agent. Lines: the targets of good and acceptable.',
      unit: 's',
      width: 6,
      thresholds: stageSteps('networkMs'),
      drawsThresholds: true,
      queries: percentiles(BOTH, 'turnwise_network_rtt_seconds', { where: HERE }),
    }),
    lines({
      title: 'Jitter buffer',
      description: "What the agent's sound waited in clients' buffers: it grows with an uneven network.",
      unit: 's',
      width: 6,
      queries: percentiles(BOTH, 'turnwise_client_jitter_buffer_seconds', { where: HERE }),
    }),
    lines({
      title: 'Heard later than accounted for',
      description: "What clients heard later than the worker's stages, the network and the buffers explain.",
      unit: 's',
      width: 6,
      queries: percentiles(BOTH, 'turnwise_heard_unexplained_seconds', { where: HERE }),
    }),
    lines({
      title: 'Heard reports',
      description: 'What became of them, a minute. Others than taken come from broken clocks, old pages, or strangers.',
      unit: 'cpm',
      width: 6,
      queries: [
        {
          expr: perMinute(rate('turnwise_heard_reports_total', { by: ['result'], where: HERE })),
          legend: '{{result}}',
        },
      ],
    }),
  ],
};
