/** The whole system over scripted providers: what is heard, how surely and what the model answers is the test's to say. */
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect } from 'vitest';
import { z } from 'zod';
import type { ScriptBody } from '../../local-providers/scripted/script.js';
import { startProgram } from './processes.js';
import { type Stack, startStack } from './stack.js';

const Message = z.object({
  role: z.string(),
  content: z.string().nullish(),
  tool_calls: z.array(z.object({ function: z.object({ name: z.string() }) })).optional(),
});
const Emotions = z.record(z.string(), z.number());
const Counters = z.object({ tts: z.object({ emotions: Emotions }) });
const ChatBody = z.object({ messages: z.array(Message) });

/** One message of a request to the language model. */
export type AskedMessage = z.infer<typeof Message>;

export interface ScriptedStack {
  readonly stack: Stack;
  /** The messages of each request to the language model since the last script, oldest first. */
  readonly requests: readonly (readonly AskedMessage[])[];
  /** Replaces the script of all calls to come. */
  script(body: Omit<z.input<typeof ScriptBody>, 'call'>): Promise<void>;
  /** How often the synthesiser was asked for each emotion, phrases for the cache included. */
  emotionsAsked(): Promise<z.infer<typeof Emotions>>;
  close(): Promise<void>;
}

/**
 * @param call - What its calls are named to the providers: lower-case letters.
 * @param env - Further settings of the system.
 */
export async function startScriptedStack(
  call: string,
  env: Readonly<Record<string, string>> = {},
): Promise<ScriptedStack> {
  const providers = startProgram({
    command: process.execPath,
    args: ['dist/local-providers/main.js'],
    env: { LOCAL_PROVIDERS_PORT: '0', LOCAL_PROVIDERS_ENGINE: 'scripted' },
  });
  const [, url = ''] = await providers.waitForLine(/local providers ready on (http:\S+)/, 30_000);
  const requests: AskedMessage[][] = [];
  const recorder = await startRecorder(url, (messages) => requests.push(messages));
  // The part of a key after the colon names the call, so that scripts find it.
  const key = `local:${call}`;
  const stack = await startStack({
    env: {
      ...env,
      DEEPGRAM_BASE_URL: url,
      OPENAI_BASE_URL: `http://127.0.0.1:${(recorder.address() as AddressInfo).port}/v1`,
      CARTESIA_BASE_URL: url,
      DEEPGRAM_API_KEY: key,
      OPENAI_API_KEY: key,
      CARTESIA_API_KEY: key,
    },
  });
  return {
    stack,
    requests,
    async script(body) {
      requests.length = 0;
      const response = await fetch(`${url}/script`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ ...body, call }),
      });
      expect(response.status, await response.text()).toBeLessThan(300);
    },
    async emotionsAsked() {
      const response = await fetch(`${url}/script/${call}`);
      return Counters.parse(await response.json()).tts.emotions;
    },
    async close() {
      await stack.close();
      recorder.closeAllConnections();
      recorder.close();
      await providers.stop();
    },
  };
}

/** Passes requests to the language model on, and notes what they say. */
async function startRecorder(url: string, note: (messages: AskedMessage[]) => void): Promise<Server> {
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    const body = Buffer.concat(chunks);
    if (request.url?.endsWith('/chat/completions')) note(ChatBody.parse(JSON.parse(body.toString())).messages);
    const gone = new AbortController();
    response.once('close', () => gone.abort());
    try {
      const answer = await fetch(`${url}${request.url}`, {
        method: request.method ?? 'GET',
        headers: { 'content-type': 'application/json', authorization: request.headers.authorization ?? '' },
        ...(body.length > 0 && { body }),
        signal: gone.signal,
      });
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? 'text/plain' });
      for await (const chunk of answer.body ?? []) response.write(chunk);
      response.end();
    } catch (error) {
      if (!gone.signal.aborted) throw error;
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return server;
}
