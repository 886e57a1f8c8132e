/** What to answer to what the caller said. Pure: state and understanding in, one action and the state after it out. */
import type { Slots } from './assemble.js';
import { ask, call, type Decision, miss, say } from './decision.js';
import type { PlainIntent } from './intents.js';
import { SLOTS } from './lexicon.js';
import { capitalise, describe, describeAll, MISSES_MAX, SAY } from './phrases.js';
import { plain } from './plain.js';
import { type Draft, orderLines, type State, type ToolAnswer } from './state.js';
import { type Understanding, withoutNone } from './understand.js';

/** Decides on one turn of the caller's. */
export function decide(before: State, understanding: Understanding): Decision {
  const state: State = { ...before, turns: before.turns + 1 };
  return answerToPending(state, understanding) ?? answerToDraft(state, understanding) ?? afresh(state, understanding);
}

/** A tool waits for a yes. */
function answerToPending(state: State, heard: Understanding): Decision | undefined {
  const { pending } = state;
  if (pending === undefined) return undefined;
  const dropped: State = { ...state, pending: undefined, misses: 0 };
  if (heard.kind === 'plain') {
    if (heard.intent === 'yes' || heard.intent === 'place') {
      if (!pending.wasAsked) return say(`Just to be sure: ${pending.readBack}. Is that right?`, state);
      return { action: call(pending.tool, { ...pending.args, confirmed: true }), state: dropped };
    }
    if (heard.intent === 'no' || heard.intent === 'never-mind') {
      return say(pending.tool === 'place_order' ? SAY.nothingSaved : SAY.staysAsItIs, dropped);
    }
    if (heard.intent === 'repeat') return say(`I asked: ${pending.readBack}. Is that right?`, state);
    if (isNoAnswer(heard.intent)) return say(`Please say yes or no: ${pending.readBack}?`, state);
  }
  if (heard.kind === 'unclear' || heard.kind === 'silence') {
    const misses = state.misses + 1;
    return say(`Sorry, I didn't get that. Is this right: ${pending.readBack}? Please say yes or no.`, {
      ...state,
      misses,
    });
  }
  const corrected = piecesOf(heard);
  if (corrected === undefined || corrected.drink !== undefined) return undefined;
  if (pending.tool === 'place_order') {
    const [item, ...others] = orderLines(pending.args) as Slots[];
    if (item === undefined || others.length > 0) return undefined;
    return { action: call('place_order', { items: [withoutNone({ ...item, ...corrected })] }), state: dropped };
  }
  if (pending.tool === 'change_order') {
    return { action: call('change_order', { ...pending.args, ...corrected }), state: dropped };
  }
  return undefined;
}

/** A question of one's own is open. */
function answerToDraft(state: State, heard: Understanding): Decision | undefined {
  const { draft } = state;
  if (draft === undefined) return undefined;
  const closed: State = { ...state, draft: undefined, misses: 0 };
  if (heard.kind === 'plain') {
    if (heard.intent === 'no' || heard.intent === 'never-mind') {
      return say(draft.action === 'place' ? SAY.nothingSaved : SAY.staysAsItIs, closed);
    }
    if (draft.ask === 'right?' && (heard.intent === 'yes' || heard.intent === 'place')) return carryOut(draft, closed);
    if (heard.intent === 'repeat' || isNoAnswer(heard.intent)) return say(state.lastSaid || SAY.whichDrink, state);
  }
  if (draft.ask === 'which?') return answerWhich(draft, heard, closed);
  const pieces = piecesOf(heard);
  const [item] = draft.items;
  // A whole new order takes the question's place; pieces answer it.
  const answersDrink = draft.ask === 'drink' && pieces?.drink !== undefined;
  if (pieces === undefined || item === undefined || draft.items.length > 1) return undefined;
  if (pieces.drink !== undefined && !answersDrink) return undefined;
  const items = [{ ...item, ...pieces }];
  return complete({ ...draft, items }, closed);
}

/** Which of several drinks was meant. */
function answerWhich(draft: Draft, heard: Understanding, closed: State): Decision | undefined {
  const lines = orderLines(closed.order);
  const said = heard.kind === 'plain' ? undefined : piecesOf(heard);
  const ordinal = heard.kind === 'plain' ? ORDINALS[heard.intent] : undefined;
  const matches =
    ordinal === undefined ? lines.filter((line) => said && fits(line, said)) : lines.slice(ordinal).slice(0, 1);
  const [line] = matches;
  if (line !== undefined && matches.length === 1) {
    const { which: _which, ...args } = draft.args ?? {};
    return { action: call('change_order', { ...args, position: line.position }), state: closed };
  }
  if (said === undefined && ordinal === undefined) return undefined;
  return say(closed.lastSaid || SAY.whichDrink, { ...closed, draft });
}

