/**
 * Turns whose answers are late, without a clock: models and synthesisers as slow as the bench's slow and stalling ones, hedged
 * as ours are, and a caller who is told to wait by one rule or another. Times in ms from the caller's last sound.
 */
import { deadlineMs, NO_LATENCIES, noteLatency } from '../../../agent/resilience/deadline.js';
import {
  type AnswerProgress,
  decideFiller,
  FILLER_LATEST_MS,
  fittingFillers,
  NO_TIMES,
  noteTime,
  type UsualTimes,
} from '../../../agent/turn/filler.js';
import { stallingTiming } from '../../../bench/latency/stalls.js';
import { seededRandom } from '../../../local-providers/random.js';
import { drawLatencyMs } from '../../../local-providers/scripted/latency.js';

/** Where drafts are begun, and profile `excellent` looks after the caller. */
const ASKED_AT_MS = 300;
const FILLER_AFTER_MS = 1_500;
/** Four tokens behind the first. */
const CLAUSE_MS = 48;
const LLM_LIMITS = { initialMs: 1_000, leastMs: 200, mostMs: 2_500 };
const TTS_LIMITS = { initialMs: 600, leastMs: 250, mostMs: 1_500 };

/** A turn's answer, whatever is said before it. */
interface Answer {
  readonly firstTokenAtMs: number;
  readonly voiceAskedAtMs: number;
  readonly readyAtMs: number;
  /** Of the turns before. */
  readonly usual: UsualTimes;
}

export interface HeardTurn {
  readonly firstSoundAtMs: number;
  readonly answerAtMs: number;
  /** By how much the answer waited for what was being said. */
  readonly delayMs: number;
  readonly fillers: number;
  /** Longest silence. */
  readonly quietMs: number;
}

/** What is said at an instant: a phrase of that length, or nothing until another instant. */
export type FillerRule = (
  atMs: number,
  silentSinceMs: number,
  answer: Answer,
) => { readonly sayMs: number } | { readonly againAtMs: number };

/** Phrases as long as those of a scripted voice, in ms. */
export const LENGTHS_MS = [680, 880, 690, 1_210, 1_670];

export function answersOf(turns: number, seed: number): Answer[] {
  const timing = stallingTiming('tails');
  const random = seededRandom('late answers', seed);
  const [llmOf, ttsOf] = [() => drawLatencyMs(timing.llmTtft, random), () => drawLatencyMs(timing.ttsTtfb, random)];
  let [llm, tts] = [NO_LATENCIES, NO_LATENCIES];
  let usual: UsualTimes = NO_TIMES;
  return Array.from({ length: turns }, () => {
    const tokenMs = Math.min(llmOf(), deadlineMs(llm, LLM_LIMITS) + 50 + llmOf());
    const soundMs = Math.min(ttsOf(), deadlineMs(tts, TTS_LIMITS) + ttsOf());
    const firstTokenAtMs = ASKED_AT_MS + tokenMs;
    const voiceAskedAtMs = firstTokenAtMs + CLAUSE_MS;
    const answer = { firstTokenAtMs, voiceAskedAtMs, readyAtMs: voiceAskedAtMs + soundMs, usual };
    llm = noteLatency(llm, tokenMs);
    tts = noteLatency(tts, soundMs);
    usual = noteTime(noteTime(noteTime(usual, 'tokenMs', tokenMs), 'clauseMs', CLAUSE_MS), 'soundMs', soundMs);
    return answer;
  });
}

/** As it was: at once, each phrase in its turn. */
export function sayAtOnce(lengthsMs: readonly number[]): FillerRule {
  let said = 0;
  return () => {
    said += 1;
    return { sayMs: lengthsMs[said % lengthsMs.length] ?? 0 };
  };
}

/** As it is: by what is known of the answer at that instant, the fitting phrases in their turn. */
export function sayByRule(lengthsMs: readonly number[]): FillerRule {
  let said = 0;
  return (nowMs, silentSinceMs, { usual, ...answer }) => {
    const latestAtMs = silentSinceMs + FILLER_LATEST_MS;
    const shortestMs = Math.min(...lengthsMs);
    const decision = decideFiller({ nowMs, latestAtMs, shortestMs, usual, progress: progressAt(answer, nowMs) });
    if (decision.kind === 'hold') return { againAtMs: decision.untilMs };
    const fitting = fittingFillers(
      lengthsMs.map((lengthMs) => ({ lengthMs })),
      decision.restMs,
    );
    said += 1;
    return { sayMs: fitting[said % fitting.length]?.lengthMs ?? 0 };
  };
}

/** @param againAfterMs - How long who was told to wait hears nothing before they are told so again. */
export function hear(answer: Answer, rule: FillerRule, againAfterMs: number): HeardTurn {
  const sounds: { readonly fromMs: number; readonly toMs: number }[] = [];
  let atMs = FILLER_AFTER_MS;
  while (answer.readyAtMs > atMs) {
    const silentSinceMs = sounds.at(-1)?.toMs ?? 0;
    const next = rule(atMs, silentSinceMs, answer);
    if ('sayMs' in next) sounds.push({ fromMs: atMs, toMs: atMs + next.sayMs });
    atMs = 'sayMs' in next ? atMs + next.sayMs + againAfterMs : next.againAtMs;
    if (answer.readyAtMs <= (sounds.at(-1)?.toMs ?? 0)) break;
  }
  const answerAtMs = Math.max(answer.readyAtMs, sounds.at(-1)?.toMs ?? 0);
  const all = [...sounds, { fromMs: answerAtMs, toMs: answerAtMs }];
  const quiets = all.map(({ fromMs }, index) => fromMs - (all[index - 1]?.toMs ?? 0));
  return {
    firstSoundAtMs: all[0]?.fromMs ?? answerAtMs,
    answerAtMs,
    delayMs: answerAtMs - answer.readyAtMs,
    fillers: sounds.length,
    quietMs: Math.max(...quiets),
  };
}

function progressAt({ firstTokenAtMs, voiceAskedAtMs }: Omit<Answer, 'usual'>, nowMs: number): AnswerProgress {
  return {
    askedAtMs: ASKED_AT_MS,
    ...(firstTokenAtMs <= nowMs && { firstTokenAtMs }),
    ...(voiceAskedAtMs <= nowMs && { voiceAskedAtMs }),
  };
}
