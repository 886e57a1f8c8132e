import { useEffect } from 'react';
import { type Shortcut, shortcutFor } from './shortcut.js';

/** Calls `act` for a shortcut pressed anywhere on the page, outside of fields. */
export function useShortcuts(enabled: boolean, act: (shortcut: Shortcut) => void): void {
  useEffect(() => {
    if (!enabled) return;
    const onKeyDown = (event: KeyboardEvent) => {
      const { target } = event;
      const inField =
        target instanceof HTMLElement && target.closest('input, select, textarea, [contenteditable]') !== null;
      const { key, shiftKey, ctrlKey, altKey, metaKey, repeat } = event;
      const shortcut = shortcutFor({ key, shiftKey, ctrlKey, altKey, metaKey, repeat, inField });
      if (shortcut === undefined) return;
      event.preventDefault();
      act(shortcut);
    };
    document.addEventListener('keydown', onKeyDown);
    return () => document.removeEventListener('keydown', onKeyDown);
  }, [enabled, act]);
}