const ORDINALS: Readonly<Partial<Record<PlainIntent, number>>> = { first: 0, second: 1, third: 2, last: -1 };

/** Nothing is open: the words stand for themselves. */
function afresh(opened: State, heard: Understanding): Decision {
  const state: State = { ...opened, pending: undefined, draft: undefined, misses: 0 };
  switch (heard.kind) {
    case 'order':
      return order(heard, state);
    case 'fragment':
      if (state.order)
        return complete(
          { action: 'change', items: [heard.slots], ask: 'right?', oneMoreShot: heard.oneMoreShot },
          state,
        );
      return complete(
        {
          action: 'place',
          items: [heard.oneMoreShot ? { ...heard.slots, shots: 'double' } : heard.slots],
          ask: 'drink',
        },
        state,
      );
    case 'change':
      return change(heard, state);
    case 'resize':
      return resize(heard.bigger, state);
    case 'remove':
      if (!state.order) return say(SAY.noOrder, state);
      return { action: call('change_order', { which: heard.which, remove: true }), state };
    case 'doubtful':
      return doubt(heard, { ...state, misses: opened.misses });
    case 'price':
      if (heard.item.drink === undefined)
        return ask(state, { action: 'place', items: [], ask: 'drink' }, SAY.whichDrink);
      return {
        action: call('get_price', { ...heard.item }),
        state: { ...state, draft: { action: 'place', items: [heard.item], ask: 'right?' } },
      };
    case 'have':
      if (heard.onMenu) return say(`Yes, we have ${heard.words}. What would you like?`, state);
      return say("No, sorry, we don't have that. Would you like to hear the menu?", state);
    case 'plain':
      return plain(heard.intent, { ...state, misses: opened.misses });
    case 'silence':
      return say(SAY.listening, { ...state, misses: opened.misses });
    case 'unclear':
      return miss({ ...state, misses: opened.misses });
  }
}

function order(heard: Understanding & { kind: 'order' }, state: State): Decision {
  const lines = orderLines(state.order);
  const [first] = heard.items;
  if (heard.correcting && first !== undefined && heard.items.length === 1 && lines.length === 1) {
    const draft: Draft = { action: 'change', items: heard.items, ask: 'right?' };
    return ask(state, draft, `Should I make that ${describe(first)} instead of ${lines[0]?.description}?`);
  }
  if (heard.correcting && lines.length > 1) {
    const draft: Draft = { action: 'place', items: heard.items, ask: 'right?' };
    return ask(state, draft, `Should I add ${describeAll(heard.items)} to your order?`);
  }
  return { action: call('place_order', { items: heard.items, ...(heard.another && { another: true }) }), state };
}

/** The next cup up or down from the one that stands; asked when that is not plain. */
function resize(bigger: boolean, state: State): Decision {
  const [line, ...others] = orderLines(state.order);
  if (line === undefined) return say(SAY.noOrder, state);
  const at = CUPS.indexOf(String(line.size));
  const size = at < 0 ? undefined : CUPS[at + (bigger ? 1 : -1)];
  if (others.length === 0 && size !== undefined) return { action: call('change_order', { size }), state };
  return ask(state, { action: 'change', items: [{}], ask: 'size' }, SAY.whichSize);
}

const CUPS = ['small', 'medium', 'large'];

function change(heard: Understanding & { kind: 'change' }, state: State): Decision {
  const { slots, oneMoreShot, which } = heard;
  if (state.order) {
    const draft: Draft = {
      action: 'change',
      items: [slots],
      ask: 'right?',
      oneMoreShot,
      ...(which !== undefined && { which }),
    };
    return complete(draft, state);
  }
  return complete({ action: 'place', items: [slots], ask: 'drink' }, state);
}

/** Carries a draft out when it is whole, or asks for the drink. */
function complete(draft: Draft, state: State): Decision {
  const [item] = draft.items;
  if (draft.action === 'place' && item !== undefined && item.drink === undefined) {
    const words = Object.values(item).some((value) => value !== 'none')
      ? `${describe(withoutNone(item))}: of which drink?`
      : SAY.whichDrink;
    return ask(state, { ...draft, ask: 'drink' }, capitalise(words));
  }
  if (draft.isUnsure) {
    const sure: Draft = { action: draft.action, items: draft.items, ask: 'right?' };
    return ask(state, sure, `So ${describeAll(draft.items.map(withoutNone))}, is that right?`);
  }
  return carryOut(draft, state);
}

