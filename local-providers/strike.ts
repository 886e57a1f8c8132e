import type { Duplex } from 'node:stream';
import type { FaultComponent, FaultSpec } from './faults.js';
import type { CallCounters } from './ledger.js';
import type { ProtocolContext } from './protocol-context.js';

export function noteFault(counters: CallCounters, spec: FaultSpec): void {
  const name = `${spec.component}:${spec.kind}`;
  counters.faults[name] = (counters.faults[name] ?? 0) + 1;
}

/**
 * Lets a fault strike a connection before its upgrade.
 * @param refuse - Answers the upgrade with an error status in the vendor's form.
 * @returns Whether the connection was dealt with, so that the upgrade must not go on.
 */
export async function strikeConnection(
  { faults, ledger, clock, closing }: ProtocolContext,
  component: FaultComponent,
  callKey: string | undefined,
  socket: Duplex,
  refuse: (status: number) => void,
): Promise<boolean> {
  const spec = faults.draw(component, 'connection', callKey);
  if (spec === undefined) return false;
  noteFault(ledger.of(callKey), spec);
  switch (spec.kind) {
    case 'refuse':
    case 'drop':
      socket.destroy();
      return true;
    case 'status':
      refuse(spec.status);
      return true;
    case 'garbage':
      socket.end('\u0000\u0001garbage\r\n\r\n');
      return true;
    case 'slow':
      await clock.sleep(spec.delayMs, closing);
      return socket.destroyed;
    case 'stall':
    case 'keep-alive':
      return true; // The upgrade is never answered; the client gives up or the server closes.
  }
}
