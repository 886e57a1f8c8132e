/** What the agent says about itself in its participant attributes. Foreign text: bounded and checked before it is shown. */
import { z } from 'zod';
import { AGENT_ATTRIBUTES } from '../../wire/turn.js';

/** LiveKit's own attribute for what an agent does. */
const STATE_ATTRIBUTE = 'lk.agent.state';

/** Consecutive turns not understood after which typing is offered. */
const MISSES_TO_OFFER_TYPING = 2;

const AgentActivity = z.enum(['initializing', 'idle', 'listening', 'thinking', 'speaking']);
export type AgentActivity = z.infer<typeof AgentActivity>;

const Phrases = z.array(z.string().trim().min(1).max(120)).max(20);
const Misses = z.coerce.number().int().nonnegative();

export interface AgentInfo {
  readonly activity: AgentActivity;
  /** Who recognises speech; undefined when the agent does not say. */
  readonly engine: string | undefined;
  /** Sentences that are understood; empty when free speech is. */
  readonly phrases: readonly string[];
  /** The agent failed to understand often enough that typing should be offered. */
  readonly offersTyping: boolean;
}

/** Reads participant attributes; what is missing or malformed reads as not said. */
export function readAgent(attributes: Readonly<Record<string, string>>): AgentInfo {
  const activity = AgentActivity.safeParse(attributes[STATE_ATTRIBUTE]);
  const misses = Misses.safeParse(attributes[AGENT_ATTRIBUTES.misses]);
  return {
    activity: activity.success ? activity.data : 'initializing',
    engine: attributes[AGENT_ATTRIBUTES.engine]?.slice(0, 80) || undefined,
    phrases: parsePhrases(attributes[AGENT_ATTRIBUTES.phrases]),
    offersTyping: misses.success && misses.data >= MISSES_TO_OFFER_TYPING,
  };
}

function parsePhrases(json: string | undefined): readonly string[] {
  if (json === undefined) return [];
  try {
    const parsed = Phrases.safeParse(JSON.parse(json));
    return parsed.success ? parsed.data : [];
  } catch (error) {
    if (error instanceof SyntaxError) return [];
    throw error;
  }
}
