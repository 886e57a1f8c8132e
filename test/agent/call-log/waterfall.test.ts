import { describe, expect, it } from 'vitest';
import { waterfall } from '../../../agent/call-log/waterfall.js';

const none = {
  ...{ sttMs: 0, endpointingMs: 0, llmMs: 0, toolsMs: 0 },
  ...{ textAggregationMs: 0, ttsMs: 0, playoutMs: 0, unexplainedMs: 0 },
};
const stages = { ...none, endpointingMs: 300, llmMs: 200, ttsMs: 100, playoutMs: 200 };
const barOf = (line: string | undefined): string => (line ?? '').slice(15, 55);

describe('a waterfall', () => {
  it('begins each bar where the one before ended', () => {
    const lines = waterfall({ stages, responseMs: 800 });
    expect(lines.map((line) => line.slice(0, 14).trim())).toEqual(['endpointing', 'LLM', 'TTS', 'playout']);
    expect(barOf(lines[0]).trimEnd()).toBe('█'.repeat(15));
    expect(barOf(lines[1]).trimEnd()).toBe(`${' '.repeat(15)}${'█'.repeat(10)}`);
    expect(barOf(lines[3])).toMatch(/█{10}$/);
    expect(lines[0]).toMatch(/ 300 ms$/);
  });

  it('shows what lies between the worker and the ear', () => {
    const lines = waterfall({ stages, responseMs: 800, heardResponseMs: 1_000 });
    expect(lines).toHaveLength(5);
    expect(lines[4]).toMatch(/^way to the ear .*█{8} +200 ms$/);
  });

  it('can be drawn of nothing', () => {
    expect(waterfall({ stages: none })).toEqual([]);
  });
});
