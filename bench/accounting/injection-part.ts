/** Whether a delay that was put into one provider shows in that provider's own figures, by as much as was put in. */

import { PRESETS, type Timing } from '../../local-providers/scripted/latency.js';
import type { TurnDocument } from '../../wire/turn.js';
import { providerTimes } from '../latency/bound.js';
import { batchesOf, inTurn } from '../latency/interleaving.js';
import type { Sample } from '../latency/samples.js';
import { type AccountedTurn, isTimely } from './call.js';
import { comparedVerdict, ENOUGH_TURNS, exactly, figureOf, type Verdict, verdictOf } from './figure.js';
import { holdCalls, type PartOptions, type PartReport, readOrders } from './part.js';
import { stageSum } from './stage-sum.js';
import type { AgentPlan } from './system.js';

const TURNS = { whole: 30, quick: 4 } as const;
const TURNS_A_CALL = { whole: 5, quick: 2 } as const;
/** Intervals are drawn over calls: of fewer than this they say little, so that a short run has shorter calls instead. */
const ENOUGH_CALLS = 6;

/** The aim, in ms. */
const INJECTED_MS = 150;
const TOLERATED_MS = 20;

const COMPONENTS = ['stt', 'llm', 'tts'] as const;
type Component = (typeof COMPONENTS)[number];

/** Where a component's own time stands in a turn's document, and where what was waited for it. */
const FIGURES = {
  stt: {
    raw: ({ components }: TurnDocument) => components.sttFinalMs,
    share: ({ stages }: TurnDocument) => stages?.sttMs,
  },
  llm: {
    raw: ({ components }: TurnDocument) => components.llmTtftMs,
    share: ({ stages }: TurnDocument) => stages?.llmMs,
  },
  tts: {
    raw: ({ components }: TurnDocument) => components.ttsTtfbMs,
    share: ({ stages }: TurnDocument) => stages?.ttsMs,
  },
} as const;

/**
 * Deadlines, second requests and other providers are what is done about a slow one; here the slow one's own time is asked for.
 */
const UNHELPED = ['openings', 'deadlines', 'hedging', 'fallback'] as const;
const PLANS: Readonly<Record<'off' | 'on', AgentPlan>> = {
  off: { profile: 'good', without: [...UNHELPED, 'speculation', 'speculative-voice'] },
  on: { profile: 'good', without: UNHELPED },
};

/** One way of calling: with speculation or without, and what is slower. */
interface Arm {
  readonly name: string;
  readonly speculation: keyof typeof PLANS;
  readonly slower: Component | undefined;
  readonly turns: AccountedTurn[];
}

export async function runInjection(options: PartOptions, turns?: number): Promise<PartReport> {
  const { quick, seed, tell } = options;
  const count = turns ?? TURNS[quick ? 'quick' : 'whole'];
  const recordings = await readOrders(options, count);
  const batches = batchesOf(recordings, quick ? TURNS_A_CALL.quick : turnsACall(count));
  const arms = (['off', 'on'] as const).flatMap((speculation) =>
    [undefined, ...COMPONENTS].map(
      (slower): Arm => ({ name: armName(speculation, slower), speculation, slower, turns: [] }),
    ),
  );
  let calls = 0;
  for (const [index, batch] of batches.entries()) {
    for (const arm of inTurn(arms, index)) {
      calls += 1;
      // The same number and so the same replies for all arms: their turns are compared one by one.
      const held = await holdCalls(options, {
        ...{ plan: PLANS[arm.speculation], recordings: batch, callers: 1, witness: false },
        ...{ timing: slowed(arm.slower), number: seed * 1_000 + index },
      });
      arm.turns.push(...(held?.turns ?? []));
      const progress = `${calls} of ${batches.length * arms.length}`;
      for (const turn of held?.turns ?? []) tell(`${progress.padEnd(9)} ${progressLine(arm.name, turn)}`);
    }
  }
  return judgeInjection(arms, recordings.length);
}

/** So many that there are calls enough, and no more than are worth a call's greeting. */
export function turnsACall(turns: number): number {
  return Math.max(1, Math.min(TURNS_A_CALL.whole, Math.floor(turns / ENOUGH_CALLS)));
}

