import type { ReactNode } from 'react';
import type { AgentActivity } from '../call/agent.js';
import { type CallState, isInCall } from '../call/call-state.js';
import { type LevelStore, shownLevel } from '../call/levels.js';
import { describeStatus } from '../call/status.js';
import type { AgentView } from '../call/use-agent.js';
import type { Call } from '../call/use-call.js';
import { useLevelsOf } from '../call/use-levels.js';
import { Feedback } from './feedback.js';
import { LevelMeter } from './level-meter.js';
import { Orb, type OrbProps } from './orb.js';
import { SettingsPanel } from './settings-panel.js';

interface Props {
  readonly call: Call;
  readonly agent: AgentView;
  readonly levels: LevelStore;
  readonly muted: boolean;
  readonly onToggleMute: () => void;
  readonly shortcutsOn: boolean;
  readonly onShortcutsChange: (on: boolean) => void;
  readonly onType: () => void;
  readonly problems: ReactNode;
}

/** The call itself: whose turn it is, whether one is heard, and the controls. */
export function CallPanel({
  call,
  agent,
  levels,
  muted,
  onToggleMute,
  shortcutsOn,
  onShortcutsChange,
  onType,
  problems,
}: Props) {
  const { room, state, dispatch, hangUp } = call;
  const status = describeStatus(state, agent.activity);
  return (
    <section className="panel call-panel" aria-labelledby="call-title">
      <h2 id="call-title" className="visually-hidden">
        Call
      </h2>
      <Voices state={state} agent={agent} levels={levels} />
      <p className="status-word">{status.word}</p>
      <p className="status-detail">{status.detail}</p>
      {/* The agent's state changes several times a turn and would talk over the agent; a screen reader gets the call's only. */}
      <p className="visually-hidden" role="status">
        {state.phase === 'talking' && !state.reconnecting
          ? 'The agent is on the line.'
          : `${status.word}. ${status.detail}`}
      </p>
      {problems}
      {agent.offersTyping && (
        <div className="offer" role="status">
          <p>It did not get that, twice. Typing always works.</p>
          <button type="button" className="button small primary" onClick={onType}>
            Type it
          </button>
        </div>
      )}
      <LevelMeter levels={levels} muted={muted} microphone={state.microphone} dispatch={dispatch} />
      <div className="controls">
        <button
          type="button"
          className="button"
          aria-keyshortcuts={shortcutsOn ? 'M' : undefined}
          data-muted={state.microphone === 'on' && muted}
          onClick={onToggleMute}
          disabled={!isInCall(state) || state.microphone === 'starting'}
        >
          {microphoneButton(state, muted)}
          {shortcutsOn && (
            <span className="key" aria-hidden="true">
              M
            </span>
          )}
        </button>
        <button type="button" className="button danger" onClick={() => void hangUp()}>
          {state.phase === 'connecting' ? 'Cancel' : 'End call'}
        </button>
      </div>
      {state.phase === 'talking' && <Feedback room={room} />}
      <SettingsPanel
        room={room}
        microphoneOn={state.microphone === 'on'}
        shortcutsOn={shortcutsOn}
        onShortcutsChange={onShortcutsChange}
      />
    </section>
  );
}

function microphoneButton({ microphone }: CallState, muted: boolean): string {
  if (microphone === 'starting') return 'Starting';
  if (microphone !== 'on') return 'Use microphone';
  return muted ? 'Unmute' : 'Mute';
}

/** Apart from the panel, because it renders thirty times a second. */
function Voices({ state, agent, levels }: Pick<Props, 'agent' | 'levels'> & { readonly state: CallState }) {
  const { youRms, agentRms } = useLevelsOf(levels);
  const activity = orbActivity(state, agent.activity);
  return <Orb activity={activity} youLevel={shownLevel(youRms)} agentLevel={shownLevel(agentRms)} />;
}

function orbActivity({ phase, reconnecting }: CallState, activity: AgentActivity): OrbProps['activity'] {
  if (phase !== 'talking' || reconnecting || activity === 'initializing') return 'waiting';
  return activity === 'idle' ? 'resting' : activity;
}
