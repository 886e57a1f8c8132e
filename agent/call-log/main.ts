/** `npm run calls -- COMMAND`. */
import { existsSync } from 'node:fs';
import { runCalls } from './cli.js';

if (existsSync('.env')) process.loadEnvFile('.env');
// Whoever reads the first lines only (`| head`) is no reason to fail.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
});
process.exitCode = await runCalls(process.argv.slice(2), process.env, {
  out: (text) => void process.stdout.write(text),
  error: (text) => void process.stderr.write(text),
});
