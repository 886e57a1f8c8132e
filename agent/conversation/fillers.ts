/** The phrases that tell a caller to wait: which are ready to be said, which of them fits, and whether one is said now. */
import type { Profile } from '../config/profiles.js';
import type { Phrase } from '../phrases/phrase.js';
import type { PhraseCache } from '../phrases/phrase-cache.js';
import { chooseFiller, type Wording } from '../phrases/wording.js';
import type { Drafts } from '../reply/drafts.js';
import { decideFiller, fittingFillers } from '../turn/filler.js';
import type { Clock } from './clock.js';

export interface FillersOptions {
  readonly profile: Profile;
  readonly wording: Wording;
  readonly phrases: Pick<PhraseCache, 'get' | 'sampleRateHz'>;
  readonly drafts: Drafts;
  readonly clock: Clock;
}

/** What came of telling a caller to wait. */
export type Told =
  /** It is being said. `reason`: what was waited for. */
  | { readonly kind: 'told'; readonly reason: 'answer' | 'voice' }
  /** The answer is but a moment away; to be asked again then. */
  | { readonly kind: 'held'; readonly untilMs: number };

interface ReadyFiller {
  readonly phrase: Phrase;
  readonly lengthMs: number;
}

/** Fillers remembered, so that none comes again at once. */
const REMEMBERED = 2;

export class Fillers {
  readonly #options: FillersOptions;
  #recent: readonly string[] = [];

  constructor(options: FillersOptions) {
    this.#options = options;
  }

  /**
   * Tells a caller who waits for a reply to wait a little longer.
   * @param latestAtMs - When they are told so at the latest, on the call's clock.
   * @returns `undefined` when no reply is under way that could say it.
   */
  fillReply(latestAtMs: number): Told | undefined {
    const { drafts, clock } = this.#options;
    const ready = this.#ready('late');
    if (ready.length === 0) return undefined;
    const shortestMs = Math.min(...ready.map(({ lengthMs }) => lengthMs));
    const decision = decideFiller({ nowMs: clock.nowMs(), latestAtMs, shortestMs, ...drafts.awaited });
    if (decision.kind === 'hold') return { kind: 'held', untilMs: decision.untilMs };
    // Rather a longer one than the same again.
    const phrase = this.#choose(fittingFillers(ready, decision.restMs)) ?? this.#choose(ready);
    const reason = phrase && drafts.fill({ phrase, text: `${phrase.text} ` });
    if (phrase === undefined || reason === undefined) return undefined;
    this.#note(phrase);
    return { kind: 'told', reason };
  }

  /** What is said while a tool is slow; `undefined` when nothing is ready to be said. */
  ofTool(): string | undefined {
    const phrase = this.#choose(this.#ready('tool'));
    if (phrase !== undefined) this.#note(phrase);
    return phrase?.text;
  }

  #ready(kind: keyof Wording['fillers']): ReadyFiller[] {
    const { profile, wording, phrases } = this.#options;
    if (!profile.techniques.fillers) return [];
    return wording.fillers[kind].flatMap((text) => {
      const phrase = phrases.get(text);
      return phrase === undefined ? [] : [{ phrase, lengthMs: (phrase.samples.length * 1_000) / phrases.sampleRateHz }];
    });
  }

  #choose(fillers: readonly ReadyFiller[]): Phrase | undefined {
    const text = chooseFiller(
      fillers.map(({ phrase }) => phrase.text),
      this.#recent,
    );
    return fillers.find(({ phrase }) => phrase.text === text)?.phrase;
  }

  #note({ text }: Phrase): void {
    this.#recent = [...this.#recent, text].slice(-REMEMBERED);
  }
}
