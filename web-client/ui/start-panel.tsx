import type { ReactNode } from 'react';
import { PROFILES } from '../call/profile.js';
import { Orb } from './orb.js';

interface Props {
  readonly ended: boolean;
  readonly onStart: (withMicrophone: boolean) => void;
  readonly problems: ReactNode;
  readonly profile: string;
  readonly onProfileChange: (profile: string) => void;
}

/** Before and after a call. */
export function StartPanel({ ended, onStart, problems, profile, onProfileChange }: Props) {
  return (
    <section className="start-panel" aria-labelledby="start-title">
      <Orb activity="resting" />
      <h1 id="start-title">{ended ? 'The call has ended' : 'Talk. It takes turns wisely.'}</h1>
      <p className="lead">
        {ended
          ? 'What was said stays on this page until the next call.'
          : 'A voice agent that answers fast, stops when you interrupt, and shows where every millisecond went.'}
      </p>
      {problems}
      <div className="start-actions">
        <button type="button" className="button primary" onClick={() => onStart(true)}>
          {ended ? 'Start another call' : 'Start a call'}
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
