/** A recogniser that is opened when the job is accepted and hears nothing until the caller comes, 20 s later at most. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { layOut, type RunningProviders, speak, startScripted } from '../../local-providers/support.js';
import { RecogniserCall, scriptOf } from './recogniser-call.js';

const WORDS = layOut([
  ['one', 300],
  ['latte', 500],
]);
/** Above the 10 s after which Deepgram, and the engine, closes a connection that got nothing. */
const IDLE_MS = 12_500;

let engine: RunningProviders;

beforeAll(async () => {
  engine = await startScripted();
});
afterAll(() => engine.close());

it('is kept open without audio, and hears the first word on the connection it had', async () => {
  // The engine counts by call: another try is another one.
  const name = `idle-${crypto.randomUUID()}`;
  await engine.script({ call: name, ...scriptOf(WORDS) });
  const call = new RecogniserCall(name, [engine]).attach();
  await new Promise((resolve) => setTimeout(resolve, IDLE_MS));
  call.send(speak(WORDS));
  call.recogniser.finalize();
  await call.waitFor(({ answers }) => answers === 1);
  call.recogniser.close();
  expect(call.text).toBe('one latte');
  expect(call.errors).toEqual([]);
  expect(call.counts['provider_connections deepgram true']).toBe(1);
  const { stt } = await engine.counters(name);
  expect(stt.connections).toBe(1);
  expect(stt.keepAlives).toBeGreaterThanOrEqual(2);
});
