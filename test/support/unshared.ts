/** Unit tests share processes: no clock that one of them has stopped may stand still for the next. */
import { afterEach, vi } from 'vitest';

afterEach(() => void vi.useRealTimers());
