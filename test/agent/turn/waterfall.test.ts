import { expect, it } from 'vitest';
import { waterfallLine } from '../../../agent/turn/waterfall.js';

it('tells a turn as stages since the end of speech, one after the other', () => {
  const stages = {
    ...{ sttMs: 120, endpointingMs: 119.6, llmMs: 220.2, toolsMs: 0 },
    ...{ textAggregationMs: 0, ttsMs: 90, unexplainedMs: 4, playoutMs: 10 },
  };
  expect(waterfallLine(stages)).toBe(
    '[0-120] STT [120-240] endpointing [240-460] LLM [460-550] TTS [550-554] unexplained [554-564] playout = 564 ms',
  );
});
