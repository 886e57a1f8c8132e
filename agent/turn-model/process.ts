/** The process that holds v1-mini, once for all calls of a worker. Started by `supervisor.ts` with the socket's path. */
import { runTurnModelProcess } from './run-process.js';

await runTurnModelProcess(process.argv[2] ?? '', async () => {
  // Loaded here, so that a machine it has no binary for is told to the parent instead of ending the process.
  const { default: inference } = await import('@livekit/local-inference');
  inference.initEot();
  return inference.predict;
});
