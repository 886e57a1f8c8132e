import { z } from 'zod';
import { CALL_NAME } from '../call-key.js';
import { FaultSpec } from '../faults.js';
import { Latency, PresetName } from './latency.js';

/** Forced alignment may put a first word before the recording; there is no sound to be had there. */
export const LabelMs = z
  .number()
  .min(-600_000)
  .max(3_600_000)
  .transform((ms) => Math.max(0, ms));

/** A word and where it is in the recording, in ms from the recording's first sample. */
export const ScriptWord = z
  .strictObject({
    word: z.string().min(1).max(100),
    punctuatedWord: z.string().min(1).max(100).optional(),
    startMs: LabelMs,
    endMs: LabelMs,
    confidence: z.number().min(0).max(1).default(0.99),
  })
  .refine((word) => word.endMs > word.startMs, 'ends before it starts');
export type ScriptWord = z.output<typeof ScriptWord>;

const Words = z
  .array(ScriptWord)
  .max(5_000)
  .refine(
    (words) => words.every((word, index) => index === 0 || word.startMs >= (words[index - 1]?.startMs ?? 0)),
    'words are not in the order of their starts',
  );

/** Level of each 10 ms of the recording in dBFS. */
const Envelope = z.array(z.number().min(-200).max(10)).max(60_000);

/** One utterance of the caller: words with, at best, the recording's envelope; or a recording of the data folder by name. */
const Turn = z
  .strictObject({ words: Words.optional(), envelopeDbfs: Envelope.optional(), recording: z.string().min(1).optional() })
  .refine((turn) => (turn.words === undefined) !== (turn.recording === undefined), 'needs either words or a recording');
export type ScriptTurn = z.output<typeof Turn>;

/** One answer of the language model. */
export const Reply = z.strictObject({
  /** Chooses this reply when the caller's last words hold it, case ignored; replies without it are taken in turn. */
  when: z.string().min(1).optional(),
  text: z.string().max(20_000).optional(),
  toolCalls: z
    .array(z.strictObject({ name: z.string().min(1), arguments: z.record(z.string(), z.unknown()).default({}) }))
    .max(20)
    .default([]),
  /** Said when the tools of this reply have answered. */
  afterTools: z.string().max(20_000).optional(),
});
export type Reply = z.output<typeof Reply>;

/** What `POST /script` takes. The call `*` stands for all calls, and takes no words. */
export const ScriptBody = z
  .strictObject({
    call: z.union([z.literal('*'), z.string().regex(CALL_NAME)]),
    /** Adds turns and replies to the call's script instead of replacing it. */
    append: z.boolean().default(false),
    /** Short for one turn. */
    words: Words.optional(),
    envelopeDbfs: Envelope.optional(),
    turns: z.array(Turn).max(500).optional(),
    /** What the model says when the conversation has no user message yet. */
    greeting: z.string().max(20_000).optional(),
    replies: z.array(Reply).max(500).optional(),
    preset: PresetName.optional(),
    /** Single times instead of the preset's. */
    timing: z
      .strictObject({
        sttLatency: Latency,
        sttFinalizeMs: z.number().min(0).max(60_000),
        llmTtft: Latency,
        llmPerToken: Latency,
        ttsTtfb: Latency,
        ttsCharactersPerSecond: z.number().positive().max(1_000),
        ttsLeadingSilenceMs: z.number().min(0).max(60_000),
      })
      .partial()
      .optional(),
    faults: z.array(FaultSpec).max(100).optional(),
    /** Decides what is drawn at random: times, and faults that strike with a probability. */
    seed: z.number().int().optional(),
    /**
     * Draws each time by what is asked for and for the how many-th time, and not by the call's name and the order of all its
     * requests (`draws.ts`): calls of one seed that ask for the same find the same. Faults stay the call's own.
     */
    paired: z.boolean().optional(),
  })
  .refine((body) => body.words === undefined || body.turns === undefined, 'give words or turns, not both')
  .refine((body) => body.call !== '*' || (body.words ?? body.turns ?? body.replies) === undefined, {
    message: 'all calls together can have faults, a preset, timing, a seed and paired draws, but no words and replies',
  });
export type ScriptBody = z.output<typeof ScriptBody>;
