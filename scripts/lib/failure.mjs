/**
 * A failure a person can act on: one line that says what is wrong and what to do next. Everything else that reaches the top
 * is a defect and keeps its stack.
 */
export class Failure extends Error {
  name = 'Failure';

  /**
   * @param {string} message - One sentence or two, ending in the next thing to try.
   * @param {{ cause?: unknown, details?: readonly string[] }} [options] - `details` are a program's last lines.
   */
  constructor(message, { cause, details = [] } = {}) {
    super(message, { cause });
    this.details = details;
  }
}

const ADVICE = {
  ENOSPC: 'the disk is full; free some space, or set TURNWISE_CACHE_DIR to a folder on another disk, then start again',
  EDQUOT:
    'the disk quota is used up; free some space, or set TURNWISE_CACHE_DIR to a folder elsewhere, then start again',
  EACCES:
    'this user may not write there; correct its permissions or set TURNWISE_CACHE_DIR to a folder of yours, then start again',
  EPERM:
    'this user may not write there; correct its permissions or set TURNWISE_CACHE_DIR to a folder of yours, then start again',
  EROFS: 'that file system is read-only; set TURNWISE_CACHE_DIR to a folder that can be written, then start again',
};
const NETWORK_CODES = new Set([
  'ENOTFOUND',
  'EAI_AGAIN',
  'ECONNREFUSED',
  'ECONNRESET',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'UND_ERR_CONNECT_TIMEOUT',
  'UND_ERR_SOCKET',
]);

/** Says in a clause what went wrong, for errors of the file system and the network; undefined for any other. */
export function explain(error) {
  for (let cause = error; cause instanceof Error; cause = cause.cause ?? cause.errors?.[0]) {
    if (ADVICE[cause.code] !== undefined)
      return `${cause.path === undefined ? '' : `${cause.path}: `}${ADVICE[cause.code]}`;
    if (NETWORK_CODES.has(cause.code)) return `no connection (${cause.code})`;
    if (cause.name === 'TimeoutError') return 'no answer in time';
    // fetch wraps whatever went wrong: certificates, closed sockets, addresses that are none.
    if (cause.message === 'fetch failed')
      return `no connection (${cause.cause?.code ?? cause.cause?.message ?? 'no reason given'})`;
    if (cause.code === 'ERR_INVALID_URL') return `${cause.input} is not a URL`;
  }
  return undefined;
}

/** The same for a program's output, which names the error code somewhere in its text. */
export function explainOutput(lines) {
  const text = lines.join('\n');
  for (const [code, advice] of Object.entries(ADVICE)) if (text.includes(code)) return advice;
  if (/No space left on device/i.test(text)) return ADVICE.ENOSPC;
  if (/Permission denied/i.test(text)) return ADVICE.EACCES;
  for (const code of NETWORK_CODES) if (text.includes(code)) return `no connection (${code})`;
  return undefined;
}

/** The reason with the next thing to do, where the reason itself does not say it. */
export function withNext(why) {
  return why.includes('then start again') ? why : `${why}. Check the network, then start again`;
}

/** Ends the process with one line for a {@link Failure}, with the stack for anything else. */
export function exitWith(error) {
  const known = error instanceof Failure ? error.message : explain(error);
  if (known === undefined) console.error(error);
  else {
    for (const line of error.details ?? []) console.error(`  | ${line}`);
    console.error(`turnwise: ${known}`);
  }
  process.exit(1);
}
