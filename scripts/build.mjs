/** Compiles what is stale into dist/: programs, vocabulary, web client. */
import { exitWith } from './lib/failure.mjs';
import { setup } from './lib/setup.mjs';

await setup('build').catch(exitWith);
