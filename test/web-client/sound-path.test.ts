import { describe, expect, it } from 'vitest';
import { readSoundPath, wayBetween } from '../../web-client/call/sound-path.js';

/** Of what Chromium 140 tells of both tracks. */
const stats = (delayS: number, samples: number) => [
  { id: 'CP1', type: 'candidate-pair', state: 'succeeded', nominated: true, currentRoundTripTime: 0.02 },
  { id: 'CP2', type: 'candidate-pair', state: 'succeeded', nominated: true, currentRoundTripTime: 0.03 },
  { id: 'CP3', type: 'candidate-pair', state: 'waiting', nominated: false, currentRoundTripTime: 4 },
  { id: 'CP4', type: 'candidate-pair', state: 'succeeded', nominated: true },
  { id: 'IT1', type: 'inbound-rtp', kind: 'audio', jitterBufferDelay: delayS, jitterBufferEmittedCount: samples },
  { id: 'AP', type: 'media-playout', totalPlayoutDelay: delayS / 2, totalSamplesCount: samples },
  { id: 'X', type: 'codec', mimeType: 'audio/opus' },
  null,
];

describe('the way as the browser knows it', () => {
  it('is of the turn, not of all the call before it', () => {
    const before = readSoundPath(stats(1_000, 480_000));
    const after = readSoundPath(stats(1_000 + 0.06 * 48_000, 480_000 + 48_000));
    expect(wayBetween(before, after)).toEqual({ roundTripMs: 25, jitterBufferMs: 60, playoutMs: 30 });
  });

  it('leaves out what the browser does not tell, and what did not go on', () => {
    expect(wayBetween({}, {})).toEqual({});
    const same = readSoundPath(stats(10, 480));
    expect(wayBetween(same, same)).toEqual({ roundTripMs: 25 });
    expect(wayBetween(readSoundPath(stats(10, 480_000)), readSoundPath(stats(1, 480)))).toEqual({ roundTripMs: 25 });
    expect(readSoundPath([{ type: 'inbound-rtp', kind: 'audio', jitterBufferDelay: Number.NaN }])).toEqual({});
  });

  it('asks the audio context for the loudspeaker where the browser tells nothing of it', () => {
    expect(wayBetween({}, {}, 25.04)).toEqual({ playoutMs: 25 });
  });
});
