import { useRemoteParticipants } from '@livekit/components-react';
import { type RemoteAudioTrack, RemoteTrack, type Room, RoomEvent, Track } from 'livekit-client';
import { type AgentInfo, readAgent } from './agent.js';

const EVENTS = [
  RoomEvent.ParticipantConnected,
  RoomEvent.ParticipantDisconnected,
  RoomEvent.ParticipantAttributesChanged,
  RoomEvent.TrackSubscribed,
  RoomEvent.TrackUnsubscribed,
  RoomEvent.ConnectionStateChanged,
];

export interface AgentView extends AgentInfo {
  /** The agent's voice, once it arrives. */
  readonly track: RemoteAudioTrack | undefined;
}

/** What the agent in the room is and does, kept up to date. */
export function useAgent(room: Room): AgentView {
  const agent = useRemoteParticipants({ room, updateOnlyOn: EVENTS }).find(({ isAgent }) => isAgent);
  const track = [...(agent?.audioTrackPublications.values() ?? [])].find(({ track }) => track)?.track;
  return {
    ...readAgent(agent?.attributes ?? {}),
    track: track instanceof RemoteTrack && track.kind === Track.Kind.Audio ? (track as RemoteAudioTrack) : undefined,
  };
}
