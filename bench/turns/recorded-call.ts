/**
 * A recorded call, decided again: the listener is pure, so that the same inputs must lead to the same actions. The file holds
 * one JSON document a line: `{"settings": …}` first, then `{"input": …, "actions": […]}` for each input in the order it came.
 */
import { readFile, stat } from 'node:fs/promises';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { listen } from '../../agent/turn/listener.js';
import type { ListenerAction, ListenerInput, ListenerSettings } from '../../agent/turn/listener-forms.js';
import { IDLE, type Listener } from '../../agent/turn/listener-state.js';
import { CallError, messageOf } from '../caller/errors.js';

/** An hour of a call at 31 windows a second takes 20 MB. */
const MAX_BYTES = 256 * 1024 * 1024;

// What stands in the lines is checked by what is made of it: a decision that differs is what this looks for.
const Kinded = z.looseObject({ kind: z.string() });
const Step = z.object({ input: Kinded.extend({ atMs: z.number() }), actions: z.array(Kinded) });
const Head = z.object({
  settings: z.looseObject({
    language: z.string(),
    bounds: z.object({ minSilenceMs: z.number(), maxSilenceMs: z.number() }),
    biasMs: z.number(),
    weights: z.looseObject({}),
    isInterruptible: z.boolean(),
  }),
});

export interface RecordedStep {
  readonly input: ListenerInput;
  readonly actions: readonly ListenerAction[];
}

export interface ReplayedCall {
  readonly inputs: number;
  readonly actions: number;
  readonly commits: number;
  /** Inputs after which the listener now does something else, by their number from 1; the first few of them. */
  readonly different: readonly { readonly line: number; readonly was: string; readonly now: string }[];
}

const SHOWN_DIFFERENCES = 10;

/** @throws CallError `BAD_INPUT` when the file cannot be read or is no recorded call. */
export async function replayRecordedCall(path: string): Promise<ReplayedCall> {
  try {
    if ((await stat(path)).size > MAX_BYTES) throw new RangeError('is larger than any call');
    const [head = '', ...lines] = (await readFile(path, 'utf8')).split('\n').filter((line) => line.trim() !== '');
    const { settings } = Head.parse(JSON.parse(head));
    const steps = lines.map((line) => Step.parse(JSON.parse(line)));
    return replayCall(settings as unknown as ListenerSettings, steps as unknown as readonly RecordedStep[]);
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error).replaceAll(/\s+/g, ' ') : messageOf(error);
    throw new CallError('BAD_INPUT', `--replay: ${path} is no recorded call (${reason}).`, { cause: error });
  }
}

/** Decides a call again. Pure. */
export function replayCall(settings: ListenerSettings, steps: readonly RecordedStep[]): ReplayedCall {
  let listener: Listener = IDLE;
  const different: { line: number; was: string; now: string }[] = [];
  let commits = 0;
  for (const [index, { input, actions }] of steps.entries()) {
    const step = listen(listener, input, settings);
    listener = step.listener;
    commits += step.actions.filter(({ kind }) => kind === 'commit').length;
    // As JSON has them: what is undefined is not there.
    const now: unknown = JSON.parse(JSON.stringify(step.actions));
    if (isDeepStrictEqual(now, JSON.parse(JSON.stringify(actions))) || different.length >= SHOWN_DIFFERENCES) continue;
    different.push({ line: index + 2, was: JSON.stringify(actions), now: JSON.stringify(now) });
  }
  return {
    inputs: steps.length,
    actions: steps.reduce((sum, { actions }) => sum + actions.length, 0),
    commits,
    different,
  };
}

export function replayLines({ inputs, actions, commits, different }: ReplayedCall): string[] {
  const same = different.length === 0 ? 'each decided as it was' : `${different.length} or more decided otherwise`;
  return [
    `${inputs} inputs, ${actions} actions, ${commits} commits: ${same}`,
    ...different.map(({ line, was, now }) => `  line ${line}: was ${was}, now ${now}`),
  ];
}
