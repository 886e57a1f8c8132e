/** What the parent hands each call process, as one JSON text in the environment; parsed again at the fork's edge. */
import { z } from 'zod';
import { DispatchMetadata, ProfileName } from '../../wire/profile.js';

/** Name of the variable that carries {@link CallSettings} from the worker's parent to its children. */
export const CALL_SETTINGS_VARIABLE = 'TURNWISE_CALL_SETTINGS';

const Provider = z.strictObject({
  provider: z.string().min(1),
  model: z.string().min(1),
  baseUrl: z.string().min(1),
  apiKey: z.string().min(1),
});

/** At least one; the first is the primary. */
const providers = <Settings extends z.ZodType>(settings: Settings) => z.tuple([settings], settings).readonly();

export const CallSettings = z.strictObject({
  stt: providers(Provider),
  llm: providers(Provider),
  /** Model of the first LLM that answers sooner, for when the budget is burnt; absent: there is none. */
  fasterModel: z.string().min(1).optional(),
  tts: providers(Provider.extend({ voice: z.string().min(1) })),
  /** Profile of calls whose dispatch names none. */
  profile: ProfileName,
  ordersDb: z.string().min(1),
  /** Folder of the phrases that are synthesised once. */
  phrasesDir: z.string().min(1),
  /** Folder for recordings of the listener (`telemetry/turn-recorder.ts`); absent: none are made. */
  turnRecordings: z.string().min(1).optional(),
  /** Whether what was said may leave the call in its records; absent: it may not. */
  keepsTexts: z.boolean().optional(),
  logLevel: z.enum(['debug', 'info', 'warn', 'error']),
  /** Path of the unix socket (or named pipe) on which the parent takes metric events. */
  metricsSocket: z.string().min(1),
  /** Path of the unix socket (or named pipe) on which the turn model's process gives scores. */
  turnModelSocket: z.string().min(1),
});
export type CallSettings = Readonly<z.infer<typeof CallSettings>>;

/**
 * @param metadata - The job's metadata as received.
 * @returns What it asks for; `problem` says what was wrong with it when it is not understood (the call goes on without it).
 */
export function parseDispatchMetadata(metadata: string): z.infer<typeof DispatchMetadata> & { problem?: string } {
  if (metadata === '') return {};
  if (metadata.length > 4_096) return { problem: 'dispatch metadata is longer than 4096 characters' };
  let json: unknown;
  try {
    json = JSON.parse(metadata);
  } catch {
    return { problem: 'dispatch metadata is not JSON' };
  }
  const parsed = DispatchMetadata.safeParse(json);
  if (parsed.success) return parsed.data;
  return {
    problem: `dispatch metadata: ${parsed.error.issues.map((issue) => issue.path.join('.')).join(', ')} is not valid`,
  };
}
