import { llm } from '@livekit/agents';
import { describe, expect, it, vi } from 'vitest';
import { OverlapGate } from '../../../agent/conversation/overlap-gate.js';
import { guardTools, NOT_DONE } from '../../../agent/conversation/tool-guard.js';
import { Turn } from '../../../agent/conversation/turn.js';
import { ManualClock } from '../../support/manual-clock.js';

/** Instead of 5 s. */
const GRACE_MS = 30;

interface Slow {
  /** What the tool `slow`, which changes something, gives, and when. */
  readonly slowly?: () => Promise<unknown>;
}

function startTools({ slowly = async () => undefined }: Slow = {}) {
  const ran: string[] = [];
  const late: llm.FunctionCallOutput[] = [];
  const tool = (name: string) =>
    llm.tool({
      name,
      description: name,
      execute: async () => {
        ran.push(name);
        return { status: 'done' };
      },
    });
  const slow = llm.tool({ name: 'slow', description: 'slow', execute: slowly });
  const opening = { said: 'a latte', confidence: 1, timeline: {} };
  const turn = new Turn(1, opening, new ManualClock(0), { onSounded: () => undefined, onDone: () => undefined });
  const gate = new OverlapGate();
  const tools = guardTools(new llm.ToolContext([tool('look'), tool('write'), tool('unknown'), slow]), {
    tools: { look: { readOnly: true }, write: { readOnly: false } },
    currentTurn: () => turn,
    overlapJudged: (signal) => gate.passed(signal),
    onLate: (outcome) => late.push(outcome),
    graceMs: GRACE_MS,
  });
  const call = (name: string, abortSignal = new AbortController().signal): Promise<unknown> => {
    // What a tool is told of its session is not read by the guard, nor by these tools.
    const options = { toolCallId: `call-${name}`, abortSignal } as llm.ToolOptions;
    return Promise.resolve(tools.getFunctionTool(name)?.execute({}, options));
  };
  return { ran, late, turn, gate, call };
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

  it('whose reply is cut while it changes something is not forgotten', async () => {
    let finish = (_: unknown) => {};
    const { late, call } = startTools({ slowly: () => new Promise((resolve) => (finish = resolve)) });
    const reply = new AbortController();
    const running = call('slow', reply.signal);
    await vi.waitFor(() => expect(finish).toHaveLength(1));
    reply.abort();
    finish({ status: 'done', order: 7 });
    expect(await running).toEqual({ status: 'done', order: 7 });
    expect(late).toMatchObject([
      { callId: 'call-slow', name: 'slow', output: '{"status":"done","order":7}', isError: false },
    ]);
  });

  it('that fails behind a reply that was cut is told as failed, and not why', async () => {
    const reply = new AbortController();
    const slowly = async () => {
      reply.abort();
      throw new Error('password wrong');
    };
    const { late, call } = startTools({ slowly });
    await expect(call('slow', reply.signal)).rejects.toThrow('password wrong');
    expect(late).toMatchObject([{ output: 'An internal error occurred', isError: true }]);
  });

  it('that was waited for is told by its reply, and not a second time', async () => {
    const { late, call } = startTools({ slowly: async () => 'done' });
    expect(await call('slow')).toBe('done');
    await new Promise((resolve) => setImmediate(resolve));
    expect(late).toEqual([]);
  });

  it('that never ends does not keep its call from ending', async () => {
    const reply = new AbortController();
    const slowly = () => {
      setImmediate(() => reply.abort());
      return new Promise(() => undefined);
    };
    const { late, call } = startTools({ slowly });
    const running = call('slow', reply.signal);
    expect(await running).toMatchObject({ status: 'unknown' });
    expect(late).toEqual([]);
  });
});
