/** Spoken and written numbers: the digits that a run of words stands for. */

const DIGITS: Readonly<Record<string, string>> = {
  ...{ zero: '0', oh: '0', o: '0', nought: '0', one: '1', two: '2', three: '3', four: '4', five: '5', six: '6' },
  ...{ seven: '7', eight: '8', nine: '9', ten: '10', eleven: '11', twelve: '12', thirteen: '13', fourteen: '14' },
  ...{ fifteen: '15', sixteen: '16', seventeen: '17', eighteen: '18', nineteen: '19', twenty: '20', thirty: '30' },
  ...{ forty: '40', fourty: '40', fifty: '50', sixty: '60', seventy: '70', eighty: '80', ninety: '90' },
};
const SCALES: Readonly<Record<string, string>> = { hundred: '00', thousand: '000' };
/** Words inside a read-out that are no digits of it. */
const BETWEEN = /^(?:dash|hyphen|space|um+|uh+|er+|erm|then|and)$/;

/** The digits of one token ("seven" and "7" are "7"), or undefined when it is no number. Multipliers are none by themselves. */
export function readNumber(token: string): string | undefined {
  if (/^\d+$/.test(token)) return token;
  return Object.hasOwn(DIGITS, token) ? DIGITS[token] : undefined;
}

/** Whether a token is a round number of two digits that another may follow: "twenty", "ninety". */
export const isTens = (token: string): boolean =>
  /^(?:twenty|thirty|four?ty|fifty|sixty|seventy|eighty|ninety)$/.test(token);

export interface DigitRun {
  readonly digits: string;
  /** Index of the first token of the run. */
  readonly startAt: number;
  /** Whether the last token calls for another digit: "double", "dash". */
  readonly isBroken: boolean;
}

const isRepeat = (token: string): boolean => token === 'double' || token === 'triple';
const isPart = (token: string): boolean =>
  readNumber(token) !== undefined || Object.hasOwn(SCALES, token) || isRepeat(token) || BETWEEN.test(token);

/** Reads the digits that a text ends with; undefined when it ends otherwise. */
export function readDigits(tokens: readonly string[]): DigitRun | undefined {
  let startAt = tokens.findLastIndex((token) => !isPart(token)) + 1;
  // "and um five": what stands before the first digit is no part of the run.
  while (startAt < tokens.length && BETWEEN.test(tokens[startAt] ?? '')) startAt += 1;
  const run = tokens.slice(startAt);
  if (!run.some((token) => readNumber(token) !== undefined)) return undefined;
  return { digits: join(run), startAt, isBroken: /^(?:double|triple|dash|hyphen)$/.test(run.at(-1) ?? '') };
}

/** How many zeros of the number before a number takes the place of: "twenty two" is 22, "four hundred twelve" is 412. */
function filled(previous: string, number: string): number {
  if (isTens(previous)) return number.length === 1 && number !== '0' ? 1 : 0;
  // "Eight hundred five five five" is the beginning of a phone number: 800 555.
  if (previous === 'hundred') return number.length === 2 ? 2 : 0;
  return previous === 'thousand' && number.length <= 3 ? number.length : 0;
}

function join(run: readonly string[]): string {
  let digits = '';
  let repeat = 1;
  let previous = '';
  for (const token of run) {
    const number = readNumber(token) ?? (previous === '' ? undefined : SCALES[token]);
    if (isRepeat(token)) repeat = token === 'double' ? 2 : 3;
    else if (number !== undefined) {
      digits = `${digits.slice(0, digits.length - filled(previous, number))}${number.repeat(repeat)}`;
      repeat = 1;
      previous = token;
    }
  }
  return digits;
}
