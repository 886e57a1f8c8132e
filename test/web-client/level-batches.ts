/** Levels as the audio thread tells them, made of what was said when. */
import type { LevelBatch } from '../../web-client/call/level-batch.js';

/** In samples at 48 kHz: 2.5 ms. */
const WINDOW_FRAMES = 120;
const SAMPLE_RATE_HZ = 48_000;
const WINDOW_MS = (WINDOW_FRAMES / SAMPLE_RATE_HZ) * 1_000;
const BATCH_WINDOWS = 13;

/** `amplified`: a voice before gain control has settled; `soft` and `pulse`: the end of a word, 27 dB below its loudest. */
export type Sounds = 'you' | 'amplified' | 'soft' | 'pulse' | 'agent' | 'both' | 'quiet' | 'breath' | 'click';
/** What was heard for so long, in ms; `lost`: the audio thread stood still meanwhile; `gap`: nobody listened. */
export type Part = readonly [Sounds | 'lost' | 'gap', number];

const VOICE_RMS = 0.25;
const YOU_RMS: Partial<Record<Sounds, number>> = {
  ...{ you: VOICE_RMS, both: VOICE_RMS, amplified: VOICE_RMS * 10 ** (12 / 20) },
  ...{
    soft: VOICE_RMS * 10 ** (-27 / 20),
    pulse: VOICE_RMS * 10 ** (-27 / 20),
    breath: VOICE_RMS * 10 ** (-33 / 20),
    click: 0.9,
  },
};

/** @param from - Where the audio clock stands at the beginning, in samples. */
export function batchesOf(parts: readonly Part[], from = 0): LevelBatch[] {
  const batches: LevelBatch[] = [];
  let frame = from;
  let lostMs = 0;
  let you: number[] = [];
  let agent: number[] = [];
  const flush = (): void => {
    if (you.length === 0) return;
    batches.push({
      sampleRateHz: SAMPLE_RATE_HZ,
      firstFrame: frame - you.length * WINDOW_FRAMES,
      windowFrames: WINDOW_FRAMES,
      wallMs: 1_700_000_000_000 + Math.round((frame / SAMPLE_RATE_HZ) * 1_000 + lostMs),
      you: Float32Array.from(you),
      agent: Float32Array.from(agent),
    });
    you = [];
    agent = [];
  };
  for (const [what, durationMs] of parts) {
    if (what === 'lost') lostMs += durationMs;
    const windows = what === 'lost' ? 0 : Math.round(durationMs / WINDOW_MS);
    if (what === 'gap') {
      flush();
      frame += windows * WINDOW_FRAMES;
      continue;
    }
    for (let window = 0; window < windows; window += 1) {
      you.push(what === 'lost' ? 0 : (YOU_RMS[what] ?? 0.0005));
      agent.push(what === 'agent' || what === 'both' ? 0.1 : 0);
      frame += WINDOW_FRAMES;
      if (you.length === BATCH_WINDOWS) flush();
    }
  }
  flush();
  return batches;
}
