import { mkdirSync, mkdtempSync } from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { build } from 'vite';

/**
 * Compiles one TypeScript file and what it imports of ours, for a test that runs it in a thread or process of its own: those
 * do not go through Vitest. It lies below `node_modules`, so that packages resolve; the test removes the folder.
 */
export async function bundle(entry: URL): Promise<{ readonly file: string; readonly folder: string }> {
  const cache = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));
  mkdirSync(cache, { recursive: true });
  const folder = mkdtempSync(path.join(cache, 'turnwise-test-'));
  await build({
    configFile: false,
    logLevel: 'error',
    build: {
      ssr: fileURLToPath(entry),
      outDir: folder,
      target: 'node20',
      rolldownOptions: { output: { entryFileNames: 'entry.mjs' } },
    },
  });
  return { file: path.join(folder, 'entry.mjs'), folder };
}
