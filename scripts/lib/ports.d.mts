export interface WantedPort {
  readonly name: string;
  readonly port: number;
  readonly protocol?: 'tcp' | 'udp';
  readonly host?: string;
}
export function claimPorts(
  wanted: readonly WantedPort[],
): Promise<{ ports: Record<string, number>; taken: { name: string; port: number; reason: string }[] }>;
