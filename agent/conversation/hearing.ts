/** How one call hears: the ear, the recogniser behind it, what was said while joining, and what is kept of the decisions. */
import type { Room } from '@livekit/rtc-node';
import type { Assistant } from '../assistant.js';
import type { CallSettings } from '../config/call-settings.js';
import type { Profile } from '../config/profiles.js';
import type { Recogniser } from '../providers/recogniser.js';
import type { Silero } from '../providers/silero.js';
import type { CallMemory } from '../resilience/call-memory.js';
import type { Logger } from '../telemetry/logger.js';
import type { Measurements } from '../telemetry/metrics.js';
import { openRecorder, type TurnRecorder } from '../telemetry/turn-recorder.js';
import type { LevelAt } from '../turn/echo.js';
import type { ListenerSettings } from '../turn/listener-forms.js';
import { FITTED_WEIGHTS } from '../turn/weights.js';
import { systemClock } from './clock.js';
import { createRecogniser } from './create-recogniser.js';
import { Ear, type EarEvents } from './ear.js';
import { JoiningCaller } from './joining-caller.js';
import type { ProviderErrors } from './provider-errors.js';

export interface HearingOptions {
  readonly callId: string;
  readonly room: Room;
  readonly settings: CallSettings;
  readonly profile: Profile;
  readonly assistant: Assistant;
  readonly silero: Silero;
  readonly measurements: Measurements;
  readonly memory: CallMemory;
  readonly logger: Logger;
  readonly errors: ProviderErrors;
  /** Identity of the caller who is linked; `undefined` before that. */
  readonly callerIdentity: () => string | undefined;
  /** Levels of what the agent gave to the room lately; empty while it is silent. */
  readonly played: () => readonly LevelAt[];
  readonly events: Omit<EarEvents, 'onScore' | 'onProviderError'>;
}

export class Hearing {
  readonly ear: Ear;
  readonly #options: HearingOptions;
  readonly #joining: JoiningCaller;
  readonly #recorder: TurnRecorder | undefined;
  #recogniser: Recogniser | undefined;

  constructor(options: HearingOptions) {
    this.#options = options;
    const { settings, callId, profile, assistant, silero, measurements, logger, room, errors } = options;
    this.#joining = new JoiningCaller({
      room,
      clock: systemClock,
      measurements,
      callerIdentity: options.callerIdentity,
      onSamples: (pieces) => this.ear.hear(pieces),
    });
    const listener: ListenerSettings = {
      language: assistant.language,
      bounds: profile.endpointing,
      biasMs: profile.endpointing.biasMs,
      weights: FITTED_WEIGHTS,
      isInterruptible: profile.interruptible,
      drafts: profile.techniques.speculation,
    };
    this.#recorder = openRecorder(settings.turnRecordings, callId, listener, (error) =>
      logger.warn({ error }, 'the call is not recorded'),
    );
    this.ear = new Ear({
      settings: settings.stt[0],
      recogniser: () => this.#openRecogniser(),
      joining: this.#joining,
      language: assistant.language,
      keyterms: assistant.keyterms,
      silero,
      turnModelSocket: settings.turnModelSocket,
      played: options.played,
      listener,
      ...(this.#recorder && { recorder: this.#recorder }),
      clock: systemClock,
      events: {
        ...options.events,
        onScore: (durationMs) => {
          errors.noteScore();
          measurements.observe('turnwise_turn_model_seconds', {}, durationMs);
        },
        onProviderError: (provider, kind, error) => errors.note(provider, kind, error),
      },
    });
  }

  /** Opens the recogniser's connection before there is anything to hear. */
  warm(): void {
    this.#openRecogniser();
  }

  /** Nothing more is heard: ends what would go on by itself. May be called twice. */
  stop(): void {
    this.#joining.close();
    this.#recogniser?.close();
  }

  /** Gives back what is left, once nobody asks the ear for anything any more. May be called twice. */
  async close(): Promise<void> {
    this.stop();
    await this.ear.close();
    await this.#recorder?.close();
  }

  #openRecogniser(): Recogniser {
    this.#recogniser ??= createRecogniser(this.#options);
    return this.#recogniser;
  }
}
