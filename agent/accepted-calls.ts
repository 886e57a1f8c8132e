/**
 * Calls that were accepted and that the framework does not count yet. Its `accept()` waits neither for the assignment nor for a
 * process (job.js:509 and worker.js:660 of 1.8.1), and `activeJobs` tells of a call only once a process has it: without this, a
 * burst would be accepted whole, whatever `MAX_CALLS` says. Nobody tells either that an assignment never came.
 */
export class AcceptedCalls {
  readonly #untilMs = new Map<string, number>();

  /** @param jobId - Of the call that is about to be accepted. @param untilMs - When it will not come any more. */
  note(jobId: string, untilMs: number): void {
    this.#untilMs.set(jobId, untilMs);
  }

  /**
   * @param active - Jobs that a process has by now. @param nowMs - On the clock of `untilMs`.
   * @returns How many calls are on their way beside them.
   */
  beside(active: Iterable<string>, nowMs: number): number {
    for (const jobId of active) this.#untilMs.delete(jobId);
    for (const [jobId, untilMs] of this.#untilMs) if (nowMs >= untilMs) this.#untilMs.delete(jobId);
    return this.#untilMs.size;
  }
}
