import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Logger } from 'pino';
import type { WebSocket } from 'ws';
import type { Clock } from './clock.js';
import type { Engine } from './engine.js';
import type { FaultSource } from './faults.js';
import type { CallLedger } from './ledger.js';

/** What each protocol handler is given. */
export interface ProtocolContext {
  readonly engine: Engine;
  readonly logger: Logger;
  readonly requiredKey: string | undefined;
  readonly clock: Clock;
  readonly ledger: CallLedger;
  readonly faults: FaultSource;
  /** Aborts when the server closes. */
  readonly closing: AbortSignal;
  /** Completes the WebSocket handshake. */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<WebSocket>;
}
