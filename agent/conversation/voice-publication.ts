import { TrackPublishOptions, TrackSource } from '@livekit/rtc-node';

/** Opus for speech, in bits a second: clear at half of what music needs, and half as much to lose on a poor line. */
const SPEECH_BITRATE = 24_000n;

/** How the agent's voice is published: nothing is sent while it is silent, and each packet carries the one before. */
export const VOICE_PUBLICATION = new TrackPublishOptions({
  source: TrackSource.SOURCE_MICROPHONE,
  audioEncoding: { maxBitrate: SPEECH_BITRATE },
  dtx: true,
  red: true,
});
