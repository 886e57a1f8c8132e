/** What both agents of the stock framework are told and say. */

/** Said first, as ours does: all calls begin alike. */
export const GREETING = 'Hi, this is Turnwise Coffee. What can I get you?';

export const INSTRUCTIONS = 'You take orders by phone for Turnwise Coffee, a coffee bar.';
