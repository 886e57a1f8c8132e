import { type RefObject, useEffect, useRef, useState } from 'react';
import { newFinals, type TranscriptEntry } from '../call/transcript.js';
import type { AgentView } from '../call/use-agent.js';
import type { Conversation } from '../call/use-conversation.js';
import { Phrases } from './phrases.js';
import { TypeBox } from './type-box.js';

interface Props {
  readonly conversation: Conversation;
  readonly agent: AgentView;
  /** Absent once the call is over: the words stay, the text box goes. */
  readonly textBox?: RefObject<HTMLTextAreaElement | null>;
  readonly canSend?: boolean;
  readonly onSent?: () => void;
  readonly onSendFailed?: () => void;
  readonly onType?: () => void;
}

/** The conversation in writing, and a way to take part in it by writing. */
export function TranscriptPanel({
  conversation,
  agent,
  textBox,
  canSend = false,
  onSent,
  onSendFailed,
  onType,
}: Props) {
  const { entries, send } = conversation;
  const [draft, setDraft] = useState('');
  const deliver = async (text: string) => {
    setDraft('');
    try {
      await send(text);
      onSent?.();
    } catch {
      // What was typed meanwhile stays.
      setDraft((typed) => (typed === '' ? text : `${text}\n${typed}`));
      onSendFailed?.();
    }
  };
  return (
    <section className="panel transcript-panel" aria-labelledby="transcript-title">
      <h2 id="transcript-title">Transcript</h2>
      <TranscriptList entries={entries} live={textBox !== undefined} />
      <SpokenTranscript entries={entries} />
      {textBox && (
        <>
          <Phrases
            phrases={agent.phrases}
            open={agent.offersTyping || entries.length < 3}
            onChoose={(phrase) => {
              setDraft(phrase);
              onType?.();
            }}
          />
          <TypeBox draft={draft} onDraftChange={setDraft} onSend={deliver} canSend={canSend} textBox={textBox} />
        </>
      )}
    </section>
  );
}

/** How near the end one must be, in px, for new lines to be scrolled to; who reads further up is left in peace. */
const FOLLOW_WITHIN_PX = 80;

interface ListProps {
  readonly entries: readonly TranscriptEntry[];
  /** Interim text may still change; after the call it stays as it is. */
  readonly live: boolean;
}

function TranscriptList({ entries, live }: ListProps) {
  const list = useRef<HTMLDivElement>(null);
  const following = useRef(true);
  useEffect(() => {
    // Who uses a keyboard must be able to scroll; Safari lets nobody into a scrolling region without this.
    if (list.current !== null) list.current.tabIndex = 0;
  }, []);
  useEffect(() => {
    const element = list.current;
    if (element !== null && entries.length > 0 && following.current) element.scrollTop = element.scrollHeight;
  }, [entries]);
  return (
    <section
      ref={list}
      className="entries"
      aria-label="What was said"
      onScroll={({ currentTarget: { scrollHeight, scrollTop, clientHeight } }) => {
        following.current = scrollHeight - scrollTop - clientHeight < FOLLOW_WITHIN_PX;
      }}
    >
      {entries.length === 0 && <p className="empty">What you and the agent say appears here.</p>}
      {entries.map(({ id, speaker, text, final, typed }) => (
        <p key={`${speaker} ${id}`} className={`entry entry-${speaker}${final || !live ? '' : ' entry-interim'}`}>
          <span className="entry-who">
            {speaker === 'you' ? 'You' : 'Agent'}
            {typed && ' (typed)'}
            {!final && live && (
              <span className="entry-mark">{speaker === 'you' ? 'still listening' : 'still speaking'}</span>
            )}
          </span>
          <span className="entry-text">{text}</span>
        </p>
      ))}
    </section>
  );
}

/** Says finished sentences to a screen reader; the visible list changes with every word and would be read in bits. */
function SpokenTranscript({ entries }: { readonly entries: readonly TranscriptEntry[] }) {
  const [spoken, setSpoken] = useState<readonly TranscriptEntry[]>([]);
  // What stood there when this appeared has been said already.
  const before = useRef(entries);
  useEffect(() => {
    const finals = newFinals(before.current, entries);
    before.current = entries;
    if (finals.length > 0) setSpoken(finals);
  }, [entries]);
  return (
    <div className="visually-hidden" aria-live="polite">
      {spoken.map(({ id, speaker, text }) => (
        <p key={`${speaker} ${id}`}>{`${speaker === 'you' ? 'You' : 'Agent'}: ${text}`}</p>
      ))}
    </div>
  );
}
