/** How long the loading of a spare process waits while a call begins, in ms: a call is joined and greeted in one second. */
const SPARE_DELAY_MS = 1_500;

/**
 * From now on the processes that this one forks begin to load that much later (`spare-delay.ts`). Where a single spare is
 * kept none are: a second call would have to wait for it.
 */
export function delaySpares(warmProcesses: number): void {
  if (warmProcesses < 2 || process.env.TURNWISE_SPARE_DELAY_MS !== undefined) return;
  process.env.TURNWISE_SPARE_DELAY_MS = String(SPARE_DELAY_MS);
  // What is forked takes them over.
  process.execArgv.push('--import', new URL('./spare-delay.js', import.meta.url).href);
}
