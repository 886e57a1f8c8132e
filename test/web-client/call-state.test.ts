import { describe, expect, it } from 'vitest';
import { type CallEvent, type CallState, callReducer, IDLE } from '../../web-client/call/call-state.js';
import { describeStatus } from '../../web-client/call/status.js';

const callAfter = (...events: CallEvent[]): CallState => events.reduce(callReducer, IDLE);
const inRoom: CallEvent[] = [{ type: 'started' }, { type: 'entered' }];
const onTheLine: CallEvent[] = [...inRoom, { type: 'agent-joined' }];

describe('a call', () => {
  it('goes from connecting through waiting to talking', () => {
    expect(callAfter({ type: 'started' }).phase).toBe('connecting');
    expect(callAfter(...inRoom).phase).toBe('waiting');
    expect(callAfter(...onTheLine).phase).toBe('talking');
  });

  it('is talking even when the agent was faster than the answer about entering', () => {
    expect(callAfter({ type: 'started' }, { type: 'agent-joined' }, { type: 'entered' }).phase).toBe('talking');
  });

  it('complains about a late agent, and stops when it comes', () => {
    const late = callAfter(...inRoom, { type: 'agent-late' });
    expect(late.callProblem).toBe('no-agent');
    expect(callReducer(late, { type: 'agent-joined' }).callProblem).toBeUndefined();
  });

  it('does not complain about lateness to one who is talking', () => {
    expect(callAfter(...onTheLine, { type: 'agent-late' }).callProblem).toBeUndefined();
  });

  it('waits on when the agent leaves, and goes on when another comes', () => {
    const left = callAfter(...onTheLine, { type: 'agent-left' });
    expect([left.phase, left.callProblem]).toEqual(['waiting', 'agent-left']);
    expect(describeStatus(left, 'initializing').word).toBe('Alone');
    expect(callReducer(left, { type: 'agent-joined' })).toMatchObject({ phase: 'talking', callProblem: undefined });
  });

  it('says once that the agent is late or gone, however soon that is dismissed', () => {
    const late = callAfter(...inRoom, { type: 'agent-late' }, { type: 'problem-dismissed' }, { type: 'agent-late' });
    expect(late).toMatchObject({ callProblem: undefined, agentGone: 'late' });
    const left = callAfter(...onTheLine, { type: 'agent-left' }, { type: 'problem-dismissed' }, { type: 'agent-late' });
    expect(left).toMatchObject({ callProblem: undefined, agentGone: 'left' });
    expect(describeStatus(left, 'initializing').word).toBe('Alone');
    expect(callReducer(left, { type: 'agent-joined' }).agentGone).toBeUndefined();
  });

  it('goes on without a microphone', () => {
    const state = callAfter(...onTheLine, { type: 'microphone-failed', problem: 'permission-refused' });
    expect(state).toMatchObject({ phase: 'talking', microphone: 'failed', microphoneProblem: 'permission-refused' });
    expect(describeStatus(state, 'listening').word).toBe('Waiting for text');
  });

  it('forgets the trouble once the microphone starts', () => {
    const failed = callAfter(...onTheLine, { type: 'microphone-failed', problem: 'no-microphone' });
    expect(callReducer(failed, { type: 'microphone-on' }).microphoneProblem).toBeUndefined();
  });

  it('notices a silent microphone, and that it speaks after all', () => {
    const silent = callAfter(...onTheLine, { type: 'microphone-on' }, { type: 'microphone-silent' });
    expect(silent.microphoneProblem).toBe('microphone-silent');
    expect(callReducer(silent, { type: 'microphone-heard' }).microphoneProblem).toBeUndefined();
  });

  it('says that it reconnects, whatever the agent does meanwhile', () => {
    const state = callAfter(...onTheLine, { type: 'reconnecting' });
    expect(describeStatus(state, 'speaking').word).toBe('Reconnecting');
    expect(describeStatus(callReducer(state, { type: 'reconnected' }), 'speaking').word).toBe('Speaking');
  });

  it('says no more that a message was not sent once one was', () => {
    const failed = callAfter(...onTheLine, { type: 'message-failed' });
    expect(callReducer(failed, { type: 'message-sent' }).callProblem).toBeUndefined();
    const alone = callAfter(...onTheLine, { type: 'agent-left' });
    expect(callReducer(alone, { type: 'message-sent' }).callProblem).toBe('agent-left');
  });

  it('keeps the reason why it never began when the room is closed behind it', () => {
    const state = callAfter({ type: 'started' }, { type: 'failed', problem: 'sfu-away' });
    expect(callReducer(state, { type: 'left', problem: 'connection-lost' })).toBe(state);
  });

  it('is over for good: what comes late changes nothing', () => {
    const over = callAfter(...onTheLine, { type: 'left', problem: undefined });
    expect(over).toMatchObject({ phase: 'ended', callProblem: undefined });
    const late: CallEvent[] = [{ type: 'microphone-on' }, { type: 'agent-joined' }, { type: 'reconnecting' }];
    expect(late.reduce(callReducer, over)).toBe(over);
  });

  it('starts the next one clean', () => {
    const lost = callAfter(...onTheLine, { type: 'microphone-on' }, { type: 'left', problem: 'connection-lost' });
    expect(callReducer(lost, { type: 'started' })).toEqual({ ...IDLE, phase: 'connecting' });
  });
});
