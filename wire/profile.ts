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

/** A dispatch's metadata, as JSON: `{"profile":"good"}`, or nothing. Keys of others are left alone. */
export const DispatchMetadata = z.object({ profile: ProfileName.optional() });
