import { expect, it } from 'vitest';
import { addWork, NO_WORK, workBetween } from '../../../bench/latency/provider-work.js';

const work = (requests: number) => ({
  llm: { requests, aborted: 1, tokensSent: 10 * requests },
  tts: { requests: requests + 1, aborted: 0, cancelled: 2, charactersReceived: 7 },
});

it('counts what came between two readings, and adds it up', () => {
  const between = workBetween(work(2), work(5));
  expect(between).toEqual({
    llm: { requests: 3, aborted: 0, tokensSent: 30 },
    tts: { requests: 3, aborted: 0, cancelled: 0, charactersReceived: 0 },
  });
  expect(addWork(NO_WORK, between)).toEqual(between);
  expect(addWork(work(1), between).llm.requests).toBe(4);
});
