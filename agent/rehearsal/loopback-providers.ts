/** Three providers on one port of this machine, in this very process, that answer whatever they are asked at once. For rehearsals. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { type WebSocket, WebSocketServer } from 'ws';
import { z } from 'zod';
import { listenOnLoopback } from './loopback-server.js';

/** What the model answers and the synthesiser says. */
const REPLY = ['Sure', ',', ' that', ' is', ' noted', '.', ' Anything', ' else', ',', ' please', '?'];
/** A request to the synthesiser, as far as an answer needs it. */
const SpeechRequest = z.object({
  context_id: z.string().optional(),
  transcript: z.string().optional(),
  continue: z.boolean().optional(),
});
/** Sound of one answer of the synthesiser, in samples: 40 ms at 24 kHz, audible so that nothing of it is trimmed. */
const SOUND_SAMPLES = 960;
const SOUND_LEVEL = 8_000;

export interface LoopbackProviders {
  /** `http://127.0.0.1:PORT`: the model below `/v1`, the synthesiser at `/tts/websocket`, the recogniser at `/v1/listen`. */
  readonly url: string;
  close(): void;
}

/** @throws where no port of the loopback interface can be had. */
export async function startLoopbackProviders(): Promise<LoopbackProviders> {
  const server = createServer(complete);
  const sockets = new WebSocketServer({ server });
  sockets.on('connection', (socket, { url = '' }) => {
    if (url.startsWith('/tts/')) socket.on('message', (data) => speak(socket, String(data)));
  });
  const { host, close } = await listenOnLoopback(server, sockets);
  return { url: `http://${host}`, close };
}

function complete(request: IncomingMessage, response: ServerResponse): void {
  request.resume();
  request.on('end', () => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    for (const content of REPLY)
      response.write(event({ choices: [{ index: 0, delta: { content }, finish_reason: null }] }));
    response.write(event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
    response.end('data: [DONE]\n\n');
  });
}

function event(part: object): string {
  return `data: ${JSON.stringify({ id: 'rehearsal', object: 'chat.completion.chunk', ...part })}\n\n`;
}

function speak(socket: WebSocket, text: string): void {
  const parsed = SpeechRequest.safeParse(JSON.parse(text));
  if (!parsed.success) return;
  const { context_id, transcript = '', continue: goesOn } = parsed.data;
  const tell = (message: object): void => socket.send(JSON.stringify({ context_id, ...message }));
  if (transcript !== '') {
    const samples = Int16Array.from({ length: SOUND_SAMPLES }, (_, at) => SOUND_LEVEL * Math.sin(at / 5));
    tell({ type: 'chunk', done: false, data: Buffer.from(samples.buffer).toString('base64') });
    tell({ type: 'timestamps', word_timestamps: { words: [transcript.trim()], start: [0], end: [0.04] } });
  }
  if (goesOn === false) tell({ type: 'done', done: true });
}
