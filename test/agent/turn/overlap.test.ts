import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeOverlap, type OverlapEvidence, shouldHush } from '../../../agent/turn/overlap.js';

/** A clear voice, without words, echo or a question. */
const VOICE: OverlapEvidence = {
  sinceOnsetMs: 0,
  voicedMs: 0,
  silenceMs: 0,
  words: [],
  text: '',
  isFinalized: false,
  meanProbability: 0.95,
  pitchedShare: 0.8,
  levelDb: -25,
  echo: 0,
  agentText: '',
  language: 'en',
};
const COUGH: Partial<OverlapEvidence> = { meanProbability: 0.55, pitchedShare: 0.1 };

const evidence = (parts: Partial<OverlapEvidence>): OverlapEvidence => {
  const { voicedMs = 0, silenceMs = 0 } = parts;
  return { ...VOICE, sinceOnsetMs: voicedMs + silenceMs, ...parts };
};
const judge = (parts: Partial<OverlapEvidence>) => judgeOverlap(evidence(parts));
const hush = (parts: Partial<OverlapEvidence>) => shouldHush(evidence(parts));

describe('words over the agent', () => {
  it.each([
    ...['stop', 'no', 'wait a second', 'hold on', 'excuse me', 'actually', 'hang on', 'sorry', 'cancel', 'Stop!'],
    ...['okay stop', 'yeah no', 'um wait', 'no no no'],
  ])('stop at once with "%s", however short and unlike a voice', (text) => {
    expect(judge({ voicedMs: 64, text })).toBe('interruption');
    expect(judge({ voicedMs: 64, text, ...COUGH })).toBe('interruption');
    expect(hush({ voicedMs: 64, text, ...COUGH })).toBe(true);
  });

  it.each([
    ...['mm-hm', 'Mm-hmm.', 'mhm', 'uh-huh', 'uh huh', 'yeah', 'okay', 'right', 'i see', 'got it', 'hmm', 'oh'],
    ...['yeah yeah', 'oh okay', 'mm-hm right', 'yeah i see', 'okay got it', 'all right', 'Oh, I see.'],
  ])('go by when "%s" is all of it', (text) => {
    expect(judge({ voicedMs: 350, text })).toBe('undecided');
    expect(judge({ voicedMs: 350, silenceMs: 256, text })).toBe('backchannel');
    expect(judge({ voicedMs: 350, silenceMs: 160, text, isFinalized: true })).toBe('backchannel');
    expect(hush({ voicedMs: 350, text })).toBe(false);
  });

  it.each(['yeah but', 'okay so i want', 'right can you', 'i see a problem', 'got it wrong', 'make it', 'i want'])(
    'stop when more follows: "%s"',
    (text) => {
      expect(judge({ voicedMs: 400, text })).toBe('interruption');
    },
  );

  it('wait for the word that would make them a backchannel', () => {
    expect(judge({ voicedMs: 200, text: 'yeah i' })).toBe('undecided');
    expect(judge({ voicedMs: 200, text: 'yeah i see' })).toBe('undecided');
    expect(judge({ voicedMs: 200, text: 'yeah i want' })).toBe('interruption');
  });

  it('stop when the voice goes on well beyond a backchannel that they show', () => {
    const words = [{ text: 'okay', untilMs: 5_300 }];
    expect(judge({ voicedMs: 640, text: 'okay', words })).toBe('undecided');
    expect(judge({ voicedMs: 900, text: 'okay', words })).toBe('interruption');
    expect(judge({ voicedMs: 900, text: 'okay', words: [{ text: 'okay', fromMs: 4_700, untilMs: 5_300 }] })).toBe(
      'undecided',
    );
  });

  it('may be many, as long as all are backchannels', () => {
    const words = [
      { text: 'yeah', untilMs: 5_300 },
      { text: 'yeah', untilMs: 5_600 },
      { text: 'okay', untilMs: 5_950 },
    ];
    expect(judge({ voicedMs: 1_000, text: 'yeah yeah okay', words })).toBe('undecided');
    expect(judge({ voicedMs: 1_200, text: 'yeah yeah okay', words })).toBe('backchannel');
  });

  it('are doubted when one short word is all that was made of a cough', () => {
    expect(judge({ voicedMs: 200, text: 'the', ...COUGH })).toBe('undecided');
    expect(judge({ voicedMs: 200, silenceMs: 256, text: 'the', ...COUGH })).toBe('noise');
    expect(judge({ voicedMs: 200, text: 'decaf' })).toBe('interruption');
  });
});

