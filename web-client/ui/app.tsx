import { RoomAudioRenderer, RoomContext, useAudioPlayback, useLocalParticipant } from '@livekit/components-react';
import { LocalAudioTrack } from 'livekit-client';
import { useCallback, useEffect, useRef, useState } from 'react';
import { isInCall, isOver } from '../call/call-state.js';
import type { Shortcut } from '../call/shortcut.js';
import { useAgent } from '../call/use-agent.js';
import { type StartOptions, useCall, useTabTitle } from '../call/use-call.js';
import { useConversation } from '../call/use-conversation.js';
import { useHeardReports } from '../call/use-heard-reports.js';
import { useLevels } from '../call/use-levels.js';
import { useShortcuts } from '../call/use-shortcuts.js';
import { CallPanel } from './call-panel.js';
import { ProblemCards } from './problem-card.js';
import { StartPanel } from './start-panel.js';
import { TimingPanel } from './timing-panel.js';
import { TranscriptPanel } from './transcript-panel.js';

/** The whole page: a start, then a call beside its transcript and its timings. */
export function App() {
  const call = useCall();
  const { room, state, dispatch } = call;
  const agent = useAgent(room);
  const conversation = useConversation(room);
  const { isMicrophoneEnabled, microphoneTrack } = useLocalParticipant({ room });
  const voice = microphoneTrack?.track instanceof LocalAudioTrack ? microphoneTrack.track : undefined;
  const { reporter, heard } = useHeardReports(room, voice, agent.track, conversation.turns);
  const levels = useLevels(voice, agent.track, reporter);
  const [profile, setProfile] = useState('');
  const [accessKey, setAccessKey] = useState('');
  const [shortcutsOn, setShortcutsOn] = useState(true);
  const textBox = useRef<HTMLTextAreaElement>(null);
  const inCall = isInCall(state);
  useTabTitle(state);

  const { clear } = conversation;
  const { start: startCall, hangUp, startMicrophone, setMicrophoneOn } = call;
  const [attempts, setAttempts] = useState(0);
  /** Who chose to type only has not asked for the microphone by calling again. */
  const wantsMicrophone = useRef(true);
  const start = useCallback(
    (withMicrophone: StartOptions['withMicrophone']) => {
      clear();
      wantsMicrophone.current = withMicrophone;
      setAttempts((count) => count + 1);
      void startCall({ withMicrophone, profile, accessKey: accessKey.trim() });
    },
    [clear, startCall, profile, accessKey],
  );
  const type = useCallback(() => textBox.current?.focus(), []);
  const toggleMute = useCallback(() => {
    if (state.microphone === 'on') void setMicrophoneOn(!isMicrophoneEnabled);
    else if (state.microphone !== 'starting') void startMicrophone();
  }, [state.microphone, isMicrophoneEnabled, setMicrophoneOn, startMicrophone]);
  const act = useCallback(
    (shortcut: Shortcut) => {
      if (shortcut === 'mute') toggleMute();
      else if (shortcut === 'type') type();
      else void hangUp();
    },
    [toggleMute, type, hangUp],
  );
  useShortcuts(shortcutsOn && inCall, act);

  const { canPlayAudio, startAudio } = useAudioPlayback(room);
  const soundProblem = inCall && !canPlayAudio ? ('sound-blocked' as const) : undefined;
  const problems = (
    <ProblemCards
      codes={[state.callProblem, state.microphoneProblem, soundProblem].filter((code) => code !== undefined)}
      over={isOver(state)}
      onAction={{
        'call-again': () => start(wantsMicrophone.current),
        'try-microphone': () => void startMicrophone(),
        'start-sound': () => void startAudio(),
        type,
      }}
      onDismiss={() => dispatch({ type: 'problem-dismissed' })}
    />
  );
  const onCall = inCall || state.phase === 'connecting';
  useHeadingFocus(onCall);

  return (
    <RoomContext.Provider value={room}>
      <header className="masthead">
        <p className="wordmark">
          <span className="mark" aria-hidden="true" />
          Turnwise
        </p>
        {inCall && agent.engine !== undefined && (
          <p className="engine">
            <span className="engine-label">Heard by</span> {agent.engine}
          </p>
        )}
      </header>
      {onCall ? (
        <main className="call">
          <h1 className="visually-hidden" tabIndex={-1}>
            Your call
          </h1>
          <div className="side">
            <CallPanel
              key={attempts}
              call={call}
              agent={agent}
              levels={levels}
              muted={!isMicrophoneEnabled}
              onToggleMute={toggleMute}
              shortcutsOn={shortcutsOn}
              onShortcutsChange={setShortcutsOn}
              onType={type}
              problems={problems}
            />
            <TimingPanel turns={conversation.turns} heard={heard} />
          </div>
          <TranscriptPanel
            conversation={conversation}
            agent={agent}
            canSend={state.phase === 'talking' && !state.reconnecting}
            onSent={() => dispatch({ type: 'message-sent' })}
            onSendFailed={() => dispatch({ type: 'message-failed' })}
            onType={type}
            textBox={textBox}
          />
          <RoomAudioRenderer />
        </main>
      ) : (
        <main className="start">
          <StartPanel
            phase={state.phase}
            onStart={start}
            problems={problems}
            profile={profile}
            onProfileChange={setProfile}
            asksForKey={state.callProblem === 'token-refused'}
            accessKey={accessKey}
            onAccessKeyChange={setAccessKey}
          />
          {conversation.entries.length > 0 && (
            <div className="after">
              <TranscriptPanel conversation={conversation} agent={agent} />
              <TimingPanel turns={conversation.turns} heard={heard} />
            </div>
          )}
        </main>
      )}
    </RoomContext.Provider>
  );
}

/** The button that was pressed goes with its view; without this, keyboard and screen reader would start over at the top. */
function useHeadingFocus(view: boolean): void {
  const shown = useRef(view);
  useEffect(() => {
    if (shown.current === view) return;
    shown.current = view;
    document.querySelector('h1')?.focus({ preventScroll: true });
  }, [view]);
}
