/** What is decided on a sentence that is no order: answered at once, or by a tool that reads. */
import { call, type Decision, miss, say } from './decision.js';
import type { PlainIntent } from './intents.js';
import { SLOTS } from './lexicon.js';
import { SAY } from './phrases.js';
import { orderLines, type State } from './state.js';

export function plain(intent: PlainIntent, known: State): Decision {
  const state: State = { ...known, misses: 0 };
  const ready = typeof state.order?.ready === 'string' ? state.order.ready : undefined;
  switch (intent) {
    case 'yes':
      return say(SAY.whatElse, state);
    case 'no':
    case 'done':
      return say(
        ready ? `All right. Your order is ready ${ready}. See you soon!` : 'Okay. Just say when you want something.',
        state,
      );
    case 'thanks':
      return say(SAY.welcome, state);
    case 'bye':
      return say(ready ? `Goodbye! Your order is ready ${ready}.` : SAY.goodbyeEmpty, state);
    case 'greeting':
      return say(SAY.greetBack, state);
    case 'hearing':
      return say(SAY.hearing, state);
    case 'identity':
      return say(SAY.identity, state);
    case 'abilities':
      return say(SAY.abilities, state);
    case 'repeat':
      return say(state.lastSaid || SAY.greeting, state);
    case 'read-back':
    case 'total':
      return { action: call('get_order', {}), state };
    case 'menu':
    case 'recommend':
    case 'milks':
    case 'milk-price':
    case 'sizes':
    case 'roasts':
    case 'sweeteners':
      return { action: call('get_menu', {}), state };
    case 'pickup':
      return { action: call('get_pickup_time', {}), state };
    case 'hours':
      return { action: call('get_opening_hours', {}), state };
    case 'human':
      return { action: call('hand_over', {}), state };
    case 'cancel':
      return { action: call('cancel_order', {}), state };
    case 'change':
      return say(state.order ? SAY.changeWhat : SAY.noOrder, state);
    case 'start':
    case 'place':
      return say(SAY.whichDrink, state);
    case 'never-mind':
      return say('Okay. Anything else?', state);
    case 'unsure':
    case 'wait':
      return say(SAY.takeYourTime, state);
    case 'payment':
      return say(SAY.payment, state);
    case 'delivery':
      return say(SAY.delivery, state);
    case 'off-topic':
      return say(SAY.offTopic, state);
    case 'backchannel':
      return say(state.order ? 'Anything else?' : SAY.listening, state);
    case 'same-again':
      return sameAgain(state);
    case 'first':
    case 'second':
    case 'third':
    case 'last':
      return miss(known);
  }
}

function sameAgain(state: State): Decision {
  const lines = orderLines(state.order);
  const [line] = lines;
  if (line === undefined || lines.length > 1) return say(line ? SAY.whichDrink : SAY.noOrder, state);
  const item = Object.fromEntries(
    ['drink', ...SLOTS].map((slot) => [slot, line[slot]]).filter(([, value]) => value !== null),
  );
  return { action: call('place_order', { items: [item], another: true }), state };
}
