import { describeProblem, type ProblemAction, type ProblemCode } from '../call/problem.js';

const ACTION_LABELS: Readonly<Record<ProblemAction, string>> = {
  'call-again': 'Call again',
  'try-microphone': 'Try the microphone again',
  'start-sound': 'Switch the sound on',
  type: 'Type instead',
};

interface Props {
  readonly codes: readonly ProblemCode[];
  /** The call is over; the page's main button is there to call again, so the cards need none. */
  readonly over: boolean;
  readonly onAction: Readonly<Record<ProblemAction, () => void>>;
  readonly onDismiss: () => void;
}

/** What is wrong and what to do. Always in the page, so that screen readers watch it before there is something to say. */
export function ProblemCards({ codes, over, onAction, onDismiss }: Props) {
  return (
    <div role="alert" className="problems">
      {codes.map((code) => {
        const { title, advice, actions } = describeProblem(code);
        return (
          <div key={code} className="problem">
            <p className="problem-title">{title}</p>
            <p>{advice}</p>
            <div className="problem-actions">
              {actions
                .filter((action) => !(over && action === 'call-again'))
                .map((action) => (
                  <button key={action} type="button" className="button small" onClick={onAction[action]}>
                    {ACTION_LABELS[action]}
                  </button>
                ))}
              {!over && code !== 'sound-blocked' && (
                <button type="button" className="button small quiet" onClick={onDismiss}>
                  Dismiss
                </button>
              )}
            </div>
          </div>
        );
      })}
    </div>
  );
}
