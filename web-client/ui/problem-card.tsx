import { type CallState, isOver } from '../call/call-state.js';
import { describeProblem, type ProblemAction, type ProblemCode } from '../call/problem.js';

const ACTION_LABELS: Readonly<Record<ProblemAction, string>> = {
  'call-again': 'Call again',
  'try-microphone': 'Try the microphone again',
  type: 'Type instead',
};

interface Props {
  readonly state: CallState;
  readonly onAction: Readonly<Record<ProblemAction, () => void>>;
  readonly onDismiss: () => void;
}

/** What is wrong and what to do. Always in the page, so that screen readers watch it before there is something to say. */
export function ProblemCards({ state, onAction, onDismiss }: Props) {
  const codes = [state.callProblem, state.microphoneProblem].filter((code) => code !== undefined);
  return (
    <div role="alert" className="problems">
      {codes.map((code) => (
        <ProblemCard key={code} code={code} state={state} onAction={onAction} onDismiss={onDismiss} />
      ))}
    </div>
  );
}

function ProblemCard({ code, state, onAction, onDismiss }: Props & { readonly code: ProblemCode }) {
  const { title, advice, actions } = describeProblem(code);
  // Once the call is over, the page's main button is there to call again.
  const offered = (action: ProblemAction) => !(isOver(state) && action === 'call-again');
  return (
    <div className="problem">
      <p className="problem-title">{title}</p>
      <p>{advice}</p>
      <div className="problem-actions">
        {actions.filter(offered).map((action) => (
          <button key={action} type="button" className="button small" onClick={onAction[action]}>
            {ACTION_LABELS[action]}
          </button>
        ))}
        {!isOver(state) && (
          <button type="button" className="button small quiet" onClick={onDismiss}>
            Dismiss
          </button>
        )}
      </div>
    </div>
  );
}
