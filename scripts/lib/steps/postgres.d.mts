export function findPostgres(
  env: NodeJS.ProcessEnv,
): { readonly initdb: string; readonly postgres: string } | undefined;
export const POSTGRES_MISSING: string;
