import { llm } from '@livekit/agents';
import { describe, expect, it } from 'vitest';
import { OverlapGate } from '../../../agent/conversation/overlap-gate.js';
import { guardTools, NOT_DONE } from '../../../agent/conversation/tool-guard.js';
import { Turn } from '../../../agent/conversation/turn.js';
import { ManualClock } from '../../support/manual-clock.js';

function startTools() {
  const ran: string[] = [];
  const tool = (name: string) =>
    llm.tool({
      name,
      description: name,
      execute: async () => {
        ran.push(name);
        return { status: 'done' };
      },
    });
  const opening = { said: 'a latte', confidence: 1, timeline: {} };
  const turn = new Turn(1, opening, new ManualClock(0), { onSounded: () => undefined, onDone: () => undefined });
  const gate = new OverlapGate();
  const tools = guardTools(new llm.ToolContext([tool('look'), tool('write'), tool('unknown')]), {
    tools: { look: { readOnly: true }, write: { readOnly: false } },
    currentTurn: () => turn,
    overlapJudged: (signal) => gate.passed(signal),
  });
  const call = (name: string, abortSignal = new AbortController().signal): Promise<unknown> => {
    // What a tool is told of its session is not read by the guard, nor by these tools.
    const options = { toolCallId: `call-${name}`, abortSignal } as llm.ToolOptions;
    return Promise.resolve(tools.getFunctionTool(name)?.execute({}, options));
  };
  return { ran, turn, gate, call };
}

describe('a tool', () => {
  it('that changes something runs, and its turn knows', async () => {
    const { turn, call } = startTools();
    expect(await call('write')).toEqual({ status: 'done' });
    expect(turn.changedSomething).toBe(true);
    expect(turn.itemIds).toContain('call-write');
  });

  it('that only reads changes nothing', async () => {
    const { turn, call } = startTools();
    await call('look');
    expect(turn.changedSomething).toBe(false);
  });

  it.each(['interrupted', 'superseded'])('that changes something does not run for an %s turn', async (what) => {
    const { ran, turn, call } = startTools();
    if (what === 'interrupted') turn.markInterrupted();
    else turn.supersede(2);
    expect(await call('write')).toBe(NOT_DONE);
    expect(await call('unknown')).toBe(NOT_DONE);
    expect(await call('look')).toEqual({ status: 'done' });
    expect(ran).toEqual(['look']);
    expect(turn.changedSomething).toBe(false);
  });

  it('that changes something waits while somebody speaks over the reply, and heeds the verdict', async () => {
    const { ran, turn, gate, call } = startTools();
    gate.close();
    const dismissed = call('write');
    gate.open();
    expect(await dismissed).toEqual({ status: 'done' });
    gate.close();
    const taken = call('write');
    turn.markInterrupted();
    gate.open();
    expect(await taken).toBe(NOT_DONE);
    expect(ran).toEqual(['write']);
  });

  it('that changes something does not run once its reply is aborted', async () => {
    const { ran, gate, call } = startTools();
    const reply = new AbortController();
    gate.close();
    const waiting = call('write', reply.signal);
    reply.abort();
    expect(await waiting).toBe(NOT_DONE);
    expect(ran).toEqual([]);
  });
});
