import { describe, expect, it } from 'vitest';
import {
  addCounts,
  coldConnections,
  countsBetween,
  parseCounters,
  parseWarmProcesses,
} from '../../../bench/latency/worker-counters.js';

const TEXT = `# HELP turnwise_hedges_total x
turnwise_hedges_total{component="llm",winner="second one"} 3
turnwise_response_seconds_count 9
turnwise_openings_total{outcome="spoken"} 2
`;

describe('what the worker counted', () => {
  it('is read by name and labels, techniques alone', () => {
    expect(parseCounters(TEXT)).toEqual({
      'turnwise_hedges_total{component="llm",winner="second one"}': 3,
      'turnwise_openings_total{outcome="spoken"}': 2,
    });
  });

  it('tells how many processes are ready for callers at once', () => {
    expect(parseWarmProcesses(`${TEXT}turnwise_warm_processes 5\n`)).toBe(5);
    expect(parseWarmProcesses(`turnwise_warm_processes{nodename="a"} 12\n${TEXT}`)).toBe(12);
    expect(parseWarmProcesses(TEXT)).toBe(0);
  });

  it('tells how many requests waited for a handshake', () => {
    const name = 'turnwise_provider_connections_total';
    const counts = {
      [`${name}{provider="openai",reused="true"}`]: 9,
      [`${name}{provider="openai",reused="false"}`]: 2,
      [`${name}{provider="cartesia",reused="false"}`]: 1,
    };
    expect(coldConnections(counts)).toBe(3);
    expect(coldConnections({})).toBe(0);
  });

  it('is what came between two readings, added up', () => {
    expect(countsBetween({ a: 1, b: 2 }, { a: 4, b: 2, c: 1 })).toEqual({ a: 3, c: 1 });
    expect(addCounts({ a: 1 }, { a: 2, b: 1 })).toEqual({ a: 3, b: 1 });
  });
});
