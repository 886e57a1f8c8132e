/** What a tool may know of the call it runs in. */
export interface CallContext {
  readonly callId: string;
  /** The turn that is being answered. */
  currentTurn(): {
    /** Grows by one with each turn of the call. */
    readonly id: number;
    /** 0 to 1, of the words that started this turn; 1 for typed text. */
    readonly confidence: number;
  };
  /** Wall time in ms. */
  readonly nowUnixMs: () => number;
}
