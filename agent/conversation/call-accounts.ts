/** One call's accounts: each turn's, and what the caller's client heard of it, told to the room, to metrics and to who keeps them. */
import type { RemoteParticipant, Room } from '@livekit/rtc-node';
import type { CallSettings } from '../config/call-settings.js';
import type { Profile } from '../config/profiles.js';
import type { CallRecord } from '../telemetry/call-record.js';
import type { Measurements } from '../telemetry/metrics.js';
import type { CallerLink } from './caller-link.js';
import type { Clock } from './clock.js';
import { HeardReports } from './heard-reports.js';
import { OwnPath } from './own-path.js';
import { TurnLog } from './turn-log.js';

export interface CallAccountsOptions {
  readonly callId: string;
  readonly room: Room;
  readonly settings: Pick<CallSettings, 'stt' | 'llm' | 'tts'>;
  readonly profile: Profile;
  readonly clock: Clock;
  readonly measurements: Measurements;
  readonly callerLink: CallerLink;
  /** Whether speech is being judged that may go on with the latest turn. */
  readonly mayBeContinued: () => boolean;
  /** Keeps what the call tells of itself, texts included. */
  readonly recorder: (record: CallRecord) => void;
}

export class CallAccounts {
  readonly turnLog: TurnLog;
  readonly #options: CallAccountsOptions;
  readonly #heard: HeardReports;
  /** Absent where the profile's accounts are off: nobody would ask what it has read. */
  readonly #ownPath: OwnPath | undefined;

  constructor(options: CallAccountsOptions) {
    this.#options = options;
    const { callId, room, settings, profile, clock, measurements, callerLink, mayBeContinued, recorder } = options;
    const [[stt], [llm], [tts]] = [settings.stt, settings.llm, settings.tts];
    const startedAtUnixMs = Date.now();
    this.#ownPath = profile.techniques.accounts ? new OwnPath(room) : undefined;
    this.#heard = new HeardReports({
      profile: profile.name,
      measurements,
      nowMs: () => clock.nowMs(),
      workerPath: () => this.#ownPath?.latest,
      onHeard: (heard, unexplainedMs) =>
        recorder({ type: 'heard', callId, heard, ...(unexplainedMs !== undefined && { unexplainedMs }) }),
    });
    this.turnLog = new TurnLog({
      ...{ callId, profile, providers: { stt, llm, tts }, clock, measurements, mayBeContinued },
      onDocument: (turn) => {
        this.#heard.noteTurn(turn);
        callerLink.publishTurn(turn);
        recorder({ type: 'turn', startedAtUnixMs, turn });
      },
    });
  }

  /** Takes what a caller's client reports, and what they say of the call. */
  takeReports(caller: Pick<RemoteParticipant, 'identity'>): void {
    const { callerLink, measurements } = this.#options;
    callerLink.takeHeardReports(caller, this.#heard);
    callerLink.takeFeedback(caller, measurements);
  }

  /** Ends every account that is open. May be called twice. */
  close(): void {
    this.turnLog.closeAll();
    this.#heard.close();
    this.#ownPath?.close();
  }
}
