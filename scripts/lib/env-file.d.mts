export function parseEnvFile(text: string, name?: string): Record<string, string>;
export function loadEnv(root: string, given?: NodeJS.ProcessEnv): Record<string, string>;
