import { describe, expect, it } from 'vitest';
import {
  mergeTranscript,
  newFinals,
  TRANSCRIPT_MAX_ENTRIES,
  type TranscriptEntry,
} from '../../web-client/call/transcript.js';

const you = (id: string, text: string, final = false): TranscriptEntry => ({
  id,
  speaker: 'you',
  text,
  final,
  typed: false,
});
const agent = (id: string, text: string, final = false): TranscriptEntry => ({
  ...you(id, text, final),
  speaker: 'agent',
});
const merged = (...updates: TranscriptEntry[]) => updates.reduce(mergeTranscript, [] as readonly TranscriptEntry[]);

describe('the transcript', () => {
  it('replaces interim text by later interim and by the final text, in its place', () => {
    const entries = merged(
      you('u1', 'can I'),
      agent('a1', 'One moment'),
      you('u1', 'can I have'),
      you('u1', 'can I have a latte', true),
    );
    expect(entries).toEqual([you('u1', 'can I have a latte', true), agent('a1', 'One moment')]);
  });

  it('does not turn a final back when an interim comes late', () => {
    expect(merged(you('u1', 'a latte', true), you('u1', 'a lad'))).toEqual([you('u1', 'a latte', true)]);
  });

  it('takes a corrected final', () => {
    expect(merged(you('u1', 'a lad', true), you('u1', 'a latte', true))).toEqual([you('u1', 'a latte', true)]);
  });

  it('shows nothing for silence, and takes a guess back that turned out to be one', () => {
    expect(merged(you('u1', '  '))).toEqual([]);
    expect(merged(you('u1', 'uh'), you('u1', '', true))).toEqual([]);
    expect(merged(you('u1', 'uh'), you('u1', ''))).toEqual([you('u1', 'uh')]);
  });

  it('keeps both sides apart when they use the same id', () => {
    expect(merged(you('1', 'hello', true), agent('1', 'hello', true))).toHaveLength(2);
  });

  it('is the same object when nothing changed, so that nothing is drawn again', () => {
    const entries = merged(you('u1', 'hello', true));
    expect(mergeTranscript(entries, you('u1', 'hello ', true))).toBe(entries);
  });

  it('forgets the oldest beyond its bound', () => {
    const many = Array.from({ length: TRANSCRIPT_MAX_ENTRIES + 3 }, (_, index) => you(`u${index}`, 'x', true));
    const entries = merged(...many);
    expect(entries).toHaveLength(TRANSCRIPT_MAX_ENTRIES);
    expect(entries[0]?.id).toBe('u3');
  });

  it('cuts text without end', () => {
    expect(merged(agent('a1', 'x'.repeat(50_000)))[0]?.text).toHaveLength(20_000);
  });

  it('gives a screen reader each final once', () => {
    const before = merged(you('u1', 'a latte', true), agent('a1', 'A la'));
    const now = mergeTranscript(before, agent('a1', 'A latte.', true));
    expect(newFinals(before, now)).toEqual([agent('a1', 'A latte.', true)]);
    expect(newFinals(now, now)).toEqual([]);
  });
});
