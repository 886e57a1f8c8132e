/** The latency profiles a caller can choose here, in words. The server knows a few more and checks what is asked. */

export const PROFILES = [
  { value: '', label: 'As the server is set' },
  { value: 'excellent', label: 'Quickest' },
  { value: 'good', label: 'Quick' },
  { value: 'acceptable', label: 'Patient' },
  { value: 'naive', label: 'Step by step, to compare' },
] as const;

/** What goes to the agent with the call; undefined leaves it to the server. */
export function agentMetadata(profile: string): string | undefined {
  return profile === '' ? undefined : JSON.stringify({ profile });
}
