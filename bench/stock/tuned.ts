/**
 * The same agent, as fast as the framework's public options make it on 1.8.1: what somebody gets who has read all of its
 * documentation and writes no node of their own. No method is overridden, no plugin is replaced.
 */
import { defineAgent, inference, voice } from '@livekit/agents';
import * as cartesia from '@livekit/agents-plugin-cartesia';
import * as deepgram from '@livekit/agents-plugin-deepgram';
import * as openai from '@livekit/agents-plugin-openai';
import OpenAI from 'openai';
import { Agent } from 'undici';
import { GREETING, INSTRUCTIONS } from './said.js';
import { parseStockSettings } from './settings.js';

/** The least that the turn detector takes beside it, in ms; the Silero plugin's own default is 550. */
const VAD_SILENCE_MS = 250;
/** Silence after which a turn that does not sound finished is over all the same, in ms; 2,500 by default. */
const UNFINISHED_DELAY_MS = 1_000;
/** Rate of the recogniser, the VAD and the turn detector, in Hz: nothing is resampled for each of them. */
const INPUT_RATE_HZ = 16_000;
/** Sound that waits to be sent, in ms; 200 by default. */
const OUTPUT_QUEUE_MS = 50;
/** How long a connection to the model stays open unused, in ms; 4,000 by default, less than a turn lasts. */
const KEEP_ALIVE_MS = 300_000;

let vad: inference.VAD | undefined;

export default defineAgent({
  prewarm: async () => {
    vad = new inference.VAD({ minSilenceDuration: VAD_SILENCE_MS });
  },
  entry: async (ctx) => {
    if (vad === undefined) throw new Error('The call began before its process was prepared.');
    const settings = parseStockSettings(process.env);
    const tts = new cartesia.TTS({ apiKey: settings.CARTESIA_API_KEY, baseUrl: settings.CARTESIA_BASE_URL });
    tts.prewarm();
    const client = new OpenAI({
      apiKey: settings.OPENAI_API_KEY,
      baseURL: settings.OPENAI_BASE_URL,
      maxRetries: 0,
      fetchOptions: { dispatcher: new Agent({ keepAliveTimeout: KEEP_ALIVE_MS, keepAliveMaxTimeout: KEEP_ALIVE_MS }) },
    });
    const session = new voice.AgentSession({
      vad,
      stt: new deepgram.STT({
        apiKey: settings.DEEPGRAM_API_KEY,
        // The plugin opens a WebSocket at exactly this address.
        baseUrl: settings.DEEPGRAM_BASE_URL.replace(/^http/, 'ws'),
      }),
      llm: new openai.LLM({ client }),
      tts,
      aecWarmupDuration: null,
      ttsTextTransforms: null,
      turnHandling: {
        turnDetection: new inference.TurnDetector({ version: 'v1-mini' }),
        endpointing: {
          ...{ mode: 'fixed', minDelay: 0 },
          ...(settings.STOCK_OPTIONS === 'tuned' && { maxDelay: UNFINISHED_DELAY_MS }),
        },
        interruption: { mode: 'vad' },
        preemptiveGeneration: { enabled: true, preemptiveTts: true },
      },
    });
    await ctx.connect();
    await session.start({
      agent: new voice.Agent({ instructions: INSTRUCTIONS }),
      room: ctx.room,
      inputOptions: { audioSampleRate: INPUT_RATE_HZ },
      outputOptions: { queueSizeMs: OUTPUT_QUEUE_MS, syncTranscription: false },
    });
    session.say(GREETING);
  },
});
