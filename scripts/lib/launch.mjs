import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { Failure } from './failure.mjs';
import { readIfThere } from './fingerprint.mjs';
import { prefixes, renderLine } from './render.mjs';
import { createSupervisor } from './supervise.mjs';
import { temporaryBeside } from './temporary.mjs';

/**
 * Runs programs together until one dies or the person stops them.
 * @param {object} options
 * @param {readonly import('./supervise.mjs').Program[]} options.programs
 * @param {string} options.readyLine - Said once all are ready.
 * @param {Record<string, unknown>} options.endpoints - Where things are; written to `runningFile` while they run.
 * @param {string} [options.runningFile]
 * @param {boolean} [options.json] - stdout carries JSON events only, the programs' raw lines go to stderr.
 * @returns {Promise<number>} the exit code: 0 when stopped on request, 1 when a program died.
 */
export async function launch({ programs, readyLine, endpoints, runningFile, json = false }) {
  const tags = prefixes(
    programs.map(({ name }) => name),
    process.stdout.isTTY === true && process.env.NO_COLOR === undefined,
  );
  // A reader that went away must not keep the programs from being ended in order.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});
  const supervisor = createSupervisor({
    onLine: (name, line) => {
      if (json) {
        console.error(`${name} | ${line}`);
        return;
      }
      const text = renderLine(line);
      if (text !== '') console.log(`${tags.get(name)} ${text.replaceAll('\n', `\n${tags.get(name)} `)}`);
    },
  });
  const asked = new AbortController();
  const onSignal = () => asked.abort();
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, onSignal);
  const whenAsked = new Promise((resolve) => asked.signal.addEventListener('abort', () => resolve(), { once: true }));

  let failure;
  try {
    await supervisor.startAll(programs, asked.signal);
    if (runningFile !== undefined) {
      mkdirSync(dirname(runningFile), { recursive: true });
      supervisor.guardFile(runningFile);
      writeAtOnce(runningFile, `${JSON.stringify({ schema: 1, pid: process.pid, ...endpoints }, null, 2)}\n`);
    }
    console.log(json ? JSON.stringify({ ready: true, pid: process.pid, ...endpoints }) : readyLine);
    failure = await Promise.race([supervisor.whenOneDies(), whenAsked]);
  } catch (error) {
    if (!asked.signal.aborted) {
      if (!(error instanceof Failure)) {
        await supervisor.stop();
        throw error;
      }
      failure = error;
    }
  }

  if (runningFile !== undefined) removeOwn(runningFile);
  if (failure === undefined && !json) console.log('Stopping.');
  await supervisor.stop();
  for (const signal of signals) process.off(signal, onSignal);
  if (failure === undefined) return 0;
  if (json) console.log(JSON.stringify({ ready: false, error: failure.message, lines: failure.details }));
  for (const line of failure.details) console.error(`  | ${json ? line : renderLine(line)}`);
  console.error(`turnwise: ${failure.message}`);
  return 1;
}

/** Another launcher may have written its own meanwhile. */
function removeOwn(path) {
  const text = readIfThere(path);
  if (text !== undefined && JSON.parse(text).pid === process.pid) rmSync(path, { force: true });
}

function writeAtOnce(path, text) {
  const temporary = temporaryBeside(path);
  writeFileSync(temporary, text);
  renameSync(temporary, path);
}
