import { describe, expect, it } from 'vitest';
import { windowLevels } from '../../../bench/audio/levels.js';
import { type SoundChange, SoundDetector } from '../../../bench/caller/sound-detector.js';
import { joinSounds, noise, silence, sine } from '../../support/sounds.js';

function changesIn(...parts: Int16Array[]): SoundChange[] {
  const detector = new SoundDetector({ hangOverWindows: 20 });
  return windowLevels(joinSounds(...parts), 48_000).flatMap((level) => detector.push(level) ?? []);
}

describe('a sound detector', () => {
  it('finds where a voice begins and ends, to one window', () => {
    expect(changesIn(silence(1_005), sine(700), silence(500))).toEqual([
      { kind: 'began', startWindow: 100 },
      { kind: 'ended', endWindow: 171 },
    ]);
  });

  it('finds the beginning of a voice that swells', () => {
    const faint = sine(10, { amplitude: 0.0005 });
    expect(changesIn(silence(100), faint, sine(100), silence(300))[0]).toEqual({ kind: 'began', startWindow: 11 });
  });

  it('holds one stretch together over the pauses within a word', () => {
    expect(changesIn(sine(200), silence(150), sine(200), silence(300))).toEqual([
      { kind: 'began', startWindow: 0 },
      { kind: 'ended', endWindow: 55 },
    ]);
  });

  it('does not take a click for a voice, nor comfort noise', () => {
    expect(changesIn(silence(200), sine(10), silence(200), sine(20), silence(200))).toEqual([]);
    expect(changesIn(noise(2_000, { amplitude: 0.003 }))).toEqual([]);
  });

  it('tells two voices apart when there is quiet between them', () => {
    expect(changesIn(sine(200), silence(400), sine(200), silence(400)).map(({ kind }) => kind)).toEqual([
      'began',
      'ended',
      'began',
      'ended',
    ]);
  });
});
