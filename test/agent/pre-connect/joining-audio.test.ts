import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JoiningAudio } from '../../../agent/pre-connect/joining-audio.js';
import { joinSounds, silence } from '../../support/sounds.js';
import { likeOverTheAir, ms, RATE_HZ, voice } from './voice.js';

const FRAME = ms(10);

/** Pushes live audio frame by frame; `at` is called before the frame that begins so many samples into it. */
function live(
  joining: JoiningAudio,
  samples: Int16Array,
  at: (position: number) => Int16Array[] = () => [],
): Int16Array {
  const out: Int16Array[] = [];
  for (let from = 0; from < samples.length; from += FRAME) {
    out.push(...at(from), ...joining.push(samples.subarray(from, from + FRAME)));
  }
  return joinSounds(...out);
}

/** As `toEqual`, which takes its time with as many samples. */
function isSame(heard: Int16Array, expected: Int16Array): boolean {
  return heard.length === expected.length && heard.every((sample, at) => sample === expected[at]);
}

describe('live audio', () => {
  it('goes through at once when there is no recording, and nothing of it is lost', () => {
    const joining = new JoiningAudio();
    expect(joining.give(undefined)).toEqual([]);
    const said = voice(500);
    expect(joining.push(said.subarray(0, FRAME))).toEqual([said.subarray(0, FRAME)]);
    expect(isSame(live(joining, said.subarray(FRAME)), said.subarray(FRAME))).toBe(true);
    expect(joining.outcome).toBe('none');
  });

  it('is held, then goes on whole when it turns out that there is no recording', () => {
    const said = voice(500);
    const joining = new JoiningAudio();
    expect(live(joining, said)).toHaveLength(0);
    expect(joining.heldMs).toBe(500);
    expect(isSame(joinSounds(...joining.give(undefined)), said)).toBe(true);
  });

  it('goes on without a recording that does not come in 1.5 s, and takes none after that', () => {
    const joining = new JoiningAudio();
    const said = voice(2_000);
    const held = live(joining, said.subarray(0, ms(1_490)));
    expect(held).toHaveLength(0);
    expect(isSame(live(joining, said.subarray(ms(1_490))), said)).toBe(true);
    expect(joining.outcome).toBe('late');
    expect(joining.give({ samples: said, overlapMs: 0, isWhole: true })).toEqual([]);
  });

  it('goes on when asked to, with the recording if it is there', () => {
    const said = voice(600);
    const [without, withOne] = [new JoiningAudio(), new JoiningAudio()];
    without.push(said);
    expect(isSame(joinSounds(...without.flush()), said)).toBe(true);
    withOne.push(said.subarray(ms(100), ms(200)));
    withOne.give({ samples: said.subarray(0, ms(150)), overlapMs: 50, isWhole: false });
    expect(isSame(joinSounds(...withOne.flush()), said.subarray(0, ms(200)))).toBe(true);
    expect([without.flush(), withOne.flush()]).toEqual([[], []]);
  });
});

describe('a recording', () => {
  const said = voice(4_000);

  it('comes first, and what both hold comes once: every moment is within 1 ms of where it was said', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1_000, max: 2_000 }),
        fc.integer({ min: 200, max: 800 }),
        fc.integer({ min: 350, max: 700 }),
        fc.integer({ min: 1, max: 99 }),
        (recordedMs, overlapMs, givenAtMs, seed) => {
          const joining = new JoiningAudio();
          const liveFromMs = recordedMs - overlapMs;
          const recording = { samples: said.subarray(0, ms(recordedMs)), overlapMs: 0, isWhole: true };
          const heard = live(joining, likeOverTheAir(said.subarray(ms(liveFromMs)), seed), (position) =>
            position === ms(Math.round(givenAtMs / 10) * 10) ? joining.give(recording) : [],
          );
          expect(joining.outcome).toBe('matched');
          expect(Math.abs(heard.length - said.length)).toBeLessThanOrEqual(ms(1));
        },
      ),
      { numRuns: 10 },
    );
  });

  it('is looked at again when more of it has come', () => {
    const joining = new JoiningAudio();
    const heard = live(joining, likeOverTheAir(said.subarray(ms(1_200))), (position) => {
      if (position === ms(350))
        return joining.give({ samples: said.subarray(0, ms(1_150)), overlapMs: 0, isWhole: false });
      if (position === ms(600))
        return joining.give({ samples: said.subarray(0, ms(1_500)), overlapMs: 0, isWhole: true });
      return [];
    });
    expect(joining.outcome).toBe('matched');
    expect(Math.abs(heard.length - said.length)).toBeLessThanOrEqual(ms(1));
  });

  it('is joined by time where nobody speaks', () => {
    const joining = new JoiningAudio();
    const recorded = joinSounds(said.subarray(0, ms(500)), silence(1_500, RATE_HZ));
    const given = { samples: recorded, overlapMs: 300, isWhole: false };
    const heard = live(joining, silence(1_000, RATE_HZ), (position) =>
      position === ms(350) ? joining.give(given) : [],
    );
    expect(joining.outcome).toBe('timed');
    expect(isSame(heard, joinSounds(recorded, silence(700, RATE_HZ)))).toBe(true);
  });

  it.each([
    ['whole', true, 700],
    ['still coming', false, 1_200],
  ])('that is %s and of something else is joined by time after %s', (_what, isWhole, untilMs) => {
    const joining = new JoiningAudio();
    const other = voice(1_000, 9);
    let goesOnAt: number | undefined;
    const heard = live(joining, said.subarray(0, ms(2_000)), (position) => {
      if (goesOnAt === undefined && joining.outcome !== undefined) goesOnAt = position;
      return position === ms(350) ? joining.give({ samples: other, overlapMs: 400, isWhole }) : [];
    });
    expect([joining.outcome, goesOnAt]).toEqual(['timed', ms(untilMs)]);
    expect(isSame(heard, joinSounds(other, said.subarray(ms(400), ms(2_000))))).toBe(true);
  });

  it('that reaches beyond the live audio so far is not doubled when that comes', () => {
    const joining = new JoiningAudio();
    joining.push(said.subarray(ms(1_000), ms(1_100)));
    joining.give({ samples: said.subarray(0, ms(1_300)), overlapMs: 300, isWhole: true });
    const heard = joinSounds(...joining.flush(), live(joining, said.subarray(ms(1_100))));
    expect(isSame(heard, said)).toBe(true);
  });

  it.each([Number.NaN, Number.POSITIVE_INFINITY, -50])('with an impossible time of %s is not cut', (overlapMs) => {
    const joining = new JoiningAudio();
    joining.give({ samples: said.subarray(0, ms(100)), overlapMs, isWhole: true });
    expect(isSame(joinSounds(...joining.flush(), live(joining, said.subarray(ms(100)))), said)).toBe(true);
  });

  it('comes out in pieces of 50 ms at most', () => {
    const joining = new JoiningAudio();
    joining.give({ samples: said, overlapMs: 0, isWhole: true });
    expect(joining.flush().every((piece) => piece.length <= ms(50))).toBe(true);
  });
});
