import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CompletionTap } from '../../../agent/providers/openai-tap.js';

const event = (delta: object, more: object = {}): string =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', choices: [{ index: 0, delta, ...more }], usage: null })}\n\n`;
const USAGE = `data: ${JSON.stringify({
  choices: [],
  usage: { prompt_tokens: 12, completion_tokens: 2, prompt_tokens_details: { cached_tokens: 4 } },
})}\n\n`;
const DONE = 'data: [DONE]\n\n';

function tapped(pieces: readonly Uint8Array[]) {
  const tokens: string[] = [];
  const tap = new CompletionTap({ onToken: (kind) => tokens.push(kind), onOver: () => tokens.push('over') });
  for (const piece of pieces) tap.data(piece);
  return { tap, tokens };
}
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

describe('what is read along with a completion', () => {
  it('counts what came, of text and of tool calls', () => {
    const call = { tool_calls: [{ index: 0, id: 'call_1', function: { name: 'place_order', arguments: '' } }] };
    const { tap, tokens } = tapped([
      bytes(event({ role: 'assistant', content: '' }) + event({ content: 'Sure' }) + event(call)),
    ]);
    expect(tokens).toEqual(['content', 'tool-call']);
    expect([tap.deltas, tap.isFinished, tap.usage]).toEqual([2, false, undefined]);
  });

  it('knows an end from a break, and takes the count of the provider', () => {
    const { tap } = tapped([bytes(event({ content: 'Sure' }) + event({}, { finish_reason: 'stop' }) + USAGE + DONE)]);
    expect(tap.isFinished).toBe(true);
    expect(tap.usage).toEqual({ promptTokens: 12, cachedTokens: 4, completionTokens: 2 });
  });

  it.each([
    ['length', true],
    ['content_filter', true],
    ['tool_calls', false],
    ['stop', false],
  ])('knows whether a tool call is lost where it ends with %s', (finish_reason, isCut) => {
    const call = { tool_calls: [{ index: 0, function: { arguments: '{"items":[{"dri' } }] };
    const end = event({}, { finish_reason }) + USAGE;
    expect(tapped([bytes(event(call))]).tap.isCallCut).toBe(false);
    expect(tapped([bytes(event(call) + end)]).tap.isCallCut).toBe(isCut);
    expect(tapped([bytes(event({ content: 'Sure' }) + end)]).tap.isCallCut).toBe(false);
  });

  it('takes signs of life and garbage for no token', () => {
    const { tokens } = tapped([bytes(': keep-alive\n\ndata: {"id":"chatcmpl-\n\ndata: 7\n\nevent: ping\n\n')]);
    expect(tokens).toEqual([]);
  });

  it('sees the same however the bytes are cut', () => {
    const whole = bytes(
      event({ content: 'Größer' }) + event({ content: ' 咖啡' }) + event({}, { finish_reason: 'stop' }) + USAGE + DONE,
    );
    fc.assert(
      fc.property(fc.array(fc.nat(whole.length), { maxLength: 12 }), (cuts) => {
        const at = [0, ...cuts.toSorted((a, b) => a - b), whole.length];
        const { tap, tokens } = tapped(at.slice(1).map((end, index) => whole.slice(at[index], end)));
        expect(tokens).toEqual(['content', 'content']);
        expect([tap.deltas, tap.isFinished, tap.usage?.completionTokens]).toEqual([2, true, 2]);
      }),
    );
  });
});
