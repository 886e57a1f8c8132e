/** What stands between this worker and its own side of the SFU, read from WebRTC's statistics now and then. */
import type { Room } from '@livekit/rtc-node';
import type { WorkerPath } from '../turn/heard-report.js';
import { within } from '../within.js';

/** How often it is read, in ms: buffers change over seconds, and each reading is a question to the native library. */
const READ_EVERY_MS = 2_000;
/** The native library need not answer while it rebuilds a connection. */
const READ_WITHIN_MS = 5_000;

type Stats = Awaited<ReturnType<Room['getRtcStats']>>['subscriberStats'];

/** Sums since the connection began: s in the jitter buffer, and samples that left it. */
interface Buffered {
  readonly delayS: number;
  readonly samples: number;
}

export class OwnPath {
  readonly #room: Pick<Room, 'getRtcStats'>;
  readonly #timer: NodeJS.Timeout;
  #buffered: Buffered = { delayS: 0, samples: 0 };
  #latest: WorkerPath | undefined;
  #isReading = false;

  constructor(room: Pick<Room, 'getRtcStats'>) {
    this.#room = room;
    this.#timer = setInterval(() => void this.#read(), READ_EVERY_MS).unref();
  }

  /** As last read; `undefined` before there was anything to read. */
  get latest(): WorkerPath | undefined {
    return this.#latest;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #read(): Promise<void> {
    if (this.#isReading) return;
    this.#isReading = true;
    try {
      const { publisherStats, subscriberStats } = await within(
        READ_WITHIN_MS,
        'Reading statistics',
        this.#room.getRtcStats(),
      );
      // One connection for both directions is the publisher's (livekit-server 1.13 with rtc-node 0.13.35).
      const stats = [...publisherStats, ...subscriberStats];
      const roundTripMs = roundTripOf(stats);
      const buffered = bufferedOf(stats);
      const samples = buffered.samples - this.#buffered.samples;
      const delayS = buffered.delayS - this.#buffered.delayS;
      this.#buffered = buffered;
      if (roundTripMs === undefined || samples <= 0 || delayS < 0) return;
      this.#latest = { roundTripMs, jitterBufferMs: (delayS / samples) * 1_000 };
    } catch {
      // A room that is going away has no statistics; what was read last still stands.
    } finally {
      this.#isReading = false;
    }
  }
}

function roundTripOf(stats: Stats): number | undefined {
  for (const { stats: one } of stats) {
    if (one.case !== 'candidatePair') continue;
    const { nominated, currentRoundTripTime = 0, responsesReceived = 0n } = one.value.candidatePair ?? {};
    // It is told in whole ms: 0 is one that was measured, on one machine.
    if (nominated === true && responsesReceived > 0n) return currentRoundTripTime * 1_000;
  }
  return undefined;
}

function bufferedOf(stats: Stats): Buffered {
  let delayS = 0;
  let samples = 0;
  for (const { stats: one } of stats) {
    if (one.case !== 'inboundRtp' || one.value.stream?.kind !== 'audio') continue;
    delayS += one.value.inbound?.jitterBufferDelay ?? 0;
    samples += Number(one.value.inbound?.jitterBufferEmittedCount ?? 0);
  }
  return { delayS, samples };
}