/** The scripted recogniser's two times grow alike: whatever it tells then comes later by as much. */
function slowed(component: Component | undefined): Partial<Timing> {
  const { sttMs, ttftMs, ttfbMs } = providerTimes('fixed');
  const fixed = (ms: number) => ({ kind: 'fixed', ms: ms + INJECTED_MS, jitterMs: 0 }) as const;
  switch (component) {
    case 'stt':
      return { sttLatency: fixed(sttMs), sttFinalizeMs: PRESETS.fixed.sttFinalizeMs + INJECTED_MS };
    case 'llm':
      return { llmTtft: fixed(ttftMs) };
    case 'tts':
      return { ttsTtfb: fixed(ttfbMs) };
    case undefined:
      return {};
  }
}

/** Pure. @param planned - Turns that should have been played in each arm. */
export function judgeInjection(
  arms: readonly Pick<Arm, 'speculation' | 'slower' | 'turns' | 'name'>[],
  planned: number,
): PartReport {
  const verdicts: Verdict[] = [];
  const bound = { from: INJECTED_MS - TOLERATED_MS, to: INJECTED_MS + TOLERATED_MS };
  for (const { speculation, slower, turns } of arms) {
    const base = arms.find((arm) => arm.speculation === speculation && arm.slower === undefined);
    if (slower === undefined || base === undefined) continue;
    const { raw, share } = FIGURES[slower];
    const grown = (measure: typeof raw): ReturnType<typeof figureOf> =>
      figureOf(growth(base.turns, turns, measure), 0.5);
    verdicts.push(
      verdictOf(`+${INJECTED_MS} ms ${slower}, speculation ${speculation}: its own time, P50`, grown(raw), bound),
    );
    if (speculation === 'off') {
      verdicts.push(verdictOf(`+${INJECTED_MS} ms ${slower}, speculation off: its share, P50`, grown(share), bound));
    }
  }
  const calls = Math.min(...verdicts.map(({ figure }) => figure.calls));
  // The figure of the fewest: one arm that could not be had is not made up for by the others.
  const compared = Math.min(...verdicts.map(({ figure }) => figure.n));
  verdicts.push(comparedVerdict(compared, planned));
  const sums = arms.flatMap(({ turns }) => turns.flatMap(({ document }) => (document && stageSum(document)) ?? []));
  verdicts.push(exactly('turns whose stages add up', sums.filter(({ addsUp }) => addsUp).length, sums.length));
  const each = arms.map(({ turns }) => turns.length);
  return {
    verdicts,
    remarks: [
      `growth of each turn over the same turn of the same call without injection; n turns an arm: ${each.join(', ')}; each figure of ${calls} calls at least`,
      ...(Math.min(...each) < ENOUGH_TURNS.p50 ? [`${Math.min(...each)} turns an arm are few for a median.`] : []),
      ...(calls < ENOUGH_CALLS ? [`${calls} calls are few for an interval.`] : []),
    ],
    data: { arms: Object.fromEntries(arms.map(({ name, turns }) => [name, turns])) },
  };
}

/** By how much each turn took longer than its like, the same recording at the same place of the same call. */
function growth(
  before: readonly AccountedTurn[],
  after: readonly AccountedTurn[],
  measure: (document: TurnDocument) => number | undefined,
): Sample[] {
  return after.filter(isTimely).flatMap((turn): Sample[] => {
    const like = before.find(({ call, index }) => call === turn.call && index === turn.index);
    if (like === undefined || !isTimely(like)) return [];
    const [wasMs, isMs] = [like.document && measure(like.document), turn.document && measure(turn.document)];
    return wasMs === undefined || isMs === undefined ? [] : [{ call: turn.call, ms: isMs - wasMs }];
  });
}

function armName(speculation: string, slower: Component | undefined): string {
  return `speculation ${speculation}, ${slower === undefined ? 'as they are' : `slower ${slower}`}`;
}

function progressLine(name: string, { file, heardMs, document }: AccountedTurn): string {
  const { components, stages } = document ?? {};
  return (
    `${name.padEnd(28)} ${file.padEnd(26)} heard ${heardMs?.toFixed(0) ?? '-'}` +
    `  own stt ${components?.sttFinalMs ?? '-'} llm ${components?.llmTtftMs ?? '-'} tts ${components?.ttsTtfbMs ?? '-'}` +
    `  shares ${stages?.sttMs ?? '-'} ${stages?.llmMs ?? '-'} ${stages?.ttsMs ?? '-'}`
  );
}
