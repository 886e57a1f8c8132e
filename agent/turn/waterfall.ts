import { STAGE_NAMES, type TurnStages } from '../../wire/turn.js';

/**
 * Where a turn's time went, on one line: `[0-120] STT [120-240] endpointing ... = 480 ms`, each stage in ms since the end of
 * speech (the form of source 000's waterfall). Stages that cost nothing are left out.
 */
export function waterfallLine(stages: TurnStages): string {
  let atMs = 0;
  const parts = STAGE_NAMES.flatMap(([key, name]) => {
    const fromMs = atMs;
    atMs += stages[key];
    return stages[key] > 0 ? [`[${Math.round(fromMs)}-${Math.round(atMs)}] ${name}`] : [];
  });
  return [...parts, `= ${Math.round(atMs)} ms`].join(' ');
}
