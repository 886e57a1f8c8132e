/**
 * An agent that answers with a tone so long after the end of what it hears, and knows by its own clock to the frame how long
 * that was: what a page must have measured of it is known but for the way between them.
 */
import {
  AudioFrame,
  AudioSource,
  AudioStream,
  LocalAudioTrack,
  type RemoteTrack,
  Room,
  RoomEvent,
  TrackKind,
  TrackPublishOptions,
  TrackSource,
} from '@livekit/rtc-node';
import { AccessToken } from 'livekit-server-sdk';
import { levelDbfs, SPEECH_RANGE_DB } from '../../bench/audio/levels.js';
import { ArrivalClock } from '../../bench/caller/arrival-clock.js';
import { systemClock } from '../../bench/clock.js';
import { FEEDBACK_RPC_METHOD, Feedback, HEARD_RPC_METHOD, HeardReport, TURN_TOPIC } from '../../wire/turn.js';
import type { Sfu } from '../support/sfu.js';
import { sine } from '../support/sounds.js';
import { turnDocument } from './documents.js';

const RATE_HZ = 48_000;
const FRAME_MS = 10;
const FRAME_SAMPLES = (RATE_HZ / 1000) * FRAME_MS;

/** Quiet that ends what is heard, in ms: below the answer's delay, above the stop of a consonant. */
const QUIET_MS = 400;
/** Below this nobody speaks, in dBFS. */
const FLOOR_DBFS = -46;
/** Length of an answer, in ms. */
const ANSWER_MS = 1_200;

/** One answer, by the agent's clock. */
export interface Answer {
  readonly turn: number;
  /** End of what was heard to the first frame given away. */
  readonly responseMs: number;
}

export interface AnsweringAgent {
  readonly answers: readonly Answer[];
  readonly heard: readonly HeardReport[];
  readonly feedback: readonly Feedback[];
  close(): Promise<void>;
}

/** @param delayMs - From the end of what was heard to the answer; above {@link QUIET_MS}. */
export async function startAnsweringAgent(
  sfu: Sfu,
  { roomName, delayMs }: { readonly roomName: string; readonly delayMs: number },
): Promise<AnsweringAgent> {
  const token = new AccessToken(sfu.apiKey, sfu.apiSecret, { identity: 'answering-agent' });
  token.kind = 'agent';
  token.addGrant({ roomJoin: true, room: roomName, canPublish: true, canSubscribe: true, canUpdateOwnMetadata: true });
  const room = new Room();
  const closing = new AbortController();
  const answers: Answer[] = [];
  const heard: HeardReport[] = [];
  const feedback: Feedback[] = [];
  let due: { readonly atMs: number; readonly endedAtMs: number } | undefined;
  let listening: Promise<void> = Promise.resolve();
  let reader: ReadableStreamDefaultReader<{ data: Int16Array; samplesPerChannel: number }> | undefined;

  room.on(RoomEvent.TrackSubscribed, (track) => {
    if (track.kind === TrackKind.KIND_AUDIO) listening = listen(track);
  });
  /** Finds each end of speech as the meters do: the last window within 30 dB of the loudest. */
  const listen = async (track: RemoteTrack): Promise<void> => {
    const arrivals = new ArrivalClock(RATE_HZ);
    reader = new AudioStream(track, { sampleRate: RATE_HZ, numChannels: 1, frameSizeMs: FRAME_MS }).getReader();
    let levels: { readonly db: number; readonly endSample: number }[] = [];
    for (;;) {
      const { done, value: frame } = await reader.read();
      if (done) return;
      arrivals.arrived(frame.samplesPerChannel, systemClock.nowMs());
      levels.push({ db: levelDbfs(frame.data), endSample: arrivals.samples });
      const peak = levels.reduce((loudest, { db }) => Math.max(loudest, db), Number.NEGATIVE_INFINITY);
      const last = levels.findLast(({ db }) => db >= Math.max(FLOOR_DBFS, peak - SPEECH_RANGE_DB));
      if (last === undefined) levels = [];
      else if (((arrivals.samples - last.endSample) / RATE_HZ) * 1_000 >= QUIET_MS && due === undefined) {
        // A frame's last sample is heard when it arrives: the clock of arrivals tells its first one's.
        const endedAtMs = arrivals.instantMs(last.endSample) - FRAME_MS;
        due = { atMs: endedAtMs + delayMs, endedAtMs };
        levels = [];
      }
    }
  };

  await room.connect(sfu.url, await token.toJwt(), { autoSubscribe: true, dynacast: false });
  const self = room.localParticipant;
  if (self === undefined) throw new Error('The agent is not in its room.');
  self.registerRpcMethod(HEARD_RPC_METHOD, async ({ payload }) => {
    heard.push(HeardReport.parse(JSON.parse(payload)));
    return 'taken';
  });
  self.registerRpcMethod(FEEDBACK_RPC_METHOD, async ({ payload }) => {
    feedback.push(Feedback.parse(JSON.parse(payload)));
    return 'taken';
  });
  const source = new AudioSource(RATE_HZ, 1, 0);
  const voice = LocalAudioTrack.createAudioTrack('voice', source);
  await self.publishTrack(voice, new TrackPublishOptions({ source: TrackSource.SOURCE_MICROPHONE }));
  await self.setAttributes({ 'lk.agent.state': 'listening' });

  const tell = async (givenAtMs: number, endedAtMs: number): Promise<void> => {
    const turn = answers.length + 1;
    answers.push({ turn, responseMs: givenAtMs - endedAtMs });
    const instants = { playoutStartedAtMs: givenAtMs, playoutEndedAtMs: givenAtMs + ANSWER_MS };
    const document = turnDocument(turn, { instants, responseMs: givenAtMs - endedAtMs });
    await self.sendText(JSON.stringify(document), { topic: TURN_TOPIC });
  };
  const sound = sine(FRAME_MS, { frequencyHz: 500 });
  const silence = new Int16Array(FRAME_SAMPLES);
  const startedAtMs = systemClock.nowMs();
  const pace = async (): Promise<void> => {
    let answering: { readonly givenAtMs: number; readonly endedAtMs: number } | undefined;
    for (let frame = 1; !closing.signal.aborted; frame += 1) {
      await systemClock.sleep(Math.max(0, startedAtMs + frame * FRAME_MS - systemClock.nowMs()), closing.signal);
      const nowMs = systemClock.nowMs();
      if (answering === undefined && due !== undefined && nowMs >= due.atMs) {
        answering = { givenAtMs: nowMs, endedAtMs: due.endedAtMs };
      }
      if (answering !== undefined && nowMs >= answering.givenAtMs + ANSWER_MS) {
        await tell(answering.givenAtMs, answering.endedAtMs);
        answering = undefined;
        due = undefined;
      }
      await source.captureFrame(new AudioFrame(answering ? sound : silence, RATE_HZ, 1, FRAME_SAMPLES));
    }
  };
  const pacing = pace().catch(() => undefined);
  let closed: Promise<void> | undefined;
  const end = async (): Promise<void> => {
    closing.abort();
    await pacing;
    await reader?.cancel();
    await listening;
    await room.disconnect();
    await source.close();
  };
  return {
    answers,
    heard,
    feedback,
    close() {
      closed ??= end();
      return closed;
    },
  };
}