function carryOut(draft: Draft, state: State): Decision {
  switch (draft.action) {
    case 'place':
      return { action: call('place_order', { items: draft.items.map(withoutNone) }), state };
    case 'change': {
      const [slots] = draft.items;
      const which = draft.which === undefined ? {} : { which: draft.which };
      const shots = draft.oneMoreShot ? { shots: 'one more' } : {};
      return { action: call('change_order', { ...which, ...slots, ...shots }), state };
    }
    case 'cancel':
      return { action: call('cancel_order', {}), state };
    case 'hand-over':
      return { action: call('hand_over', {}), state };
  }
}

/** Something was understood, but not all of it fits: asked back with what was understood, never guessed. */
function doubt(heard: Understanding & { kind: 'doubtful' }, state: State): Decision {
  const action = heard.changing && state.order ? 'change' : 'place';
  const [item] = heard.items;
  if (item === undefined) return miss(state);
  const choice = eitherOr(heard, action);
  if (choice !== undefined) return ask({ ...state, misses: 0 }, choice.draft, choice.words);
  const wanted = heard.items.map(withoutNone);
  if (wanted.some((slots) => slots.drink === undefined)) {
    const [slots, ...others] = wanted;
    if (slots !== undefined && mayChange(heard, wanted, state)) {
      const change: Draft = { action: 'change', items: [slots], ask: 'right?' };
      return ask({ ...state, misses: state.misses + 1 }, change, `Should I make it ${describe(slots)}, is that right?`);
    }
    const isTalk = slots === undefined || others.length > 0 || heard.problems.some(({ kind }) => kind === 'conflict');
    if (isTalk || action === 'change' || Object.keys(slots).length === 0 || state.misses + 1 >= MISSES_MAX)
      return miss(state);
    const partial: Draft = { action, items: [slots], ask: 'drink', isUnsure: true };
    const words = `I got ${describe(slots)}, but not the drink. Which drink would you like?`;
    return ask({ ...state, misses: state.misses + 1 }, partial, words);
  }
  const misses = state.misses + 1;
  const draft: Draft = { action, items: wanted, ask: 'right?' };
  const way = misses >= MISSES_MAX ? ' You can also type it, or ask for a human colleague.' : '';
  return ask({ ...state, misses }, draft, `${SAY.unsure} Is it ${describeAll(wanted)}?${way}`);
}

/** Pieces without a drink, while one is ordered, are most likely meant for that one. */
function mayChange(heard: Understanding & { kind: 'doubtful' }, wanted: readonly Slots[], state: State): boolean {
  const isWhole = wanted.length === 1 && Object.keys(wanted[0] ?? {}).length > 0;
  return isWhole && state.order !== undefined && !heard.problems.some(({ kind }) => kind === 'conflict');
}

/** Two values where one can be, and nothing else amiss: a question that one word answers. */
function eitherOr(heard: Understanding & { kind: 'doubtful' }, action: 'place' | 'change') {
  const [problem, ...others] = heard.problems;
  if (problem?.kind !== 'conflict' || others.length > 0) return undefined;
  const choice = problem.values.join(' or ');
  if (problem.slot === 'drink') {
    if (heard.items.length !== 2) return undefined;
    const [{ drink: _first, ...slots } = {}, { drink: _second, ...more } = {}] = heard.items;
    const draft: Draft = { action, items: [{ ...slots, ...more }], ask: 'drink' };
    return { draft, words: `Which one, ${choice}?` };
  }
  if (heard.items.length !== 1) return undefined;
  const { [problem.slot]: _unsettled, ...rest } = heard.items[0] ?? {};
  const draft: Draft = { action, items: [rest], ask: problem.slot };
  return { draft, words: `${capitalise(describe(rest))}: ${choice}?` };
}

/** The pieces of an order in what was heard, when it is one drink's at most. */
function piecesOf(heard: Understanding): Slots | undefined {
  if (heard.kind === 'fragment' || heard.kind === 'change') {
    return heard.oneMoreShot ? { ...heard.slots, shots: 'double' } : heard.slots;
  }
  return heard.kind === 'order' && heard.items.length === 1 ? heard.items[0] : undefined;
}

/** Sounds and pauses that leave a question open. */
function isNoAnswer(intent: PlainIntent): boolean {
  return intent === 'backchannel' || intent === 'unsure' || intent === 'wait' || intent === 'hearing';
}

function fits(line: ToolAnswer, said: Slots): boolean {
  return ['drink' as const, ...SLOTS].every((slot) => said[slot] === undefined || line[slot] === said[slot]);
}
