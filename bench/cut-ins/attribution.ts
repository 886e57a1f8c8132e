/** Which pause the agent took for the end. Pure. */
import type { Stretch } from '../audio/levels.js';

export interface Attribution {
  /** For each pause whether the agent cut in after it began, and before the next one did. */
  readonly cutIn: readonly boolean[];
  /** Cut-ins before the first pause: in none that counts. */
  readonly elsewhere: number;
}

/**
 * Gives each moment at which the agent took the floor to the last pause that had begun by then: an answer needs time, and
 * is often heard when the caller has gone on already.
 * @param moments - When that was, in ms from the recording's first sample; what is not inside the speech is left out.
 */
export function attributeToPauses(
  { speech, pauses }: { readonly speech: Stretch; readonly pauses: readonly Stretch[] },
  moments: readonly number[],
): Attribution {
  const cutIn = pauses.map(() => false);
  let elsewhere = 0;
  for (const atMs of moments) {
    if (atMs <= speech.startMs || atMs >= speech.endMs) continue;
    const pause = pauses.findLastIndex(({ startMs }) => startMs < atMs);
    if (pause === -1) elsewhere += 1;
    else cutIn[pause] = true;
  }
  return { cutIn, elsewhere };
}
