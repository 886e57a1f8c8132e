import { RoomServiceClient } from 'livekit-server-sdk';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { splitUtterances } from '../../../bench/audio/levels.js';
import { type Clip, prepareClip } from '../../../bench/caller/clip.js';
import { SimulatedCaller } from '../../../bench/caller/simulated-caller.js';
import { makeSeat } from '../../../bench/caller/tokens.js';
import { systemClock } from '../../../bench/clock.js';
import { HEARD_RPC_METHOD, type HeardReport, TURN_TOPIC, type TurnDocument } from '../../../wire/turn.js';
import { freePort } from '../../support/processes.js';
import { type Sfu, startSfu } from '../../support/sfu.js';
import { joinSounds, silence, sine } from '../../support/sounds.js';
import { startToneAgent, type ToneAgent } from '../../support/tone-agent.js';

let sfu: Sfu;
beforeAll(async () => {
  sfu = await startSfu();
});
afterAll(() => sfu.close());

const open: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close();
});

const problems: string[] = [];
beforeEach(() => problems.splice(0));

async function startCall(): Promise<{ caller: SimulatedCaller; agent: ToneAgent }> {
  const roomName = `room-${crypto.randomUUID()}`;
  const agent = await startToneAgent(sfu, roomName);
  open.push(agent);
  const seat = await makeSeat(sfu, { roomName, identity: 'caller' });
  const caller = new SimulatedCaller({ ...seat, textsTimeoutMs: 200, onProblem: (problem) => problems.push(problem) });
  open.push({ close: () => caller.hangUp() });
  await caller.connect();
  await caller.waitForAgent({ timeoutMs: 5_000 });
  return { caller, agent };
}

/** Tones for words: `parts` are lengths of tone and silence in turn, in ms, at 16 kHz. */
function clipOf(...partsMs: number[]): Clip {
  const sampleRateHz = 16_000;
  const parts = partsMs.map((ms, index) => (index % 2 === 0 ? sine(ms, { sampleRateHz }) : silence(ms, sampleRateHz)));
  return prepareClip({ samples: joinSounds(...parts), sampleRateHz });
}

/**
 * Has the agent sound `delayMs` after the end of what the caller says.
 * @returns What the caller measured beyond that: the way through the room and the jitter buffer.
 */
async function excessMs(caller: SimulatedCaller, agent: ToneAgent, delayMs: number): Promise<number> {
  const saying = caller.startSaying(clipOf(300, 150, 250));
  agent.tone((saying.utterances[0]?.endedAtMs ?? Number.NaN) + delayMs, 500);
  const turn = await saying.reply({ timeoutMs: 3_000 });
  expect(turn).toMatchObject({ outcome: 'answered', cutIn: false });
  // The jitter buffer stretches and squeezes sound while it adapts; the detector itself is held to one window elsewhere.
  expect(Math.abs((turn.replyDurationMs ?? Number.NaN) - 500)).toBeLessThanOrEqual(150);
  return (turn.heardResponseMs ?? Number.NaN) - delayMs;
}

