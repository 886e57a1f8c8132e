import type { TurnDocument } from '../../wire/turn.js';

/** The account of a turn that was answered within 500 ms, unless said otherwise. */
export function turnDocument(turn: number, fields: Partial<TurnDocument> = {}): TurnDocument {
  return {
    schema: 1,
    callId: 'c',
    turn,
    profile: 'good',
    outcome: 'answered',
    said: `turn ${turn}`,
    reply: '',
    instants: {},
    responseMs: 500,
    stages: {
      sttMs: 0,
      endpointingMs: 200,
      llmMs: 150,
      toolsMs: 0,
      textAggregationMs: 0,
      ttsMs: 100,
      playoutMs: 50,
      unexplainedMs: 0,
    },
    components: {},
    ...fields,
  };
}
