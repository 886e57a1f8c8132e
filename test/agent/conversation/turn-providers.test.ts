import { expect, it } from 'vitest';
import { PROFILES } from '../../../agent/config/profiles.js';
import { TurnLog } from '../../../agent/conversation/turn-log.js';
import type { TurnDocument } from '../../../wire/turn.js';
import { ManualClock } from '../../support/manual-clock.js';

const provider = (name: string) => ({ provider: name, model: 'm', baseUrl: 'x:', apiKey: 'k' });

function startLog() {
  const clock = new ManualClock(5_000);
  const documents: TurnDocument[] = [];
  const observed: Record<string, number> = {};
  const counted: string[] = [];
  const log = new TurnLog({
    callId: 'AJ_1',
    profile: PROFILES.good,
    providers: { stt: provider('first-ear'), llm: provider('first-mind'), tts: provider('first-voice') },
    clock,
    measurements: {
      observe: (name, labels, ms) => {
        observed[[name, ...Object.values(labels)].join(' ')] = ms;
      },
      count: (name, labels) => counted.push([name, ...Object.values(labels)].join(' ')),
    },
    onDocument: (document) => documents.push(document),
  });
  return { clock, log, documents, observed, counted };
}

const answerer = (name: string, askedAtMs: number) => ({ provider: name, model: `model-of-${name}`, askedAtMs });

it('books each leg on who answered, with what that one took, and the lost attempts on the leg', () => {
  const { clock, log, documents, observed, counted } = startLog();
  const startedAtMs = clock.nowMs();
  const at = (ms: number) => startedAtMs + ms;
  const turn = log.openTurn({
    said: 'a latte',
    confidence: 1,
    heardBy: { provider: 'second-ear', model: 'nova' },
    timeline: { speechEndedAtMs: startedAtMs, finalAtMs: at(200), committedAtMs: at(300), adoptedAtMs: at(300) },
  });
  turn.mark('llmRequestedAtMs', at(300));
  // The first one failed after 1.5 s, a second one was asked then.
  turn.mark('llmWinnerRequestedAtMs', at(1_800));
  turn.noteAnswerer('llm', answerer('second-mind', at(1_800)));
  turn.mark('firstTokenAtMs', at(2_000));
  turn.mark('firstClauseAtMs', at(2_000));
  turn.mark('ttsRequestedAtMs', at(2_000));
  turn.mark('ttsWinnerRequestedAtMs', at(2_600));
  turn.noteAnswerer('tts', answerer('second-voice', at(2_600)));
  turn.mark('firstByteAtMs', at(2_670));
  turn.mark('firstAudibleAtMs', at(2_690));
  turn.mark('voiceReadyAtMs', at(2_690));
  turn.mark('playoutStartedAtMs', at(2_700));
  turn.close();
  log.closeAll();
  const [document] = documents;
  expect(document?.providers).toEqual({
    stt: { provider: 'second-ear', model: 'nova' },
    llm: { provider: 'second-mind', model: 'model-of-second-mind' },
    tts: { provider: 'second-voice', model: 'model-of-second-voice' },
  });
  expect(document?.components).toMatchObject({ llmTtftMs: 200, ttsTtfbMs: 70, ttsFirstSoundMs: 90 });
  expect(document?.stages).toMatchObject({ llmMs: 1_700, ttsMs: 690, unexplainedMs: 0 });
  expect(observed).toMatchObject({
    'turnwise_stt_final_seconds second-ear nova': 200,
    'turnwise_llm_ttft_seconds second-mind model-of-second-mind': 200,
    'turnwise_tts_ttfb_seconds second-voice model-of-second-voice': 70,
    'turnwise_tts_first_sound_seconds second-voice model-of-second-voice': 90,
  });
  expect(Object.keys(observed).filter((series) => series.includes('first-'))).toEqual([]);
  // Both legs broke their targets, whoever it was that answered in the end.
  expect(counted).toEqual(
    expect.arrayContaining(['turnwise_budget_violations_total good llm', 'turnwise_budget_violations_total good tts']),
  );
});

it('books what nobody answered on who was to be asked first', () => {
  const { clock, log, documents } = startLog();
  log.openTurn({ said: '', confidence: 0, timeline: { committedAtMs: clock.nowMs() } }).close();
  log.closeAll();
  expect(documents[0]?.providers).toEqual({
    stt: { provider: 'first-ear', model: 'm' },
    llm: { provider: 'first-mind', model: 'm' },
    tts: { provider: 'first-voice', model: 'm' },
  });
});

/** A turn whose speech has just ended. */
function openAnswered() {
  const { clock, log, documents } = startLog();
  const startedAtMs = clock.nowMs();
  const timeline = { speechEndedAtMs: startedAtMs, committedAtMs: startedAtMs };
  return { log, documents, startedAtMs, turn: log.openTurn({ said: 'a latte', confidence: 1, timeline }) };
}

it('goes by the request that brought the first token, and not by one behind it or one that called a tool', () => {
  const { log, documents, startedAtMs, turn } = openAnswered();
  const ask = (name: string, atMs: number) => {
    turn.mark('llmRequestedAtMs', atMs);
    turn.mark('llmWinnerRequestedAtMs', atMs);
    turn.noteAnswerer('llm', answerer(name, atMs));
  };
  ask('calls-a-tool', startedAtMs);
  ask('answers', startedAtMs + 700);
  turn.mark('firstTokenAtMs', startedAtMs + 800);
  ask('goes-on', startedAtMs + 900);
  log.closeAll();
  expect(documents[0]?.components.llmTtftMs).toBe(100);
  expect(documents[0]?.providers?.llm.provider).toBe('answers');
});

it('goes by the synthesiser that was heard, and not by one that sent silence before it failed', () => {
  const { log, documents, startedAtMs, turn } = openAnswered();
  const sound = (name: string, askedMs: number, byteMs: number) => {
    turn.mark('ttsWinnerRequestedAtMs', startedAtMs + askedMs);
    turn.noteAnswerer('tts', answerer(name, startedAtMs + askedMs));
    turn.mark('firstByteAtMs', startedAtMs + byteMs);
  };
  turn.mark('ttsRequestedAtMs', startedAtMs);
  sound('silent', 0, 60);
  sound('heard', 1_500, 1_580);
  turn.mark('firstAudibleAtMs', startedAtMs + 1_600);
  sound('goes-on', 3_000, 3_090);
  log.closeAll();
  expect(documents[0]?.components).toMatchObject({ ttsTtfbMs: 80, ttsFirstSoundMs: 100 });
  expect(documents[0]?.providers?.tts.provider).toBe('heard');
});
