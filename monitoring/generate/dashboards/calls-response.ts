/** How fast the agent answers, against what each profile promises, and as the listener hears it. */
import type { Row } from '../dashboard.js';
import { bars, lines, type Query, type Steps, stat } from '../panels.js';
import { countRate, increase, quantile, RANGE, rateWithin, sumBy } from '../promql.js';
import { recorded } from '../rules/recorded.js';
import { TARGETS, TIERS } from '../targets.js';
import { CHOSEN, percentiles } from './scope.js';

const RESPONSE = 'turnwise_response_seconds';
const HEARD = 'turnwise_heard_response_seconds';
const RESPONSE_STEPS: Steps = ['green', [0.8, 'orange'], [1.2, 'red']];
const overRange = { where: CHOSEN, over: RANGE };

/** Each profile's target as a line, for those that had turns in the time shown. */
const targetLines: Query = {
  expr: `(${TARGETS.map(({ profile, responseSeconds }) => `label_replace(vector(${responseSeconds}), "profile", "${profile}", "", "")`).join(' or ')}) and on (profile) (${increase('turnwise_turns_total', { by: ['profile'], ...overRange })} > 0)`,
  legend: '{{profile}} target',
};

/** Share of turns within each profile's own target: the objective's own figure. */
const withinTarget = `sum(${TARGETS.map(({ profile, responseSeconds }) =>
  rateWithin(RESPONSE, responseSeconds, {
    by: ['profile'],
    where: { ...CHOSEN, profile },
    over: RANGE,
  }),
).join(
  ' or ',
)}) / ${countRate(RESPONSE, { where: { ...CHOSEN, profile: { like: TARGETS.map(({ profile }) => profile).join('|') } }, over: RANGE })}`;

const answered = increase('turnwise_turns_total', {
  where: { ...CHOSEN, outcome: { like: 'answered|interrupted' } },
  over: RANGE,
});

export const glance: Row = {
  title: 'At a glance',
  panels: [
    stat({
      title: 'Response P50',
      description: "Median time from the end of the caller's speech to the agent's first sound, over the time shown.",
      unit: 's',
      width: 4,
      decimals: 2,
      thresholds: RESPONSE_STEPS,
      queries: [{ expr: quantile(0.5, RESPONSE, overRange), legend: '' }],
    }),
    stat({
      title: 'Response P95',
      description: 'One answer in twenty is slower than this. From 2 s on, the sources say, something must be done.',
      unit: 's',
      width: 4,
      decimals: 2,
      thresholds: ['green', [1.2, 'orange'], [2, 'red']],
      queries: [{ expr: quantile(0.95, RESPONSE, overRange), legend: '' }],
    }),
    stat({
      title: 'Heard P50',
      description: "The same in the listener's ear, as clients report it: network and jitter buffer included.",
      unit: 's',
      width: 4,
      decimals: 2,
      thresholds: RESPONSE_STEPS,
      queries: [{ expr: quantile(0.5, HEARD, overRange), legend: '' }],
    }),
    stat({
      title: "Within the profile's target",
      description: 'Share of turns answered within what their profile promises. The objective is 90 %.',
      unit: 'percentunit',
      width: 4,
      decimals: 1,
      thresholds: ['red', [0.85, 'orange'], [0.9, 'green']],
      queries: [{ expr: withinTarget, legend: '' }],
    }),
    stat({
      title: 'Turns answered',
      description: 'Share of turns that got an answer, an interrupted one included. Below 95 % callers are left alone.',
      unit: 'percentunit',
      width: 4,
      decimals: 1,
      thresholds: ['red', [0.95, 'orange'], [0.99, 'green']],
      queries: [{ expr: `${answered} / ${increase('turnwise_turns_total', overRange)}`, legend: '' }],
    }),
    stat({
      title: 'Turns',
      description: 'Turns in the time shown: percentiles of a few turns say little.',
      unit: 'short',
      width: 4,
      decimals: 0,
      queries: [{ expr: increase('turnwise_turns_total', overRange), legend: '' }],
    }),
  ],
};

