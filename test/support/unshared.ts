/** Unit tests share processes: no clock that one of them has stopped, and no variable that it set, may last for the next. */
import { afterEach, vi } from 'vitest';

afterEach(() => {
  vi.useRealTimers();
  // Vitest's own settings for it do so before each test, but not before the `beforeAll` of the next file.
  vi.unstubAllEnvs();
  vi.unstubAllGlobals();
});
