/**
 * Taps both tracks in one audio context. The microphone is tapped as it is sent, behind its echo canceller; the agent behind
 * the jitter buffer and before the loudspeaker.
 */
import type { LocalAudioTrack, RemoteAudioTrack } from 'livekit-client';
import { TrackEvent } from 'livekit-client';
import { AGENT_INPUT, LEVEL_PROCESSOR, type LevelBatch, YOU_INPUT } from './level-batch.js';
// A file of its own, built from TypeScript: the page's security policy loads scripts from where the page is, and nowhere else.
import workletUrl from './level-worklet.js?worker&url';
import { type Levels, rms } from './levels.js';

/** Where the audio thread cannot be had, levels are only shown: how often they are read, in ms, and of how many samples. */
const SHOWN_EVERY_MS = 33;
const SHOWN_SAMPLES = 1_024;

export interface TapOptions {
  readonly you: LocalAudioTrack | undefined;
  readonly agent: RemoteAudioTrack | undefined;
  readonly onLevels: (levels: Levels) => void;
  /**
   * Each 32 ms, from the audio thread; never where there is none.
   * @param outputMs - From the context to the loudspeaker, as far as it knows; 0: it does not.
   * @returns Whether nothing is being measured just now, so that both tracks may be taken anew.
   */
  readonly onBatch: (batch: LevelBatch, outputMs: number) => boolean;
}

/** @returns a function that ends it. */
export function tapLevels({ you, agent, onLevels, onBatch }: TapOptions): () => void {
  // It plays nothing, and samples are counted, not timed: in longer blocks a busy machine's audio thread misses fewer.
  const context = new AudioContext({ latencyHint: 'playback' });
  const sources = new Map<number, MediaStreamAudioSourceNode>();
  let sink: { connect(source: AudioNode, input: number): void } | undefined;
  let isOver = false;
  let timer: ReturnType<typeof setInterval> | undefined;

  const attach = (input: number, track: LocalAudioTrack | RemoteAudioTrack | undefined): void => {
    sources.get(input)?.disconnect();
    sources.delete(input);
    if (track === undefined || sink === undefined) return;
    const source = context.createMediaStreamSource(new MediaStream([track.mediaStreamTrack]));
    sink.connect(source, input);
    sources.set(input, source);
  };
  // Another microphone is another stream below the same track.
  const restarted = (): void => attach(YOU_INPUT, you);
  you?.on(TrackEvent.Restarted, restarted);

  const measure = async (): Promise<void> => {
    await context.audioWorklet.addModule(workletUrl);
    if (isOver) return;
    const node = new AudioWorkletNode(context, LEVEL_PROCESSOR, { numberOfInputs: 2, numberOfOutputs: 1 });
    node.port.onmessage = ({ data }: MessageEvent<LevelBatch>) => {
      if (isOver) return;
      onLevels({ youRms: meanOf(data.you), agentRms: meanOf(data.agent) });
      // Samples queue before each input, the more the more often the audio thread was late (Chromium: up to 40 ms), and not
      // equally many before both, by which an answer seems to come sooner or later. Taken anew, both queues are short again.
      if (!onBatch(data, (context.outputLatency || 0) * 1_000)) return;
      attach(YOU_INPUT, you);
      attach(AGENT_INPUT, agent);
    };
    // What is connected to no loudspeaker need not be run; this output stays silent.
    node.connect(context.destination);
    sink = { connect: (source, input) => source.connect(node, 0, input) };
  };
  const show = (): void => {
    if (isOver) return;
    const samples = new Float32Array(SHOWN_SAMPLES);
    const analysers = new Map<number, AnalyserNode>();
    sink = {
      connect(source, input) {
        const analyser = new AnalyserNode(context, { fftSize: SHOWN_SAMPLES });
        source.connect(analyser);
        analysers.set(input, analyser);
      },
    };
    const levelOf = (input: number): number => {
      const analyser = sources.has(input) ? analysers.get(input) : undefined;
      if (analyser === undefined) return 0;
      analyser.getFloatTimeDomainData(samples);
      return rms(samples);
    };
    timer = setInterval(() => onLevels({ youRms: levelOf(YOU_INPUT), agentRms: levelOf(AGENT_INPUT) }), SHOWN_EVERY_MS);
  };
  void measure()
    .catch(show)
    .then(() => {
      if (isOver) return;
      attach(YOU_INPUT, you);
      attach(AGENT_INPUT, agent);
    });
  return () => {
    isOver = true;
    clearInterval(timer);
    you?.off(TrackEvent.Restarted, restarted);
    for (const source of sources.values()) source.disconnect();
    context.close().catch(() => {});
  };
}

/** Of levels that are means of squares themselves. */
function meanOf(levels: Float32Array): number {
  return rms(levels);
}
