import { useEffect, useRef, useState } from 'react';
import type { CallEvent, MicrophoneState } from '../call/call-state.js';
import { type LevelStore, shownLevel } from '../call/levels.js';
import { useLevelsOf } from '../call/use-levels.js';

/** Share of the span shown above which somebody is taken to speak (about -45 dB); quiet rooms stay below. */
const HEARD_LEVEL = 0.3;

/** How long "we hear you" stays after the last loud moment, in ms; a pause between words is no silence. */
const HEARD_HOLD_MS = 1_500;

/** A microphone that gave not the least noise for this long, in ms, is switched off somewhere. */
const SILENT_AFTER_MS = 8_000;

/** Levels above which the bars light, one after the other. */
const BAR_LEVELS = [0.04, 0.12, 0.2, 0.28, 0.36, 0.44, 0.52, 0.6, 0.68, 0.76, 0.84, 0.92];

interface Props {
  readonly levels: LevelStore;
  readonly muted: boolean;
  readonly microphone: MicrophoneState;
  readonly dispatch: (event: CallEvent) => void;
}

/** Shows, in bars and in words, that one is heard. */
export function LevelMeter({ levels, muted, microphone, dispatch }: Props) {
  const active = microphone === 'on' && !muted;
  const youRms = useLevelsOf(levels).youRms;
  const level = active ? shownLevel(youRms) : 0;
  const heard = useHeld(level >= HEARD_LEVEL, HEARD_HOLD_MS);
  useSilenceReport(active, youRms > 0, dispatch);
  const words = microphone === 'on' ? (muted ? 'You are muted' : heard ? 'You are heard' : 'Quiet') : 'Microphone off';
  return (
    <div className="level">
      <meter className="visually-hidden" aria-label="Level of your microphone" min={0} max={1} value={level} />
      <div className="level-bars" aria-hidden="true">
        {BAR_LEVELS.map((barLevel) => (
          <span key={barLevel} className={level > barLevel ? 'bar lit' : 'bar'} />
        ))}
      </div>
      <p className="level-words">{words}</p>
    </div>
  );
}

/** True while `now` is, and for `holdMs` after. */
function useHeld(now: boolean, holdMs: number): boolean {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (now) {
      setHeld(true);
      return;
    }
    const timer = setTimeout(() => setHeld(false), holdMs);
    return () => clearTimeout(timer);
  }, [now, holdMs]);
  return held;
}

function useSilenceReport(active: boolean, anySound: boolean, dispatch: (event: CallEvent) => void): void {
  const everHeard = useRef(false);
  const sounding = active && anySound;
  useEffect(() => {
    if (!sounding) return;
    everHeard.current = true;
    dispatch({ type: 'microphone-heard' });
  }, [sounding, dispatch]);
  useEffect(() => {
    if (!active || everHeard.current) return;
    const timer = setTimeout(() => {
      if (!everHeard.current) dispatch({ type: 'microphone-silent' });
    }, SILENT_AFTER_MS);
    return () => clearTimeout(timer);
  }, [active, dispatch]);
}
