import type { Room } from 'livekit-client';
import { useState } from 'react';
import { FEEDBACK_RPC_METHOD, type Feedback as Rated } from '../../wire/turn.js';
import { findAgent } from '../call/use-call.js';

type Rating = Rated['rating'];

/** Pictures for the eye, words for everybody else. */
const CHOICES: ReadonlyArray<readonly [Rating, string, string]> = [
  ['up', '👍', 'Good'],
  ['down', '👎', 'Bad'],
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
        {CHOICES.map(([rating, picture, word]) => (
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
            <span aria-hidden="true">{picture}</span>
          </button>
        ))}
      </fieldset>
      {/* Always there, so that a screen reader hears of the change. */}
      <p role="status">{result}</p>
    </div>
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
