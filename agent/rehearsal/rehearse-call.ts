/**
 * A call before the call: a process that waits for one takes some turns through all of its parts, ear, drafts, framework, mouth,
 * against providers of its own and without a room. Code that has never run is compiled when it first does, and a call's first
 * turn was heard some 100 ms later for it (docs/benchmarks.md).
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { Room } from '@livekit/rtc-node';
import type { Assistant } from '../assistant.js';
import type { CallSettings } from '../config/call-settings.js';
import { PROFILES } from '../config/profiles.js';
import { systemClock } from '../conversation/clock.js';
import { Conversation, type ConversationOptions } from '../conversation/conversation.js';
import type { PhraseCache } from '../phrases/phrase-cache.js';
import type { Silero } from '../providers/silero.js';
import { CallMemory } from '../resilience/call-memory.js';
import type { Logger } from '../telemetry/logger.js';
import type { ListenerInput } from '../turn/listener-forms.js';
import { WINDOW_MS } from '../turn/voice-activity.js';
import type { HeardWord } from '../turn/words.js';
import { type LoopbackProviders, startLoopbackProviders } from './loopback-providers.js';

export interface RehearsalParts {
  readonly settings: CallSettings;
  readonly silero: Silero;
  readonly assistant: Assistant;
  readonly phrases: PhraseCache;
  readonly logger: Logger;
}

/** What is said in the turns, with something of each kind that the listener reads in texts. */
const TURNS = [
  'I would like a large latte with two shots, please.',
  'Can I get a small coffee with a bit of milk?',
  'Yes, and a mocha at half past ten.',
  'No, that is all for now, thank you.',
];
/** From the end of one turn to that of the next by the turns' own clock, in ms: nothing of one is taken for a part of the other. */
const TURN_EVERY_MS = 10_000;
const WORD_MS = 250;
const SURE = 0.98;
/** Silence in which a reply is drafted, and one after which every profile commits; in ms. */
const DRAFTED_AFTER_MS = 192;
const COMMITTED_AFTER_MS = 4_000;
/** Longest that a draft, and a reply to its end, take here, in ms. */
const DRAFT_WITHIN_MS = 50;
const REPLY_WITHIN_MS = 250;
/** What Silero is given first, in pieces of 10 ms as they come from a room. */
const PIECES = 50;
const PIECE_SAMPLES = 160;

const SILENT: ConversationOptions['measurements'] = {
  observe: () => undefined,
  count: () => undefined,
  budgetStep: () => 'none',
};

/**
 * Takes some 1.6 s, half of it computing.
 * @returns How many of the turns were answered, the greeting among them: all, where nothing is wrong.
 * @throws what a call would throw; nothing is left behind then either.
 */
export async function rehearseCall({ settings, logger, ...parts }: RehearsalParts): Promise<number> {
  const providers = await startLoopbackProviders();
  let answered = 0;
  try {
    const conversation = new Conversation({
      ...parts,
      callId: 'rehearsal',
      room: new Room(),
      settings: withProviders(settings, providers),
      profile: PROFILES[settings.profile],
      measurements: SILENT,
      // Of its own: providers that answer at once would make every real one look late.
      memory: new CallMemory(),
      logger: logger.child({}, { level: 'silent' }) as Logger,
      recorder: (record) => {
        if (record.type === 'turn' && record.turn.outcome === 'answered') answered += 1;
      },
      onClosed: () => undefined,
    });
    try {
      await rehearse(conversation);
    } finally {
      await conversation.close();
    }
  } finally {
    providers.close();
  }
  return answered;
}

async function rehearse(conversation: Conversation): Promise<void> {
  conversation.warm();
  await conversation.prepare();
  for (let piece = 0; piece < PIECES; piece += 1) conversation.rehearse(new Int16Array(PIECE_SAMPLES));
  await sleep(DRAFT_WITHIN_MS);
  let endedAtMs = systemClock.nowMs();
  for (const said of TURNS) {
    endedAtMs += TURN_EVERY_MS;
    const words = wordsOf(said, endedAtMs);
    const startedAtMs = words[0]?.fromMs ?? endedAtMs;
    for (const input of windows(startedAtMs, endedAtMs, SURE)) conversation.rehearse(input);
    conversation.rehearse({ kind: 'interim', atMs: endedAtMs, words: words.slice(0, -1) });
    for (const input of windows(endedAtMs, endedAtMs + DRAFTED_AFTER_MS, 0)) conversation.rehearse(input);
    const atMs = endedAtMs + DRAFTED_AFTER_MS;
    conversation.rehearse({ kind: 'final', atMs, words, confidence: SURE, isAnswer: true, coveredUntilMs: atMs });
    await sleep(DRAFT_WITHIN_MS);
    for (const input of windows(atMs, endedAtMs + COMMITTED_AFTER_MS, 0)) conversation.rehearse(input);
    await sleep(REPLY_WITHIN_MS);
  }
  // Last, since it takes seconds to say: its first sound is enough.
  await conversation.greet({ identity: 'caller' });
  await sleep(DRAFT_WITHIN_MS);
}

/** The calls' own settings, but that nobody outside of this process is asked for anything. */
function withProviders(settings: CallSettings, { url }: LoopbackProviders): CallSettings {
  const here = { apiKey: 'none', baseUrl: url };
  const { turnRecordings: _, ...others } = settings;
  return {
    ...others,
    stt: [{ ...settings.stt[0], ...here }],
    llm: [{ ...settings.llm[0], ...here, baseUrl: `${url}/v1` }],
    tts: [{ ...settings.tts[0], ...here }],
  };
}

function wordsOf(text: string, endedAtMs: number): HeardWord[] {
  const words = text.split(' ');
  return words.map((word, index) => {
    const untilMs = endedAtMs - (words.length - 1 - index) * WORD_MS;
    return { text: word, fromMs: untilMs - WORD_MS, untilMs };
  });
}

function windows(fromMs: number, untilMs: number, probability: number): ListenerInput[] {
  const levelDb = probability > 0 ? -20 : -70;
  const count = Math.floor((untilMs - fromMs) / WINDOW_MS);
  return Array.from({ length: count }, (_, index) => ({
    kind: 'window',
    atMs: fromMs + (index + 1) * WINDOW_MS,
    probability,
    levelDb,
    levelsDb: [levelDb, levelDb, levelDb, levelDb],
  }));
}
