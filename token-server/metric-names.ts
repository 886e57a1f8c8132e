/** The token server's own metrics: what its `/metrics` exports beside the process figures, what dashboards and alerts may ask for. */

/** How a token request ended. */
export const TOKEN_OUTCOMES = ['issued', 'invalid', 'refused', 'too_large', 'too_many', 'failed'] as const;
export type TokenOutcome = (typeof TOKEN_OUTCOMES)[number];

/** A token is signed in a ms; opening the room ahead takes a round trip to the SFU, which may be far away. */
export const TOKEN_BUCKETS_SECONDS: readonly number[] = [
  0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5,
];

export const TOKEN_METRICS = {
  turnwise_token_requests_total: {
    type: 'counter',
    help: 'Requests for a token by how they ended: issued, invalid, refused, too_large, too_many, failed.',
    labels: ['outcome'],
    values: { outcome: TOKEN_OUTCOMES },
  },
  turnwise_token_dispatches_total: {
    type: 'counter',
    help: 'Agents asked for: early (with the room), by the token, or by the token as a fallback.',
    labels: ['mode'],
    values: { mode: ['early', 'token', 'fallback'] },
  },
  turnwise_token_request_seconds: {
    type: 'histogram',
    help: 'A request for a token, from its arrival until the answer was sent, by how it ended.',
    labels: ['outcome'],
    values: { outcome: TOKEN_OUTCOMES },
  },
} as const;
