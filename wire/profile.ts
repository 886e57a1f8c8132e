/** The latency profiles a dispatch may name in its metadata. What each means, the worker's table says (`agent/config/profiles.ts`). */
import { z } from 'zod';

export const PROFILE_NAMES = [
  'excellent',
  'good',
  'acceptable',
  'enterprise',
  'pro',
  'starter',
  'free',
  'naive',
] as const;

export const ProfileName = z.enum(PROFILE_NAMES);
export type ProfileName = z.infer<typeof ProfileName>;

/** What a profile may do to answer sooner or more surely, each with a switch of its own. */
export const TECHNIQUES = [
  /** Each turn is accounted for: its document, metrics and record. Off only to measure what that costs. */
  'accounts',
  /** The LLM is asked during the wait for the end of the turn. */
  'speculation',
  /** The voice of a speculated answer is made during the wait, too. */
  'speculative-voice',
  /** Text goes to the synthesiser at its first safe boundary; without it, when the whole reply is there. */
  'first-clause',
  /** Connections to providers are open before they are needed. */
  'warm',
  /** Near-silence at the beginning of a synthesised reply is left out. */
  'trimming',
  /** The assistant's own phrases are synthesised once. */
  'phrase-cache',
  /** A short beginning is said at once, which the answer goes on from. */
  'openings',
  /** Who has to wait is told so. */
  'fillers',
  /** What a provider owes is waited for no longer than it mostly takes. */
  'deadlines',
  /** Past the deadline a second request goes out. */
  'hedging',
  /** What a provider fails at, another one is asked for. */
  'fallback',
  /** Old parts of a long conversation are told as a summary. */
  'summary',
  /** Questions that always have the same answer are answered without the LLM. */
  'answer-cache',
  /** Where the budget is burnt, less is done and sooner. */
  'budget-control',
] as const;

export const Technique = z.enum(TECHNIQUES);
export type Technique = z.infer<typeof Technique>;

/**
 * A dispatch's metadata, as JSON: `{"profile":"good"}`, or nothing. `without` switches techniques of the profile off, for
 * comparisons. Keys of others are left alone.
 */
export const DispatchMetadata = z.object({
  profile: ProfileName.optional(),
  without: z.array(Technique).max(TECHNIQUES.length).optional(),
});
