/** What people read out to an agent, in the groups they say it in. */
import { oneOf, wholeBetween } from './random.mjs';

const DIGITS = ['zero', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine'];
const NAMES = ['smith', 'garcia', 'nguyen', 'walker', 'okafor', 'petrov', 'jensen', 'murphy', 'tanaka', 'kowalski', 'bauer', 'lindqvist'];
const FIRST = ['anna', 'george', 'maria', 'peter', 'linda', 'carl', 'susan', 'victor'];
const HOSTS = ['gmail', 'outlook', 'yahoo', 'example'];
const MONTHS = ['january', 'march', 'april', 'june', 'july', 'september', 'october', 'december'];
const DAYS = ['first', 'second', 'third', 'fifth', 'ninth', 'twelfth', 'fourteenth', 'nineteenth', 'twenty first', 'thirtieth'];
const TENS = ['twenty', 'thirty', 'forty', 'fifty', 'sixty', 'seventy', 'eighty', 'ninety'];
const STREETS = ['maple street', 'oak avenue', 'main street', 'park lane', 'river road', 'station road', 'hill drive', 'church street'];
const TOWNS = ['portland oregon', 'boston massachusetts', 'austin texas', 'denver colorado', 'madison wisconsin', 'tucson arizona'];

/** Letters that flite would say as words. */
const SAID = { a: 'ay', i: 'eye' };
const words = (text) => text.split(' ').map((word) => ({ word, say: word }));
const letters = (text) => [...text].map((letter) => ({ word: letter, say: SAID[letter] ?? letter }));
const digits = (random, count) =>
  Array.from({ length: count }, (_, index) => {
    const digit = wholeBetween(random, index === 0 ? 1 : 0, 9);
    const word = digit === 0 && random() < 0.5 ? 'oh' : DIGITS[digit];
    return { word, say: word };
  });
const led = (random, leads, groups) => {
  const lead = oneOf(random, leads);
  if (lead === '') return groups;
  return random() < 0.5 ? [words(lead), ...groups] : [[...words(lead), ...groups[0]], ...groups.slice(1)];
};
const chunks = (random, tokens, low, high) => {
  const groups = [];
  for (let at = 0; at < tokens.length; ) {
    const size = wholeBetween(random, low, high);
    groups.push(tokens.slice(at, at + size));
    at += size;
  }
  return groups;
};

function phone(random) {
  const sizes = oneOf(random, [[3, 3, 4], [3, 3, 2, 2], [5, 6], [3, 4], [2, 2, 2, 2, 2]]);
  return led(random, ['', "it's", 'my number is', 'you can reach me at'], sizes.map((size) => digits(random, size)));
}

function card(random) {
  return led(random, ['', 'the card number is', "it's"], [4, 4, 4, 4].map((size) => digits(random, size)));
}

function spelledName(random) {
  const name = oneOf(random, NAMES);
  const spelled = chunks(random, letters(name), 1, 3);
  return random() < 0.6 ? [words(`my last name is ${name}`), ...spelled] : spelled;
}

function mail(random) {
  const first = oneOf(random, FIRST);
  const groups = [
    random() < 0.5 ? words(`${first} dot ${oneOf(random, NAMES.slice(0, 4))}`) : [...words(first), ...digits(random, 2)],
    words(`at ${oneOf(random, HOSTS)}`),
    words('dot com'),
  ];
  return led(random, ['', 'my email is', "it's"], groups);
}

function date(random) {
  const year = [oneOf(random, ['nineteen', 'twenty']), oneOf(random, TENS), oneOf(random, DIGITS.slice(1))].join(' ');
  const groups =
    random() < 0.5
      ? [words(`the ${oneOf(random, DAYS)}`), words(`of ${oneOf(random, MONTHS)}`), words(year)]
      : [words(`${oneOf(random, MONTHS)} ${oneOf(random, DAYS)}`), words(year)];
  return led(random, ['', 'i was born on', "it's"], groups);
}

function address(random) {
  const groups = [
    [...digits(random, wholeBetween(random, 2, 4)), ...words(oneOf(random, STREETS))],
    words(oneOf(random, TOWNS)),
    digits(random, 5),
  ];
  return led(random, ['', 'i live at', 'send it to'], groups);
}

function code(random) {
  const mixed = [...letters(oneOf(random, ['bkq', 'xtr', 'pdm', 'wvg', 'ajc'])), ...digits(random, wholeBetween(random, 3, 5))];
  return led(random, ['', 'the order number is', 'confirmation code'], chunks(random, mixed, 2, 3));
}

function clock(random) {
  const groups = [words(oneOf(random, ['on monday', 'tomorrow', 'next friday', 'this saturday'])), words(`at ${oneOf(random, ['half past six', 'seven thirty', 'a quarter to nine', 'eleven fifteen'])}`)];
  if (random() < 0.6) groups.push(words(`for ${oneOf(random, ['two people', 'four of us', 'about an hour'])}`));
  return led(random, ['', 'i would like to come'], groups);
}

/** Kind of read-out, what the agent has asked before it, and how its groups are made. */
export const READ_OUTS = [
  { kind: 'phone', asked: 'phone', groups: phone },
  { kind: 'card', asked: 'number', groups: card },
  { kind: 'spelled-name', asked: 'name', groups: spelledName },
  { kind: 'email', asked: 'email', groups: mail },
  { kind: 'date', asked: 'date', groups: date },
  { kind: 'address', asked: 'address', groups: address },
  { kind: 'code', asked: 'number', groups: code },
  { kind: 'appointment', asked: 'date', groups: clock },
];
