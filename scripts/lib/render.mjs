/** Turns the lines of many programs into lines for a person: whose it is, when, how grave, what. */

const LEVELS = new Map([
  [10, 'trace'],
  [20, 'debug'],
  [30, 'info'],
  [40, 'warn'],
  [50, 'ERROR'],
  [60, 'FATAL'],
]);
/** Fields that say nothing a reader of one machine's log needs. */
const HIDDEN = new Set(['level', 'time', 'msg', 'pid', 'hostname', 'v', 'name', 'program', 'region']);
const COLOURS = [36, 35, 32, 34, 33];

/**
 * One line of a program as a person reads it; pino's JSON becomes `12:30:01 info worker ready calls=0`, anything else stays;
 * an entry that says nothing becomes the empty string.
 * @param {string} line
 */
export function renderLine(line) {
  if (!line.startsWith('{')) return line;
  let entry;
  try {
    entry = JSON.parse(line);
  } catch {
    return line;
  }
  const level = typeof entry.level === 'number' ? (LEVELS.get(entry.level) ?? String(entry.level)) : entry.level;
  if (typeof entry.msg !== 'string' || level === undefined) return line;
  const time = entry.time === undefined ? '' : `${new Date(entry.time).toTimeString().slice(0, 8)} `;
  const fields = Object.entries(entry)
    .filter(([name]) => !HIDDEN.has(name))
    .map(([name, value]) => ` ${name}=${renderValue(value)}`)
    .join('');
  if (entry.msg === '' && fields === '') return '';
  const stack = entry.err?.stack ?? entry.error?.stack;
  return `${time}${level} ${entry.msg}${fields}${stack === undefined ? '' : `\n${stack}`}`;
}

function renderValue(value) {
  if (typeof value === 'string') return /[\s"]/.test(value) ? JSON.stringify(value) : value;
  if (typeof value === 'object' && value !== null && typeof value.message === 'string')
    return JSON.stringify(value.message);
  return JSON.stringify(value);
}

/** A prefix for each program, equally wide, coloured where a terminal shows it. */
export function prefixes(names, colour) {
  const width = Math.max(0, ...names.map((name) => name.length));
  return new Map(
    names.map((name, index) => {
      const text = `${name.padEnd(width)} |`;
      return [name, colour ? `\u001B[${COLOURS[index % COLOURS.length]}m${text}\u001B[0m` : text];
    }),
  );
}
