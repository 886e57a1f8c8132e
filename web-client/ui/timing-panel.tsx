import type { CSSProperties } from 'react';
import type { TurnDocument } from '../../wire/turn.js';
import { describeTiming, recentTimings, STAGE_LABELS, type TurnTiming } from '../call/timing.js';
import type { HeardTurn } from '../call/use-heard-reports.js';

interface Props {
  readonly turns: readonly TurnDocument[];
  readonly heard: readonly HeardTurn[];
}

/** Where the time of the last turns went. */
export function TimingPanel({ turns, heard }: Props) {
  const timings = recentTimings(turns, heard);
  return (
    <section className="panel timing-panel" aria-labelledby="timing-title">
      <h2 id="timing-title">Where the time went</h2>
      {timings.length === 0 ? (
        <p className="empty">After each answer: how long it took, and what for.</p>
      ) : (
        <>
          <ol className="turns">
            {timings.map((timing) => (
              <TurnRow key={timing.id} timing={timing} />
            ))}
          </ol>
          <ul className="legend">
            {STAGE_LABELS.map(([key, label]) => (
              <li key={key}>
                <span className={`swatch stage-${key}`} aria-hidden="true" />
                {label}
              </li>
            ))}
          </ul>
        </>
      )}
    </section>
  );
}

function TurnRow({ timing }: { readonly timing: TurnTiming }) {
  const { turn, said, responseMs, interrupted, stages, waited, hidden, heard } = timing;
  return (
    <li className="turn">
      <p className="turn-head">
        <span className="turn-said">{said || (turn > 0 ? 'Not understood' : 'Greeting')}</span>
        <span className="turn-ms">
          {responseMs} ms{interrupted && ' · interrupted'}
        </span>
      </p>
      <div className="turn-bar" role="img" aria-label={describeTiming(timing)}>
        {stages.map(({ key, label, durationMs, share }) => (
          <span
            key={key}
            className={`stage stage-${key}`}
            title={`${label}: ${Math.round(durationMs)} ms`}
            style={{ '--share': share } as CSSProperties}
          >
            {share > 0.12 && Math.round(durationMs)}
          </span>
        ))}
      </div>
      {heard !== undefined && <p className="turn-heard">{heard}</p>}
      {hidden !== undefined && <p className="turn-why">{hidden}</p>}
      {waited !== undefined && <p className="turn-why">{waited}</p>}
    </li>
  );
}
