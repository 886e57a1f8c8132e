import type { ReactNode } from 'react';
import type { CallPhase } from '../call/call-state.js';
import { PROFILES } from '../call/profile.js';
import { Orb } from './orb.js';

interface Props {
  readonly phase: CallPhase;
  readonly onStart: (withMicrophone: boolean) => void;
  readonly problems: ReactNode;
  readonly profile: string;
  readonly onProfileChange: (profile: string) => void;
  readonly asksForKey: boolean;
  readonly accessKey: string;
  readonly onAccessKeyChange: (accessKey: string) => void;
}

const WORDS: Readonly<Record<'idle' | 'ended' | 'failed', { readonly title: string; readonly lead: string }>> = {
  idle: {
    title: 'Talk. It takes turns wisely.',
    lead: 'A voice agent that answers fast, stops when you interrupt, and shows where every millisecond went.',
  },
  ended: { title: 'The call has ended', lead: 'What was said stays on this page until the next call.' },
  failed: { title: 'The call could not be started', lead: 'Here is what stood in the way, and what to do about it.' },
};

/** Before and after a call. */
export function StartPanel(props: Props) {
  const { phase, onStart, problems, profile, onProfileChange } = props;
  const { title, lead } = WORDS[phase === 'ended' || phase === 'failed' ? phase : 'idle'];
  return (
    <section className="start-panel" aria-labelledby="start-title">
      <Orb activity="resting" />
      <h1 id="start-title" tabIndex={-1}>
        {title}
      </h1>
      <p className="lead">{lead}</p>
      {problems}
      {props.asksForKey && (
        <p className="profile">
          <label htmlFor="access-key">Access key</label>
          <input
            id="access-key"
            type="password"
            autoComplete="off"
            value={props.accessKey}
            onChange={({ target }) => props.onAccessKeyChange(target.value)}
          />
        </p>
      )}
      <div className="start-actions">
        <button type="button" className="button primary" onClick={() => onStart(true)}>
          {phase === 'idle' ? 'Start a call' : 'Call again'}
        </button>
        <button type="button" className="button" onClick={() => onStart(false)}>
          Type only, no microphone
        </button>
      </div>
      <p className="profile">
        <label htmlFor="profile">Pace of the agent</label>
        <select id="profile" value={profile} onChange={({ target }) => onProfileChange(target.value)}>
          {PROFILES.map(({ value, label }) => (
            <option key={value} value={value}>
              {label}
            </option>
          ))}
        </select>
      </p>
    </section>
  );
}
