/**
 * Stands between the language model and the tools: none that changes anything runs on words that the caller is taking back
 * or going on from. The tools need not know of it.
 */
import { llm } from '@livekit/agents';
import type { Turn } from './turn.js';

/** What the model is told instead of an answer. */
export const NOT_DONE = Object.freeze({
  status: 'not_done',
  why: 'The caller spoke on before this was carried out. Nothing was changed.',
});

export interface ToolGuardOptions {
  /** Which tools only read, by name; a tool that is not named is taken for one that changes something. */
  readonly tools: Readonly<Record<string, { readonly readOnly: boolean }>>;
  /** The turn that the calling code answers. */
  readonly currentTurn: () => Turn | undefined;
  /** Resolves once nobody speaks over the reply, or what is spoken has been judged: at once, most of the time. */
  readonly overlapJudged: (signal: AbortSignal) => Promise<void>;
  /** A tool has begun (1), or ended (-1). */
  readonly onRunning?: (change: 1 | -1) => void;
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
      try {
        return await tool.execute(args, call);
      } finally {
        turn?.mark('toolsEndedAtMs');
        options.onRunning?.(-1);
      }
    },
  };
}