describe('sound without words over the agent', () => {
  it('stops it when it goes on like speech', () => {
    expect(judge({ voicedMs: 200 })).toBe('undecided');
    expect(judge({ voicedMs: 600 })).toBe('interruption');
  });

  it('does not for a cough of that length, and is noise once it is over', () => {
    expect(judge({ voicedMs: 600, ...COUGH })).toBe('undecided');
    expect(judge({ voicedMs: 128, silenceMs: 300 })).toBe('undecided');
    expect(judge({ voicedMs: 128, silenceMs: 300, isFinalized: true })).toBe('noise');
    expect(judge({ voicedMs: 320, silenceMs: 700, ...COUGH })).toBe('noise');
  });

  it('was a murmur when it was short and pitched: recognisers leave those out', () => {
    expect(judge({ voicedMs: 320, silenceMs: 300, isFinalized: true })).toBe('backchannel');
  });

  it('silences the agent while a voice goes on, and not for a cough or after a click', () => {
    expect(hush({ voicedMs: 192 })).toBe(false);
    expect(hush({ voicedMs: 288 })).toBe(true);
    expect(hush({ voicedMs: 288, ...COUGH })).toBe(false);
    expect(hush({ voicedMs: 288, silenceMs: 128 })).toBe(false);
  });
});

describe("the agent's own words, come back", () => {
  const agentText = 'We stop serving at ten. Would you like oat milk or whole milk with that?';

  it('are an echo when four of them follow each other, even misheard, once no more come', () => {
    expect(judge({ voicedMs: 500, text: 'would you like oat', agentText })).toBe('undecided');
    expect(judge({ voicedMs: 500, silenceMs: 256, text: 'would you like oat', agentText })).toBe('echo');
    expect(judge({ voicedMs: 1_200, text: 'would you lie oat milk or hole milk', agentText })).toBe('echo');
    expect(hush({ voicedMs: 900, text: 'would you like oat', agentText })).toBe(false);
  });

  it('are a choice when a caller says some of them, and an echo when they also sound like it', () => {
    const choice = { text: 'oat milk', agentText, voicedMs: 512 };
    expect(judge(choice)).toBe('undecided');
    expect(judge({ ...choice, silenceMs: 256 })).toBe('interruption');
    expect(judge({ ...choice, silenceMs: 256, echo: 0.3 })).toBe('interruption');
    expect(judge({ ...choice, silenceMs: 256, echo: 0.9 })).toBe('echo');
  });

  it('are known by their sound alone, if it is long enough to tell', () => {
    expect(judge({ voicedMs: 640, echo: 0.95 })).toBe('undecided');
    expect(judge({ voicedMs: 640, silenceMs: 600, echo: 0.95 })).toBe('echo');
    expect(hush({ voicedMs: 480, echo: 0.95 })).toBe(false);
    // A caller's own voice comes to that by chance.
    expect(judge({ voicedMs: 640, echo: 0.4 })).toBe('interruption');
    expect(hush({ voicedMs: 288, echo: 0.3 })).toBe(true);
  });

  it('are known where they come back too softly for a voice to be detected', () => {
    expect(judge({ voicedMs: 0, silenceMs: 256, text: 'milk', agentText })).toBe('echo');
    expect(judge({ voicedMs: 0, silenceMs: 256, text: 'decaf', agentText })).toBe('interruption');
  });

  it('do not hide what a caller says into them', () => {
    expect(judge({ voicedMs: 600, echo: 0.5, text: 'oat milk i want to pay', agentText })).toBe('interruption');
    const added = { text: 'would you like oat milk please make it two', agentText };
    expect(judge({ voicedMs: 900, ...added })).toBe('interruption');
  });

  it('do not make it deaf for "stop", though it has just said that word', () => {
    const alike = { voicedMs: 512, agentText, echo: 0.95 };
    expect(judge({ voicedMs: 320, text: 'stop', agentText })).toBe('interruption');
    expect(judge({ voicedMs: 320, text: 'stop', agentText, echo: 0.5 })).toBe('interruption');
    expect(judge({ ...alike, text: 'stop' })).toBe('undecided');
    expect(judge({ ...alike, text: 'stop', silenceMs: 256 })).toBe('interruption');
    expect(judge({ ...alike, text: 'stop that' })).toBe('interruption');
    expect(judge({ ...alike, text: 'stop serving at', silenceMs: 256 })).toBe('echo');
  });
});