const byProfile = { by: ['profile'], where: CHOSEN } as const;
const total = countRate(RESPONSE, { where: CHOSEN });

export const response: Row = {
  title: 'Response against its target',
  panels: [
    lines({
      title: 'Response by profile',
      description: "On the worker's clock. Dashed: what the profile promises at P50.",
      unit: 's',
      width: 12,
      height: 9,
      dashed: /target/,
      queries: [...percentiles([0.5, 0.9, 0.95, 0.99], RESPONSE, byProfile, '{{profile}}'), targetLines],
    }),
    lines({
      title: 'Heard by the caller, by profile',
      description: "In the listener's ear, by clients that report it. Dashed: what the profile promises at P50.",
      unit: 's',
      width: 12,
      height: 9,
      dashed: /target/,
      queries: [...percentiles([0.5, 0.9, 0.95, 0.99], HEARD, byProfile, '{{profile}}'), targetLines],
    }),
    lines({
      title: 'Heard against reported',
      description:
        'Medians of both, and what lies between them: network, jitter buffers and codecs; the loudspeaker is in neither. Only clients that report are in the one, all turns in the other.',
      unit: 's',
      width: 12,
      dashed: /between/,
      queries: [
        { expr: quantile(0.5, HEARD, { where: CHOSEN }), legend: 'heard P50' },
        { expr: quantile(0.5, RESPONSE, { where: CHOSEN }), legend: 'reported P50' },
        {
          expr: `${quantile(0.5, HEARD, { where: CHOSEN })} - ${quantile(0.5, RESPONSE, { where: CHOSEN })}`,
          legend: 'between them',
        },
      ],
    }),
    lines({
      title: 'Share of turns per tier',
      description: `Exact, from bounds of the buckets: ${TIERS.map(({ name, withinSeconds }) => `${name} within ${withinSeconds} s`).join(', ')}, slow later.`,
      unit: 'percentunit',
      width: 12,
      stacked: 'sum',
      max: 1,
      colours: { ...Object.fromEntries(TIERS.map(({ name, colour }) => [name, colour])), slow: 'red' },
      queries: [
        {
          expr: `${rateWithin(RESPONSE, TIERS[0].withinSeconds, { where: CHOSEN })} / ${total}`,
          legend: TIERS[0].name,
        },
        ...TIERS.slice(1).map(({ name, withinSeconds }, index) => ({
          expr: `(${rateWithin(RESPONSE, withinSeconds, { where: CHOSEN })} - ${rateWithin(RESPONSE, TIERS[index]?.withinSeconds ?? 0, { where: CHOSEN })}) / ${total}`,
          legend: name,
        })),
        { expr: `1 - ${rateWithin(RESPONSE, TIERS[2].withinSeconds, { where: CHOSEN })} / ${total}`, legend: 'slow' },
      ],
    }),
    lines({
      title: 'Burn of the objective',
      description:
        'How many times faster than allowed slow turns come: at 1 the 10 % that may be slow are just used up, at 5 half of the turns are slow. From recording rules.',
      unit: 'none',
      width: 12,
      decimals: 1,
      thresholds: ['green', [1, 'orange'], [5, 'red']],
      drawsThresholds: true,
      queries: [
        {
          expr: sumBy(['profile'], `${recorded.burn('1h')}{profile=~"$profile",region=~"$region"}`, 'max'),
          legend: '{{profile}}, 1 h',
        },
        {
          expr: sumBy(['profile'], `${recorded.burn('6h')}{profile=~"$profile",region=~"$region"}`, 'max'),
          legend: '{{profile}}, 6 h',
        },
      ],
    }),
    bars({
      title: 'Response P50 by region',
      description: 'Where callers wait longer: the distance to providers and SFU differs by region.',
      unit: 's',
      width: 12,
      thresholds: RESPONSE_STEPS,
      queries: [{ expr: quantile(0.5, RESPONSE, { by: ['region'], ...overRange }), legend: '{{region}}' }],
    }),
  ],
};
