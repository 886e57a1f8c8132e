import { z } from 'zod';

/** Latency profiles a call may ask for; the worker holds the table of what each means. */
export const LatencyProfile = z.enum([
  'excellent',
  'good',
  'acceptable',
  'enterprise',
  'pro',
  'starter',
  'free',
  'naive',
]);
export type LatencyProfile = z.infer<typeof LatencyProfile>;
