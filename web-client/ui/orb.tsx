import type { CSSProperties } from 'react';

export interface OrbProps {
  readonly activity: 'resting' | 'listening' | 'thinking' | 'speaking' | 'waiting';
  /** Loudness of either side, 0 to 1. */
  readonly youLevel?: number;
  readonly agentLevel?: number;
}

/** Two rings that take turns: the outer swells with the caller's voice, the inner with the agent's. Words say the same. */
export function Orb({ activity, youLevel = 0, agentLevel = 0 }: OrbProps) {
  const levels = { '--you': youLevel.toFixed(3), '--agent': agentLevel.toFixed(3) } as CSSProperties;
  return (
    <svg className={`orb orb-${activity}`} style={levels} viewBox="0 0 240 240" aria-hidden="true" focusable="false">
      <circle className="orb-halo" cx="120" cy="120" r="104" />
      <circle className="orb-track" cx="120" cy="120" r="92" />
      <circle className="orb-you" cx="120" cy="120" r="92" pathLength="100" />
      <circle className="orb-cup" cx="120" cy="120" r="66" />
      <circle className="orb-ripple" cx="120" cy="120" r="46" />
      <circle className="orb-agent" cx="120" cy="120" r="26" />
    </svg>
  );
}
