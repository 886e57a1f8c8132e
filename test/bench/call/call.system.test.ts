/** `npm run call` as a person runs it: the compiled program, its lines and its exit codes. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { RoomEvent } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readAudioFile, writeWav } from '../../../bench/audio-file.js';
import { systemClock } from '../../../bench/clock.js';
import { freePort, type StartedProgram, startProgram } from '../../support/processes.js';
import { type Sfu, startSfu } from '../../support/sfu.js';
import { joinSounds, silence, sine } from '../../support/sounds.js';
import { startToneAgent } from '../../support/tone-agent.js';

let folder: string;
let sfu: Sfu;
let question: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnwise-call-'));
  sfu = await startSfu();
  question = join(folder, 'question.wav');
  await writeWav(question, { samples: joinSounds(silence(200), sine(500), silence(200)), sampleRateHz: 48_000 });
});
afterAll(async () => {
  await sfu?.close();
  await rm(folder, { recursive: true });
});

function call(args: readonly string[], env: Readonly<Record<string, string>> = {}): StartedProgram {
  const command = { command: process.execPath, args: [resolve('dist/bench/call.js'), ...args], cwd: folder };
  return startProgram({ ...command, env: { TURNWISE_CACHE_DIR: folder, ...env } });
}

describe('npm run call', () => {
  it('refuses a wav that is not one, in one line', async () => {
    const path = join(folder, 'not.wav');
    await writeFile(path, 'this is not a sound');
    const program = call([path]);
    expect(await program.exited).toBe(2);
    expect(program.output()).toBe(`call: ${path} is neither a WAV nor a FLAC file.\n`);
  });

  it('says how to start the system when nothing runs', async () => {
    const program = call([question, '--url', `http://127.0.0.1:${await freePort()}`]);
    expect(await program.exited).toBe(1);
    expect(program.output()).toMatch(/^call: Nothing answers at http:\S+\. Start the system with npm start.*\n$/);
  });

  it('says that the keys are wrong without showing any', async () => {
    const keys = { LIVEKIT_API_KEY: sfu.apiKey, LIVEKIT_API_SECRET: 'w'.repeat(40) };
    const program = call([question, '--url', sfu.url], keys);
    expect(await program.exited).toBe(1);
    expect(program.output()).toMatch(/refused the token .*Check LIVEKIT_API_KEY and LIVEKIT_API_SECRET/);
    expect(program.output()).not.toMatch(/eyJ|wwww/);
  });

  it('measures each turn, keeps what was heard, and ends with 1 when one got no answer', async () => {
    const roomName = `room-${crypto.randomUUID()}`;
    const agent = await startToneAgent(sfu, roomName);
    // A greeting, then one answer: the second question stays without.
    agent.room.on(RoomEvent.TrackSubscribed, () => {
      const nowMs = systemClock.nowMs();
      agent.tone(nowMs + 300, 500);
      agent.tone(nowMs + 5_200, 500);
    });
    const keys = { LIVEKIT_API_KEY: sfu.apiKey, LIVEKIT_API_SECRET: sfu.apiSecret };
    const args = [question, question, '--url', sfu.url, '--room', roomName, '--json', 'call.json', '--timeout', '3'];
    const program = call(args, keys);
    expect(await program.exited, program.output()).toBe(1);
    await agent.close();
    const report: unknown = JSON.parse(await readFile(join(folder, 'call.json'), 'utf8'));
    expect(report).toMatchObject({
      greetingMs: expect.any(Number),
      turns: [{ outcome: 'answered' }, { outcome: 'unanswered', heardResponseMs: null, stages: null }],
    });
    expect(program.stdout()).toContain('Turn 2: no answer.');
    const heard = await readAudioFile(join(folder, 'answer.wav'));
    expect(heard.samples.some((sample) => Math.abs(sample) > 1_000)).toBe(true);
  });
});
