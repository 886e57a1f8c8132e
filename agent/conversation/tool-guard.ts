/**
 * Stands between the language model and the tools: none that changes anything runs on words that the caller is taking back
 * or going on from, what was changed behind a reply that was cut is not forgotten, and no call waits for a tool that never
 * ends. The tools need not know of it.
 */
import { once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { llm } from '@livekit/agents';
import type { Turn } from './turn.js';

/** What the model is told instead of an answer. */
export const NOT_DONE = Object.freeze({
  status: 'not_done',
  why: 'The caller spoke on before this was carried out. Nothing was changed.',
});

/** What is said of one that nobody waits for any more; the framework forgets it (generation.js:980 of 1.8.1). */
const UNKNOWN = Object.freeze({ status: 'unknown', why: 'It takes too long.' });

/**
 * How long a tool may go on behind a reply that was cut, in ms, before the call's end no longer waits for it: the framework waits
 * without limit (tool_executor.js:251 of 1.8.1).
 */
const GRACE_MS = 5_000;

export interface ToolGuardOptions {
  /** Which tools only read, by name; a tool that is not named is taken for one that changes something. */
  readonly tools: Readonly<Record<string, { readonly readOnly: boolean }>>;
  /** The turn that the calling code answers. */
  readonly currentTurn: () => Turn | undefined;
  /** Resolves once nobody speaks over the reply, or what is spoken has been judged: at once, most of the time. */
  readonly overlapJudged: (signal: AbortSignal) => Promise<void>;
  /** A tool has begun (1), or ended (-1). */
  readonly onRunning?: (change: 1 | -1) => void;
  /** What came of a tool that may have changed something, after its reply was cut. */
  readonly onLate?: (outcome: llm.FunctionCallOutput) => void;
  readonly graceMs?: number;
}

/** The same tools, guarded. What the provider runs itself, and tools within a toolset, are left as they are. */
export function guardTools(tools: llm.ToolContext, options: ToolGuardOptions): llm.ToolContext {
  return new llm.ToolContext(tools.tools.map((tool) => (llm.isFunctionTool(tool) ? guarded(tool, options) : tool)));
}

function guarded(tool: llm.FunctionTool, options: ToolGuardOptions): llm.FunctionTool {
  const isReadOnly = options.tools[tool.name]?.readOnly === true;
  return {
    ...tool,
    execute: async (args, call) => {
      const turn = options.currentTurn();
      turn?.itemIds.add(call.toolCallId);
      if (!isReadOnly) {
        await options.overlapJudged(call.abortSignal);
        if (call.abortSignal.aborted || turn?.mayChange === false) return NOT_DONE;
        turn?.markChange();
      }
      options.onRunning?.(1);
      turn?.mark('toolsStartedAtMs');
      const running = (async () => tool.execute(args, call))();
      if (!isReadOnly) void tellLate(running, tool.name, call, options);
      try {
        return await Promise.race([running, graceOver(running, call.abortSignal, options.graceMs)]);
      } finally {
        turn?.mark('toolsEndedAtMs');
        options.onRunning?.(-1);
      }
    },
  };
}

/** Resolves so long after nobody waits for the tool any more; never where it has ended by then. */
async function graceOver(running: Promise<unknown>, cut: AbortSignal, graceMs = GRACE_MS): Promise<typeof UNKNOWN> {
  const ended = new AbortController();
  const end = () => ended.abort();
  running.then(end, end);
  try {
    if (!cut.aborted) await once(cut, 'abort', { signal: ended.signal });
    return await sleep(graceMs, UNKNOWN, { signal: ended.signal });
  } catch {
    return new Promise(() => undefined);
  }
}

async function tellLate(
  running: Promise<unknown>,
  name: string,
  { toolCallId: callId, abortSignal }: Pick<llm.ToolOptions, 'toolCallId' | 'abortSignal'>,
  { onLate }: ToolGuardOptions,
): Promise<void> {
  const written = running.then((result) => JSON.stringify(result) ?? '');
  const answer = await written.then(
    (output) => ({ output, isError: false }),
    // As the framework does: what went wrong may be nobody's business.
    (error: unknown) => ({
      output: error instanceof llm.ToolError ? error.message : 'An internal error occurred',
      isError: true,
    }),
  );
  if (abortSignal.aborted) onLate?.(llm.FunctionCallOutput.create({ callId, name, ...answer }));
}
