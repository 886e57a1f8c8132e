import { TrackSource } from '@livekit/rtc-node';
import { describe, expect, it, vi } from 'vitest';
import { type Captioned, Captions, type CaptionsOptions } from '../../../agent/conversation/captions.js';

interface Stream {
  readonly speaker: string;
  readonly segment: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly pieces: string[];
  isClosed: boolean;
}

const AGENT = speaker('agent', 'TR_agent');
const CALLER = speaker('caller', 'TR_caller');

describe('captions', () => {
  it('show a speech piece by piece in one stream, which ends with it', async () => {
    const { captions, streams } = open();
    const speech = {};
    captions.show(speech, 'One large');
    captions.show(speech, 'One large latte');
    await settled();
    captions.show(speech, 'One large latte, coming');
    captions.end(speech, 'One large latte, coming up.');
    await settled();
    expect(streams).toHaveLength(1);
    expect(streams[0]).toMatchObject({ speaker: 'agent', isClosed: true });
    expect(streams[0]?.pieces.join('')).toBe('One large latte, coming up.');
    expect(streams[0]?.attributes).toMatchObject({
      'lk.transcription_final': 'false',
      'lk.transcribed_track_id': 'TR_agent',
    });
  });

  it('show of a speech that was cut no more than was heard, and take nothing back', async () => {
    const { captions, streams } = open();
    const speech = {};
    captions.show(speech, 'Your order is');
    captions.end(speech, 'Your order');
    captions.show(speech, 'Your order is ready.');
    await settled();
    expect(streams[0]?.pieces.join('')).toBe('Your order is');
    expect(streams[0]?.isClosed).toBe(true);
  });

  it('give each speech a segment of its own', async () => {
    const { captions, streams } = open();
    captions.end({}, 'Hello.');
    captions.end({}, 'Goodbye.');
    captions.end({}, '');
    await settled();
    expect(streams.map(({ pieces }) => pieces)).toEqual([['Hello.'], ['Goodbye.']]);
    expect(new Set(streams.map(({ segment }) => segment)).size).toBe(2);
  });

  it("take back what was guessed of the caller's words, so that what comes next stands by itself", async () => {
    const { captions, streams } = open();
    captions.heard('and now the', false);
    await settled();
    captions.takeBackGuess();
    captions.heard('a latte', false);
    await settled(4);
    captions.heard('A latte.', true);
    captions.takeBackGuess();
    await settled(4);
    expect(streams.map(({ pieces }) => pieces.join(''))).toEqual(['and now the', '', 'a latte', 'A latte.']);
    const [guess, nothing, next] = streams.map(({ segment }) => segment);
    expect([guess === nothing, next === guess]).toEqual([true, false]);
  });

  it("tell the caller's words in the caller's name, guesses in one segment with what became of them", async () => {
    const { captions, streams } = open();
    captions.heard('one', false);
    await settled();
    captions.heard('one large', false);
    captions.heard('one large latte', false);
    captions.heard('One large latte.', true);
    captions.heard('and', false);
    await settled(4);
    expect(streams.map(({ pieces }) => pieces.join(''))).toEqual(['one', 'One large latte.', 'and']);
    expect(streams.map(({ attributes }) => attributes['lk.transcription_final'])).toEqual(['false', 'true', 'false']);
    expect(streams.map((stream) => stream.speaker)).toEqual(['caller', 'caller', 'caller']);
    const [first, final, next] = streams.map(({ segment }) => segment);
    expect(final).toBe(first);
    expect(next).not.toBe(first);
  });

  it('write nothing while a turn has just ended', async () => {
    const { captions, streams } = open();
    captions.heard('One large latte.', true);
    await vi.advanceTimersByTimeAsync(100);
    expect(streams).toEqual([]);
    await vi.advanceTimersByTimeAsync(100);
    expect(streams).toHaveLength(1);
  });

  it('go to nobody without a room, and a room that fails harms nothing', async () => {
    const away = open({ isConnected: false });
    away.captions.end({}, 'Hello.');
    const broken = open({ fails: true });
    broken.captions.end({}, 'Hello.');
    broken.captions.heard('Hi.', true);
    broken.captions.heard('Anybody?', true);
    await settled(4);
    expect(away.streams).toEqual([]);
    expect(broken.warn).toHaveBeenCalledTimes(3);
    expect(JSON.stringify(broken.warn.mock.calls)).not.toMatch(/Hello|Hi\.|Anybody/);
  });

  it('end what is open when the call does', async () => {
    const { captions, streams } = open();
    const speech = {};
    captions.show(speech, 'Hel');
    await settled();
    captions.close();
    captions.show(speech, 'Hello');
    captions.heard('Hi.', true);
    await settled(2);
    expect(streams.map(({ pieces, isClosed }) => [pieces.join(''), isClosed])).toEqual([['Hel', true]]);
  });
});

function open({ isConnected = true, fails = false } = {}) {
  vi.useFakeTimers();
  const streams: Stream[] = [];
  const warn = vi.fn();
  const streamText = async ({ senderIdentity = '', attributes = {} } = {}): Promise<unknown> => {
    if (fails) throw new Error('no room');
    const stream: Stream = {
      speaker: senderIdentity,
      segment: (attributes as Record<string, string>)['lk.segment_id'] ?? '',
      attributes,
      pieces: [],
      isClosed: false,
    };
    streams.push(stream);
    return {
      write: async (piece: string) => void stream.pieces.push(piece),
      close: async () => {
        stream.isClosed = true;
      },
    };
  };
  const room = { isConnected, localParticipant: { streamText } } as unknown as CaptionsOptions['room'];
  const captions = new Captions({ room, agent: () => AGENT, caller: () => CALLER, logger: { warn } });
  return { captions, streams, warn };
}

function speaker(identity: string, sid: string): Captioned {
  return { identity, trackPublications: new Map([[sid, { sid, source: TrackSource.SOURCE_MICROPHONE }]]) };
}

/** As long as so many words of the caller's wait. */
async function settled(words = 1): Promise<void> {
  await vi.advanceTimersByTimeAsync(words * 150 + 10);
}
