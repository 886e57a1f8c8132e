import type { KeyboardEvent, RefObject } from 'react';
import { MESSAGE_MAX_CHARACTERS } from '../call/use-conversation.js';

interface Props {
  readonly draft: string;
  readonly onDraftChange: (draft: string) => void;
  readonly onSend: (text: string) => Promise<void>;
  readonly canSend: boolean;
  readonly textBox: RefObject<HTMLTextAreaElement | null>;
}

/** Writing instead of talking. Enter sends, Shift+Enter begins a line, Escape leaves. */
export function TypeBox({ draft, onDraftChange, onSend, canSend, textBox }: Props) {
  const text = draft.trim();
  const submit = () => {
    if (text !== '' && canSend) void onSend(text);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    // Enter that ends an input method's composition chooses a word; it does not send. Safari has ended it by then, and tells by the
    // code alone (WebKit 165004).
    const isComposing = event.nativeEvent.isComposing || event.nativeEvent.keyCode === 229;
    if (event.key === 'Enter' && !event.shiftKey && !isComposing) {
      event.preventDefault();
      submit();
    } else if (event.key === 'Escape') {
      event.currentTarget.blur();
    }
  };
  return (
    <form
      className="type-box"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      <label htmlFor="type-box" className="visually-hidden">
        Type instead of talking
      </label>
      <textarea
        id="type-box"
        ref={textBox}
        rows={1}
        value={draft}
        maxLength={MESSAGE_MAX_CHARACTERS}
        placeholder="Type instead"
        enterKeyHint="send"
        onChange={({ target }) => onDraftChange(target.value)}
        onKeyDown={onKeyDown}
      />
      <button type="submit" className="button" disabled={text === '' || !canSend}>
        Send
      </button>
    </form>
  );
}
