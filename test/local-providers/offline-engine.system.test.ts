import { resolve } from 'node:path';
import { initializeLogger, llm, stt } from '@livekit/agents';
import * as cartesia from '@livekit/agents-plugin-cartesia';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import * as openai from '@livekit/agents-plugin-openai';
import { AudioFrame } from '@livekit/rtc-node';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { readAudioFile } from '../../bench/audio-file.js';
import { type StartedProgram, startProgram } from '../support/processes.js';

const ROOT = resolve(import.meta.dirname, '../..');
/** "get me a dark roast espresso with lots of almond milk" */
const RECORDING = resolve(ROOT, 'test/speech/orders/90a00f8a.flac');

let program: StartedProgram;
let url: string;
beforeAll(async () => {
  initializeLogger({ pretty: false, level: 'silent' });
  program = startProgram({
    command: process.execPath,
    args: [resolve(ROOT, 'dist/local-providers/main.js')],
    env: { LOCAL_PROVIDERS_PORT: '0', LOG_LEVEL: 'warn' },
    cwd: ROOT,
  });
  const [, at] = await program.waitForLine(/^local providers ready on (\S+) \(offline\)$/m, 60_000);
  url = at ?? '';
});
afterAll(() => program.stop());

describe('the offline engine through the official plugins', () => {
  it('hears what a person orders', async () => {
    const plugin = new deepgram.STT({ apiKey: 'key', baseUrl: url.replace('http', 'ws') });
    const stream = plugin.stream();
    const heard: string[] = [];
    const reading = (async () => {
      for await (const event of stream) {
        if (event.type === stt.SpeechEventType.FINAL_TRANSCRIPT) heard.push(event.alternatives?.[0].text ?? '');
      }
    })();
    const { samples, sampleRateHz } = await readAudioFile(RECORDING);
    const frameSamples = sampleRateHz / 100;
    for (let at = 0; at < samples.length; at += frameSamples) {
      const frame = samples.slice(at, at + frameSamples);
      stream.pushFrame(new AudioFrame(frame, sampleRateHz, 1, frame.length));
    }
    stream.flush();
    await vi.waitFor(() => expect(heard.join(' ').toLowerCase()).toContain('almond milk'), { timeout: 30_000 });
    expect(heard.join(' ').toLowerCase()).toMatch(/dark roast.*espresso/);
    stream.endInput();
    await reading;
  });

  it('answers in words', async () => {
    const plugin = new openai.LLM({ apiKey: 'key', baseURL: `${url}/v1`, model: 'gpt-4o-mini' });
    const chatCtx = llm.ChatContext.empty();
    chatCtx.addMessage({ role: 'user', content: 'hello' });
    let text = '';
    for await (const chunk of plugin.chat({ chatCtx })) text += chunk.delta?.content ?? '';
    expect(text).toMatch(/\w+ \w+/);
  });

  it('speaks, sentence by sentence', async () => {
    const plugin = new cartesia.TTS({ apiKey: 'key', baseUrl: url });
    const stream = plugin.stream();
    const text = 'One large latte with oat milk. It will be ready in five minutes.';
    stream.pushText(text);
    stream.endInput();
    const words: string[] = [];
    let durationMs = 0;
    let peak = 0;
    for await (const audio of stream) {
      if (typeof audio === 'symbol') break;
      durationMs += (audio.frame.samplesPerChannel * 1_000) / audio.frame.sampleRate;
      for (const sample of audio.frame.data) peak = Math.max(peak, Math.abs(sample));
      words.push(...(audio.timedTranscripts ?? []).map((word) => word.text.trim()));
    }
    stream.close();
    await plugin.close();
    expect(durationMs).toBeGreaterThan(2_500);
    expect(durationMs).toBeLessThan(8_000);
    expect(peak).toBeGreaterThan(3_000);
    expect(words.join(' ')).toBe(text);
  });
});
