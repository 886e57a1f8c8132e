/** What the synthesiser and its worker thread say to each other; both are ours, so types are enough. */
import type { Phone, Voice } from './flite.js';

export interface PhraseRequest {
  readonly id: number;
  readonly text: string;
  readonly voice: Voice;
  readonly sampleRateHz: number;
}

export type PhraseReply =
  | {
      readonly id: number;
      readonly kind: 'spoken';
      /** At the rate asked for. */
      readonly samples: Int16Array<ArrayBuffer>;
      readonly phones: readonly Phone[];
    }
  | { readonly id: number; readonly kind: 'failed'; readonly message: string };
