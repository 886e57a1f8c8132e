/** Keys that act without a pointer. Single letters, so they can be switched off (WCAG 2.2, 2.1.4). */

export type Shortcut = 'mute' | 'type' | 'hang-up';

export const SHORTCUTS: ReadonlyArray<{ readonly keys: string; readonly shortcut: Shortcut; readonly does: string }> = [
  { keys: 'M', shortcut: 'mute', does: 'mute or unmute' },
  { keys: 'T', shortcut: 'type', does: 'go to the text box' },
  { keys: 'Shift + E', shortcut: 'hang-up', does: 'end the call' },
];

export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
  readonly ctrlKey: boolean;
  readonly altKey: boolean;
  readonly metaKey: boolean;
  readonly repeat: boolean;
  /** Where the key went is a place to write or choose in. */
  readonly inField: boolean;
}

/** What a key press asks for, if anything. Ending a call takes two keys, so that no slip ends one. */
export function shortcutFor({
  key,
  shiftKey,
  ctrlKey,
  altKey,
  metaKey,
  repeat,
  inField,
}: KeyPress): Shortcut | undefined {
  if (inField || repeat || ctrlKey || altKey || metaKey) return undefined;
  const letter = key.toLowerCase();
  if (shiftKey) return letter === 'e' ? 'hang-up' : undefined;
  if (letter === 'm') return 'mute';
  return letter === 't' ? 'type' : undefined;
}
