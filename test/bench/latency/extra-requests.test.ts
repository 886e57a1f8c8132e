import { expect, it } from 'vitest';
import { extraLine, extraRequests } from '../../../bench/latency/extra-requests.js';

const WORK = {
  llm: { requests: 40, aborted: 6, tokensSent: 900 },
  tts: { requests: 60, aborted: 0, cancelled: 2, charactersReceived: 2_000 },
};

it('tells the second requests of each leg among all that the providers were asked, whoever won', () => {
  const counts = {
    'turnwise_hedges_total{component="llm",winner="first"}': 1,
    'turnwise_hedges_total{component="llm",winner="second"}': 3,
    'turnwise_hedges_total{component="tts",winner="none"}': 2,
    'turnwise_hedges_total{component="stt",winner="first"}': 5,
    'turnwise_failovers_total{component="llm"}': 7,
  };
  const extra = extraRequests(counts, WORK);
  expect(extra.llm).toEqual({ hedges: 4, requests: 40, share: 0.1 });
  expect(extra.tts).toEqual({ hedges: 2, requests: 60, share: 2 / 60 });
  expect(extra.both).toEqual({ hedges: 6, requests: 100, share: 0.06 });
  expect(extraLine('ours', extra)).toBe(
    'ours: second requests by hedging: 6 of 100 (6.0 %); LLM 4 of 40 (10.0 %), TTS 2 of 60 (3.3 %)',
  );
});

it('has no line for an arm that sends none, and no share of nothing', () => {
  expect(extraLine('stock', extraRequests({}, WORK))).toBeUndefined();
  const none = { llm: { ...WORK.llm, requests: 0 }, tts: { ...WORK.tts, requests: 0 } };
  expect(extraRequests({}, none).both.share).toBeNull();
});
