import type { Room } from 'livekit-client';
import { useState } from 'react';
import { FEEDBACK_RPC_METHOD, type Feedback as Rated } from '../../wire/turn.js';
import { findAgent } from '../call/use-call.js';

type Rating = Rated['rating'];

const CHOICES: ReadonlyArray<readonly [Rating, string]> = [
  ['up', 'Good'],
  ['down', 'Bad'],
];

/** A word for the agent's makers: good or bad, once a call. */
export function Feedback({ room }: { readonly room: Room }) {
  const [chosen, setChosen] = useState<Rating>();
  const [result, setResult] = useState('');
  const choose = async (rating: Rating) => {
    if (chosen !== undefined) return;
    setChosen(rating);
    const isTaken = await sendRating(room, rating);
    setResult(isTaken ? 'Thank you.' : 'This agent did not take it.');
    if (!isTaken) setChosen(undefined);
  };
  return (
    <div className="feedback">
      <fieldset className="feedback-choice">
        <legend>How is this call?</legend>
        {CHOICES.map(([rating, word]) => (
          // The one that was pressed keeps the focus: it stays, and does nothing any more.
          <button
            key={rating}
            type="button"
            className="button small quiet"
            aria-label={word}
            aria-pressed={chosen === rating}
            aria-disabled={chosen !== undefined}
            onClick={() => void choose(rating)}
          >
            <Thumb rating={rating} />
          </button>
        ))}
      </fieldset>
      {/* Always there, so that a screen reader hears of the change. */}
      <p role="status">{result}</p>
    </div>
  );
}

/** Drawn, because not every system has a picture of it. */
function Thumb({ rating }: { readonly rating: Rating }) {
  return (
    <svg className={`thumb thumb-${rating}`} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d="M3 10h4v10H3zM9 20V10l4-7c1.6 0 2.6 1.1 2.3 2.7L14.6 9H19c1.4 0 2.3 1.2 2 2.5l-1.6 6.6c-.3 1.2-1.2 1.9-2.4 1.9z" />
    </svg>
  );
}

async function sendRating(room: Room, rating: Rating): Promise<boolean> {
  const destinationIdentity = findAgent(room)?.identity;
  if (destinationIdentity === undefined) return false;
  const feedback: Rated = { schema: 1, rating };
  const request = { destinationIdentity, method: FEEDBACK_RPC_METHOD, payload: JSON.stringify(feedback) };
  try {
    return (await room.localParticipant.performRpc(request)) === 'taken';
  } catch {
    return false; // Another agent may not know this method at all.
  }
}
