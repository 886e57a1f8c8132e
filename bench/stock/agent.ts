/**
 * A voice agent as LiveKit's documentation has one write it on 1.8.1: the plugins of three vendors, Silero, the framework's own
 * turn detector, and every option left as it is. The measure that ours is held against; nothing here is tuned.
 */
import { defineAgent, inference, voice } from '@livekit/agents';
import * as cartesia from '@livekit/agents-plugin-cartesia';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import * as openai from '@livekit/agents-plugin-openai';
import * as silero from '@livekit/agents-plugin-silero';
import { GREETING, INSTRUCTIONS } from './said.js';
import { parseStockSettings } from './settings.js';

/** Loaded before the call, as the plugin asks for; kept here, where the framework's untyped `userData` need not be trusted. */
let vad: Awaited<ReturnType<typeof silero.VAD.load>> | undefined;

export default defineAgent({
  prewarm: async () => {
    vad = await silero.VAD.load();
  },
  entry: async (ctx) => {
    if (vad === undefined) throw new Error('The call began before its process was prepared.');
    const settings = parseStockSettings(process.env);
    const session = new voice.AgentSession({
      vad,
      stt: new deepgram.STT({
        apiKey: settings.DEEPGRAM_API_KEY,
        // The plugin opens a WebSocket at exactly this address.
        baseUrl: settings.DEEPGRAM_BASE_URL.replace(/^http/, 'ws'),
      }),
      llm: new openai.LLM({ apiKey: settings.OPENAI_API_KEY, baseURL: settings.OPENAI_BASE_URL }),
      tts: new cartesia.TTS({ apiKey: settings.CARTESIA_API_KEY, baseUrl: settings.CARTESIA_BASE_URL }),
      // Left out it would be this one too, unless a worker in development mode asks LiveKit's cloud.
      turnHandling: { turnDetection: new inference.TurnDetector({ version: 'v1-mini' }) },
    });
    await ctx.connect();
    const agent = new voice.Agent({ instructions: INSTRUCTIONS });
    await session.start({ agent, room: ctx.room });
    session.say(GREETING);
  },
});
