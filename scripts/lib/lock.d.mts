export function withLock<T>(
  path: string,
  work: () => Promise<T>,
  options?: { onWait?: (pid: number) => void; waitMs?: number },
): Promise<T>;
export function processStart(pid: number): string | null;