describe('a simulated caller over a real SFU', () => {
  it('measures from its own last sound to the first sound of the agent, whatever lies between', async () => {
    const { caller, agent } = await startCall();
    const excesses = new Map<number, number[]>([
      [300, []],
      [900, []],
    ]);
    for (let round = 0; round < 5; round += 1) {
      for (const [delayMs, found] of excesses) found.push(await excessMs(caller, agent, delayMs));
    }
    const all = [...excesses.values()].flat();
    // Opus, the SFU and a jitter buffer of some frames take time; nothing arrives before it was sent.
    expect(Math.min(...all)).toBeGreaterThan(0);
    expect(Math.max(...all)).toBeLessThan(500);
    // At its best the way takes the same time for short and for long delays, or the caller measures something else.
    const [best, bestOfLong] = [...excesses.values()].map((found) => Math.min(...found));
    expect(Math.abs((best ?? Number.NaN) - (bestOfLong ?? Number.NaN))).toBeLessThanOrEqual(30);
  });

  it('tells an answer that never came from one that was late', async () => {
    const { caller, agent } = await startCall();
    const turn = await caller.say(clipOf(200), { timeoutMs: 400 });
    expect(turn).toMatchObject({ outcome: 'unanswered', said: '', reply: '', cutIn: false });
    expect(turn.heardResponseMs).toBeUndefined();
    agent.tone(systemClock.nowMs() + 50, 300);
    await caller.until(() => caller.agentSounding || undefined, 'the tone', { timeoutMs: 2_000 });
  });

  it('reports an agent that cuts in, without a response time', async () => {
    const { caller, agent } = await startCall();
    const saying = caller.startSaying(clipOf(300, 300, 600));
    agent.tone((saying.utterances[0]?.startedAtMs ?? Number.NaN) + 350, 1_200);
    const turn = await saying.reply({ timeoutMs: 2_000 });
    expect(turn).toMatchObject({ outcome: 'answered', cutIn: true });
    expect(turn.heardResponseMs).toBeUndefined();
  });

  it('measures how soon the agent gives way', async () => {
    const { caller, agent } = await startCall();
    const interruptAtMs = systemClock.nowMs() + 1_000;
    agent.tone(interruptAtMs - 700, 1_000);
    await caller.until(() => caller.agentSounding || undefined, 'the tone', { timeoutMs: 2_000 });
    const saying = caller.startSaying(clipOf(600));
    const startedAtMs = saying.utterances[0]?.startedAtMs ?? Number.NaN;
    const gaveWayAtMs = startedAtMs + (await saying.agentGaveWayAfterMs({ timeoutMs: 3_000 }));
    expect(gaveWayAtMs - (interruptAtMs + 300)).toBeGreaterThan(-10);
    expect(gaveWayAtMs - (interruptAtMs + 300)).toBeLessThan(300);
  });

  it('answers each utterance of one recording by itself', async () => {
    const { caller, agent } = await startCall();
    const saying = caller.startSaying(clipOf(300, 2_500, 300, 2_500, 300));
    expect(saying.utterances).toHaveLength(3);
    const [first, , third] = saying.utterances;
    agent.tone((first?.endedAtMs ?? Number.NaN) + 400, 500);
    agent.tone((third?.endedAtMs ?? Number.NaN) + 400, 500);
    const limit = { timeoutMs: 2_000 };
    const turns = [await saying.reply(limit, 0), await saying.reply(limit, 1), await saying.reply(limit, 2)];
    expect(turns.map(({ outcome }) => outcome)).toEqual(['answered', 'unanswered', 'answered']);
  });

  it('collects transcripts and turn documents, and reports what it heard', async () => {
    const { caller, agent } = await startCall();
    const reports: HeardReport[] = [];
    agent.room.localParticipant?.registerRpcMethod(HEARD_RPC_METHOD, async ({ payload }) => {
      reports.push(JSON.parse(payload));
      return '';
    });
    const saying = caller.startSaying(clipOf(300));
    agent.tone((saying.utterances[0]?.endedAtMs ?? Number.NaN) + 300, 400);
    await sendTranscript(agent, 'one', { identity: 'caller', segmentId: 'a', final: 'false' });
    await sendTranscript(agent, 'one latte', { identity: 'caller', segmentId: 'a', final: 'true' });
    await sendTranscript(agent, 'Your latte is ordered.', { identity: 'tone-agent', segmentId: 'b', final: 'false' });
    await agent.room.localParticipant?.sendText('{"schema":2}', { topic: TURN_TOPIC });
    const document: TurnDocument = {
      schema: 1,
      callId: 'call',
      turn: 1,
      profile: 'good',
      outcome: 'answered',
      said: 'one latte please',
      reply: 'Your latte is ordered.',
      instants: {},
      responseMs: 250,
      components: {},
    };
    await agent.room.localParticipant?.sendText(JSON.stringify(document), { topic: TURN_TOPIC });
    const turn = await saying.reply({ timeoutMs: 3_000 });
    expect(turn).toMatchObject({ said: 'one latte please', reply: 'Your latte is ordered.', document });
    expect(reports).toEqual([turn.heard]);
    expect(turn.heard).toEqual({
      schema: 1,
      turn: 1,
      heardResponseMs: turn.heardResponseMs,
      roundTripMs: expect.any(Number),
      jitterBufferMs: expect.any(Number),
    });
    // On loopback the network is next to nothing, and the buffer holds a packet or some.
    expect(turn.heard?.roundTripMs).toBeLessThan(50);
    expect(turn.heard?.jitterBufferMs).toBeGreaterThan(5);
    expect(turn.heard?.jitterBufferMs).toBeLessThan(250);
    expect(caller.segments).toEqual([
      { id: 'a', speaker: 'caller', text: 'one latte', final: true },
      { id: 'b', speaker: 'agent', text: 'Your latte is ordered.', final: true },
    ]);
    expect(problems).toEqual([expect.stringMatching(/^A turn document has a wrong form/)]);
  });

  it('records what it heard', async () => {
    const { caller, agent } = await startCall();
    agent.tone(systemClock.nowMs() + 100, 400);
    await caller.waitForGreeting({ timeoutMs: 3_000 });
    await caller.hangUp();
    const recording = caller.recording();
    const [heard] = splitUtterances(recording);
    expect(Math.abs((heard?.endMs ?? Number.NaN) - (heard?.startMs ?? Number.NaN) - 400)).toBeLessThanOrEqual(150);
  });

  it('says so when no agent comes, and when the server ends the call', async () => {
    const roomName = `room-${crypto.randomUUID()}`;
    const caller = new SimulatedCaller(await makeSeat(sfu, { roomName, identity: 'caller' }));
    open.push({ close: () => caller.hangUp() });
    await caller.connect();
    await expect(caller.waitForAgent({ timeoutMs: 200 })).rejects.toMatchObject({ code: 'NO_AGENT' });
    const waiting = caller.waitForAgent({ timeoutMs: 10_000 });
    await Promise.all([
      expect(waiting).rejects.toMatchObject({ code: 'CALL_ENDED' }),
      new RoomServiceClient(sfu.url, sfu.apiKey, sfu.apiSecret).deleteRoom(roomName),
    ]);
  });

  it('names the keys when the server refuses the token, and the address when nobody is there', async () => {
    const seat = await makeSeat({ ...sfu, apiSecret: 'x'.repeat(40) }, { roomName: 'room', identity: 'caller' });
    const refused = new SimulatedCaller(seat);
    open.push({ close: () => refused.hangUp() });
    await expect(refused.connect()).rejects.toMatchObject({ code: 'TOKEN_REFUSED' });
    const url = `ws://127.0.0.1:${await freePort()}`;
    const nobody = new SimulatedCaller({ ...seat, url });
    open.push({ close: () => nobody.hangUp() });
    await expect(nobody.connect()).rejects.toThrow(url);
  });
});

/** Sends recognised or spoken text as the framework does: in the name of whose words they are. */
async function sendTranscript(
  agent: ToneAgent,
  text: string,
  { identity, segmentId, final }: { identity: string; segmentId: string; final: string },
): Promise<void> {
  const attributes = { 'lk.segment_id': segmentId, 'lk.transcription_final': final };
  const stream = { topic: 'lk.transcription', senderIdentity: identity, attributes };
  const writer = await agent.room.localParticipant?.streamText(stream);
  await writer?.write(text);
  await writer?.close();
}
