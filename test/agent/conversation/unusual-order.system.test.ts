/** A real conversation over providers of this process, without a room: what comes in an order that calls seldom have. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { initializeLogger } from '@livekit/agents';
import { type RemoteParticipant, Room } from '@livekit/rtc-node';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createAssistant } from '../../../agent/assistant.js';
import { PROFILES } from '../../../agent/config/profiles.js';
import { systemClock } from '../../../agent/conversation/clock.js';
import { Conversation, type ConversationOptions } from '../../../agent/conversation/conversation.js';
import { MOUTH_SAMPLE_RATE_HZ } from '../../../agent/conversation/mouth.js';
import { assistantTexts } from '../../../agent/phrases/assistant-texts.js';
import { phraseKey } from '../../../agent/phrases/phrase.js';
import { PhraseCache } from '../../../agent/phrases/phrase-cache.js';
import { Silero } from '../../../agent/providers/silero.js';
import { startLoopbackProviders } from '../../../agent/rehearsal/loopback-providers.js';
import { CallMemory } from '../../../agent/resilience/call-memory.js';
import { createLogger } from '../../../agent/telemetry/logger.js';
import type { ListenerInput } from '../../../agent/turn/listener-forms.js';
import { WINDOW_MS } from '../../../agent/turn/voice-activity.js';
import type { ProfileName } from '../../../wire/profile.js';
import { callSettings } from '../rehearsal/call-settings.js';

const CALLER = { identity: 'caller', info: {}, trackPublications: new Map() } as unknown as RemoteParticipant;
const ORDER = 'Can I get a large latte please';

type TurnDocument = Extract<Parameters<ConversationOptions['recorder']>[0], { type: 'turn' }>['turn'];

const closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function start(profile: ProfileName) {
  initializeLogger({ pretty: false, level: 'silent' });
  const folder = await mkdtemp(join(tmpdir(), 'turnwise-unusual-'));
  const providers = await startLoopbackProviders();
  const settings = callSettings(providers.url, folder, profile);
  const assistant = createAssistant({ ordersDb: settings.ordersDb });
  const key = phraseKey(settings.tts[0], assistant.language, MOUTH_SAMPLE_RATE_HZ);
  const turns: TurnDocument[] = [];
  const room = new Room();
  room.remoteParticipants.set(CALLER.identity, CALLER);
  const conversation = new Conversation({
    assistant,
    phrases: await PhraseCache.open(folder, key, assistantTexts(assistant)),
    silero: await Silero.load(),
    callId: 'unusual',
    room,
    settings,
    profile: PROFILES[profile],
    measurements: { observe: () => undefined, count: () => undefined, budgetStep: () => 'none' },
    memory: new CallMemory(),
    logger: createLogger('call', 'silent'),
    recorder: (record) => {
      if (record.type === 'turn') turns.push(record.turn);
    },
    onClosed: () => undefined,
  });
  closers.push(async () => {
    await conversation.close();
    providers.close();
    assistant.close();
    await rm(folder, { recursive: true, force: true });
  });
  conversation.warm();
  await conversation.prepare();
  for (let piece = 0; piece < 50; piece += 1) conversation.rehearse(new Int16Array(160));
  await sleep(50);
  return { conversation, room, turns, greeting: assistant.greeting };
}

function windows(fromMs: number, untilMs: number, probability: number): ListenerInput[] {
  const levelDb = probability > 0 ? -20 : -70;
  return Array.from({ length: Math.floor((untilMs - fromMs) / WINDOW_MS) }, (_, index) => ({
    ...{ kind: 'window', atMs: fromMs + (index + 1) * WINDOW_MS, probability },
    ...{ levelDb, levelsDb: [levelDb, levelDb, levelDb, levelDb] },
  }));
}

/** The order, all of it said by `endedAtMs`, and a silence behind it in which every profile commits. */
function ended(endedAtMs: number): ListenerInput[] {
  const texts = ORDER.split(' ');
  const words = texts.map((text, index) => {
    const untilMs = endedAtMs - (texts.length - 1 - index) * 250;
    return { text, fromMs: untilMs - 250, untilMs };
  });
  const atMs = endedAtMs + 192;
  return [
    ...windows(endedAtMs, atMs, 0),
    { kind: 'final', atMs, words, confidence: 0.98, isAnswer: true, coveredUntilMs: atMs },
    ...windows(atMs, endedAtMs + 4_000, 0),
  ];
}

describe('a caller who speaks as they are greeted', () => {
  it.each(['pro', 'good'] as const)('is answered in profile %s', { timeout: 20_000 }, async (profile) => {
    const { conversation, turns } = await start(profile);
    const endedAtMs = systemClock.nowMs() + 3_000;
    for (const input of windows(endedAtMs - 1_500, endedAtMs, 0.98)) conversation.rehearse(input);
    await conversation.greet(CALLER);
    await sleep(60);
    for (const input of ended(endedAtMs)) conversation.rehearse(input);
    await vi.waitFor(() => expect(turns.find(({ said }) => said === ORDER)?.outcome).toBe('answered'), 8_000);
  });
});

it('is the greeting that comes first, whatever was no speech before it', { timeout: 20_000 }, async () => {
  const { conversation, turns, greeting } = await start('good');
  const nowMs = systemClock.nowMs();
  for (const input of windows(nowMs - 6_000, nowMs - 5_000, 0.98)) conversation.rehearse(input);
  const atMs = nowMs - 4_800;
  conversation.rehearse({
    ...{ kind: 'final', atMs, words: [], confidence: 0, isAnswer: true, coveredUntilMs: atMs },
  });
  for (const input of windows(nowMs - 5_000, nowMs, 0)) conversation.rehearse(input);
  await sleep(300);
  await conversation.greet(CALLER);
  await vi.waitFor(() => expect(turns.map(({ reply }) => reply)).toEqual([greeting]), 8_000);
});

describe('typed words', () => {
  it('are answered while somebody goes on speaking beside the caller', { timeout: 20_000 }, async () => {
    const { conversation, room, turns } = await start('good');
    await conversation.greet(CALLER);
    await sleep(500);
    const television = setInterval(() => {
      const atMs = systemClock.nowMs();
      for (const input of windows(atMs - WINDOW_MS, atMs, 0.98)) conversation.rehearse(input);
    }, WINDOW_MS);
    try {
      await sleep(1_000);
      const handlers = (room as unknown as { textStreamHandlers: Map<string, (...given: unknown[]) => void> })
        .textStreamHandlers;
      handlers.get('lk.chat')?.({ readAll: async () => 'a large latte please', info: {} }, CALLER);
      await vi.waitFor(() => expect(turns.find(({ said }) => said === 'a large latte please')).toBeDefined(), 5_000);
      expect(turns.find(({ said }) => said === 'a large latte please')?.outcome).toBe('answered');
    } finally {
      clearInterval(television);
    }
  });
});
