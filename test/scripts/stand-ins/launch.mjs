/** The launcher over stand-in programs: one JSON argument `{ programs: [{ name, port, stage, options }], runningFile }`. */
import { fileURLToPath } from 'node:url';
import { launch } from '../../../scripts/lib/launch.mjs';

const { programs, runningFile } = JSON.parse(process.argv[2] ?? '{}');
process.exitCode = await launch({
  programs: programs.map(({ name, port, stage, options = [] }) => ({
    name,
    stage,
    command: process.execPath,
    args: [fileURLToPath(new URL('./program.mjs', import.meta.url)), String(port), ...options],
    env: {},
    readyUrl: `http://127.0.0.1:${port}/readyz`,
  })),
  readyLine: 'Stand-ins are ready',
  endpoints: {},
  runningFile,
});
