/** How conversations go: who was answered, interrupted, misheard, or left waiting. */
import type { Row } from '../dashboard.js';
import { lines } from '../panels.js';
import { rate } from '../promql.js';
import { CHOSEN, counts, HERE, percentiles } from './scope.js';

export const conversation: Row = {
  title: 'Conversation',
  panels: [
    counts('turnwise_turns_total', ['outcome'], CHOSEN, {
      title: 'Turns by outcome',
      description: 'How turns ended. Unanswered ones left a caller alone.',
      width: 8,
    }),
    counts('turnwise_interruptions_total', ['verdict'], HERE, {
      title: "Speech over the agent's voice",
      description: 'By what it was judged to be; only an interruption stops the agent.',
      width: 8,
    }),
    lines({
      title: 'Yielding to an interruption',
      description: "First voiced window of an interruption to the agent's silence.",
      unit: 's',
      width: 8,
      queries: percentiles([0.5, 0.95], 'turnwise_bargein_stop_seconds', { where: HERE }),
    }),
    lines({
      title: 'Answered too soon',
      description: 'Share of turns whose caller, not done yet, went on within a second of the first sound.',
      unit: 'percentunit',
      width: 8,
      thresholds: ['green', [0.05, 'red']],
      drawsThresholds: true,
      queries: [
        {
          expr: `${rate('turnwise_premature_responses_total', { where: HERE })} / ${rate('turnwise_turns_total', { where: HERE })}`,
          legend: 'too soon',
        },
      ],
    }),
    counts('turnwise_low_confidence_turns_total', ['action'], HERE, {
      title: 'Understood with too little confidence',
      description: 'By what was done: asked again, answered, said back, or asked to repeat.',
      width: 8,
    }),
    lines({
      title: 'Greeting',
      description: "Caller linked to the greeting's first frame given to the room.",
      unit: 's',
      width: 8,
      queries: percentiles([0.5, 0.95], 'turnwise_greeting_seconds', { where: HERE }),
    }),
    counts('turnwise_pre_connect_total', ['outcome'], HERE, {
      title: 'Said while joining',
      description: 'Recordings of what callers said before the agent heard them, by what became of them.',
      width: 12,
    }),
    counts('turnwise_feedback_total', ['rating'], HERE, {
      title: "Callers' ratings",
      description: 'Thumbs up and down on the page.',
      width: 12,
    }),
  ],
};
