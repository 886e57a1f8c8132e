/** One reply from the messages of a conversation and the tools at hand. Pure. */
import type { ChatMessage, ChatRequest, ChatTool } from '../../engine.js';
import { decide } from './decide.js';
import { type Lexicon, lexiconOf, takes } from './lexicon.js';
import { continued, openingOf } from './opening.js';
import { SAY } from './phrases.js';
import { parseAnswer, speakAnswer } from './speak.js';
import { type Action, afterSaying, afterTool, BEGINNING, type State } from './state.js';
import { createUnderstander, type Understander, type Understanding } from './understand.js';

/** Without a tool that tells them, no word of an order is known, and none is understood. */
const NO_LEXICON: Lexicon = { drink: [], size: [], roast: [], shots: [], milk: [], milkAmount: [], sweetener: [] };

/** @returns What to say or which tool to call now. A reply that was begun aloud is gone on with. */
export function respond(request: ChatRequest): Action {
  const action = respondAfresh(request);
  const opening = openingOf(request.messages);
  return action.kind === 'call' || opening === undefined
    ? action
    : { kind: 'say', text: continued(opening, action.text) };
}

function respondAfresh(request: ChatRequest): Action {
  const lexicon = lexiconOf(request.tools);
  const understand = createUnderstander(lexicon ?? NO_LEXICON);
  const replay = replayConversation(request.messages, understand);
  if (replay.answers.length > 0) {
    const occasion = { asked: replay.heard, turns: replay.turns };
    const texts = replay.answers.map(({ tool, content }) => speakAnswer(tool, parseAnswer(content), occasion));
    return { kind: 'say', text: [...new Set(texts)].join(' ') };
  }
  if (replay.pendingAction === undefined) return { kind: 'say', text: SAY.greeting };
  return lexicon === undefined && isOrdering(replay.pendingAction)
    ? { kind: 'say', text: SAY.noTools }
    : withTools(replay.pendingAction, request);
}

interface Replay {
  readonly heard: Understanding | undefined;
  readonly turns: number;
  /** The action that the caller's last words call for; undefined when they were answered or there were none. */
  readonly pendingAction: Action | undefined;
  /** Tool answers that nothing has been said of yet. */
  readonly answers: readonly { readonly tool: string; readonly content: string }[];
}

/** Goes through the messages as they came about. */
function replayConversation(messages: readonly ChatMessage[], understand: Understander): Replay {
  let state: State = BEGINNING;
  let heard: Understanding | undefined;
  let pendingAction: Action | undefined;
  let answers: { tool: string; content: string }[] = [];
  let callerText: string | undefined;
  const calls = new Map<string, { readonly name: string; readonly arguments: string }>();
  let stateBefore = state;
  for (const message of messages) {
    if (message.role === 'user') {
      // Words that were not answered yet belong together: the caller went on, or the reply was overtaken.
      const together = pendingAction !== undefined && callerText !== undefined;
      const from: State = together ? stateBefore : state;
      const text: string = together ? `${callerText} ${message.content}` : message.content;
      const joint = understand(text);
      heard = together && (joint.kind === 'unclear' || joint.kind === 'doubtful') ? understand(message.content) : joint;
      stateBefore = from;
      callerText = text;
      answers = [];
      ({ action: pendingAction, state } = decide(from, heard));
    } else if (message.role === 'assistant') {
      for (const call of message.toolCalls ?? []) calls.set(call.id, call);
      if (message.content.trim() !== '') {
        state = afterSaying(state, message.content);
        answers = [];
      }
      pendingAction = undefined;
    } else if (message.role === 'tool') {
      const call = calls.get(message.toolCallId ?? '');
      const tool = call?.name ?? '';
      answers.push({ tool, content: message.content });
      const answer = parseAnswer(message.content);
      if (answer !== undefined) state = afterTool(state, tool, parseAnswer(call?.arguments ?? '') ?? {}, answer);
      pendingAction = undefined;
    }
  }
  return { heard, turns: state.turns, pendingAction, answers };
}

function isOrdering(action: Action): boolean {
  return action.kind === 'call' && action.tool.endsWith('_order');
}

/** Holds the action against the tools that are really there. */
function withTools(action: Action, { tools, toolChoice }: ChatRequest): Action {
  if (action.kind === 'say') return action;
  const tool = tools.find(({ name }) => name === action.tool);
  if (tool === undefined || toolChoice === 'none') return { kind: 'say', text: SAY.noSuchTool };
  return { ...action, args: known(action.args, tool) };
}

/** Leaves out arguments that the tool does not take at all. */
function known(args: Readonly<Record<string, unknown>>, tool: ChatTool): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    Object.entries(args).filter(([name, value]) => value !== undefined && value !== null && takes(tool, name)),
  );
}
