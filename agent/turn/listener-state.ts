/** All that the listener knows between two inputs. */
import type { DismissedTurn } from './dismissed-turn.js';
import type { AgentPhase } from './listener-forms.js';
import type { AnsweredTurn, OpenTurn } from './open-turn.js';
import type { Question } from './question.js';
import { NO_SOUND, type RecentSound } from './recent-sound.js';
import { type SpeakerHabits, UNKNOWN_SPEAKER } from './speaker.js';
import { NOTHING_SAID, type SpeechEnd } from './speech-end.js';
import { SILENT, type VoiceActivity } from './voice-activity.js';

export interface Listener {
  readonly voice: VoiceActivity;
  readonly sound: RecentSound;
  readonly speechEnd: SpeechEnd;
  /** Likeness to what the agent plays of the stretch of voice that goes on, 0 to 1; 0 where none does. */
  readonly echo: number;
  readonly speaker: SpeakerHabits;
  readonly turn: OpenTurn | undefined;
  readonly agent: AgentPhase;
  readonly agentText: string;
  readonly question: Question;
  readonly answered: AnsweredTurn | undefined;
  /** What was taken for listening only, and may yet be an answer. */
  readonly dismissed: DismissedTurn | undefined;
  /** Requests to finalize whose answer is still to come: an answer to an earlier pause's is none to the present one's. */
  readonly unansweredFinalizes: number;
  /** Words that were spoken before this are dealt with: they belong to a turn or an overlap that is over. */
  readonly settledUntilMs: number;
}

export const IDLE: Listener = Object.freeze({
  voice: SILENT,
  sound: NO_SOUND,
  speechEnd: NOTHING_SAID,
  echo: 0,
  speaker: UNKNOWN_SPEAKER,
  turn: undefined,
  agent: 'idle',
  agentText: '',
  question: 'none',
  answered: undefined,
  dismissed: undefined,
  unansweredFinalizes: 0,
  settledUntilMs: Number.NEGATIVE_INFINITY,
});
