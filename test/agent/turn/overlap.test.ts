import { describe, expect, it } from 'vitest';
import { judgeOverlap as judge, type OverlapEvidence } from '../../../agent/turn/overlap.js';

const judgeOverlap = (evidence: Partial<OverlapEvidence>) =>
  judge({ voicedMs: 0, silenceMs: 0, text: '', isFinalized: false, ...evidence });

describe('speech over the agent', () => {
  it('is undecided while it is short and wordless', () => {
    expect(judgeOverlap({ voicedMs: 200, silenceMs: 0, text: '' })).toBe('undecided');
  });

  it('is an interruption once it is long', () => {
    expect(judgeOverlap({ voicedMs: 480, silenceMs: 0, text: '' })).toBe('interruption');
  });

  it.each(['stop', 'no', 'wait a second'])('is an interruption at once with "%s"', (text) => {
    expect(judgeOverlap({ voicedMs: 64, silenceMs: 0, text })).toBe('interruption');
  });

  it('is a backchannel when nothing but "mm-hm" was said and it is over', () => {
    expect(judgeOverlap({ voicedMs: 350, silenceMs: 300, text: 'mm-hm' })).toBe('backchannel');
    expect(judgeOverlap({ voicedMs: 600, silenceMs: 0, text: 'yeah okay' })).toBe('undecided');
  });

  it('is noise when it is over without a word', () => {
    expect(judgeOverlap({ voicedMs: 128, silenceMs: 300, text: '' })).toBe('undecided');
    expect(judgeOverlap({ voicedMs: 128, silenceMs: 300, text: '', isFinalized: true })).toBe('noise');
    expect(judgeOverlap({ voicedMs: 128, silenceMs: 700, text: '' })).toBe('noise');
  });

  it('stays an interruption when it was long, even if its words are late', () => {
    expect(judgeOverlap({ voicedMs: 500, silenceMs: 300, text: '' })).toBe('interruption');
  });

  it('is an interruption as soon as words say so', () => {
    expect(judgeOverlap({ voicedMs: 200, silenceMs: 0, text: 'make it' })).toBe('interruption');
  });
});