describe('words of another language', () => {
  it('are judged by how many they are and how long they take', () => {
    expect(judge({ voicedMs: 250, text: 'genau', language: 'de' })).toBe('undecided');
    expect(judge({ voicedMs: 250, silenceMs: 256, text: 'genau', language: 'de' })).toBe('backchannel');
    expect(judge({ voicedMs: 450, text: 'ich möchte bitte', language: 'de' })).toBe('interruption');
    expect(judge({ voicedMs: 450, text: '我想要一杯咖啡', language: 'zh' })).toBe('interruption');
    expect(judge({ voicedMs: 600, text: 'entschuldigung', language: 'de-AT' })).toBe('interruption');
    expect(judge({ voicedMs: 100, text: 'Stop!', language: 'fr' })).toBe('interruption');
  });
});

describe('any evidence', () => {
  const anyNumber = fc.oneof(fc.double(), fc.integer({ min: -100, max: 3_000 }), fc.constant(Number.NaN));
  const anyText = fc.oneof(
    fc.string({ maxLength: 60 }),
    fc
      .array(fc.constantFrom('yeah', 'i', 'see', 'stop', 'oat', 'milk', 'the', 'mm-hm'), { maxLength: 8 })
      .map((w) => w.join(' ')),
  );
  const anyEvidence: fc.Arbitrary<OverlapEvidence> = fc.record({
    sinceOnsetMs: anyNumber,
    voicedMs: anyNumber,
    silenceMs: anyNumber,
    words: fc.array(fc.record({ text: anyText, untilMs: anyNumber }), { maxLength: 5 }),
    text: anyText,
    isFinalized: fc.boolean(),
    meanProbability: anyNumber,
    pitchedShare: anyNumber,
    levelDb: anyNumber,
    echo: anyNumber,
    agentText: anyText,
    language: fc.constantFrom('en', 'en-US', 'de', '', 'multi'),
  });

  it('is judged 1.2 s after the onset, or once it is over and finalized', () => {
    fc.assert(
      fc.property(anyEvidence, fc.boolean(), (any, isFinalized) => {
        const late = isFinalized ? { isFinalized, silenceMs: 32 } : { sinceOnsetMs: 1_200 };
        expect(judgeOverlap({ ...any, ...late })).not.toBe('undecided');
        expect(typeof shouldHush(any)).toBe('boolean');
      }),
    );
  });

  it('is judged at once when no time of it can be told', () => {
    fc.assert(
      fc.property(anyEvidence, fc.constantFrom(Number.NaN, -1, Number.POSITIVE_INFINITY), (any, none) => {
        const timeless = { ...any, sinceOnsetMs: none, voicedMs: none, silenceMs: none };
        expect(judgeOverlap(timeless)).not.toBe('undecided');
      }),
    );
  });

  it('with "stop" in it is an interruption, unless it sounds like the agent that said so', () => {
    fc.assert(
      fc.property(anyEvidence, (any) => {
        expect(judgeOverlap({ ...any, text: 'stop', echo: 0, voicedMs: 300 })).toBe('interruption');
        expect(judgeOverlap({ ...any, text: 'stop', agentText: 'a latte' })).toBe('interruption');
      }),
    );
  });
});
