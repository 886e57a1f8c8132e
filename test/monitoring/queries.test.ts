/** What dashboards, recorded series and alerts ask for exists, and can be asked for so. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { LATENCY_BUCKETS_SECONDS, METRICS } from '../../agent/telemetry/metric-names.js';
import { COMMON_LABELS, KNOWN, type KnownName } from '../../monitoring/generate/metrics.js';
import { ALERT_GROUPS, ALERTS } from '../../monitoring/generate/rules/alerts.js';
import { RECORDING } from '../../monitoring/generate/rules/recording.js';
import { alertRules } from '../../monitoring/generate/rules/rule.js';
import { TARGETS, TIERS } from '../../monitoring/generate/targets.js';
import { CHOICES, chosen, DASHBOARDS, QUERIES } from './dashboard-files.js';
import { promtool, promtoolPath } from './promtool.js';
import { legendLabels, selectorsOf, variablesOf } from './selectors.js';

const recordings = Object.values(RECORDING).flatMap((groups) => groups.flatMap(({ rules }) => rules));
const recorded = recordings.map(({ record }) => record);
const alerts = ALERT_GROUPS.flatMap((group) => alertRules(ALERTS[group]));

/** Everything that asks, by who it is. */
const ASKED = [
  ...QUERIES.map(({ dashboard, title, expr }) => ({ who: `${dashboard}, ${title}`, expr })),
  ...CHOICES.map(({ dashboard, name, selector }) => ({ who: `${dashboard}, choice of ${name}`, expr: selector })),
  ...recordings.map(({ record, expr }) => ({ who: record, expr })),
  ...alerts.map(({ alert, expr }) => ({ who: alert, expr })),
];

const known: Readonly<Record<string, { readonly type: string; readonly labels: readonly string[] }>> = KNOWN;
/** A histogram is asked for by its parts, all else by its name. */
function metricOf(written: string) {
  const name = written.replace(/_(bucket|sum|count)$/, '');
  return known[name]?.type === 'histogram' && name !== written ? known[name] : plainMetric(written);
}
function plainMetric(name: string) {
  return known[name]?.type === 'histogram' ? undefined : known[name];
}

describe('what is asked for', () => {
  it.each(ASKED)('is exported or recorded, and has the labels: $who', ({ expr }) => {
    const selectors = selectorsOf(expr);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { name, labels } of selectors) {
      if (recorded.includes(name)) continue;
      const metric = metricOf(name);
      expect(metric, name).toBeDefined();
      for (const label of labels) expect([...COMMON_LABELS, 'le', ...(metric?.labels ?? [])], name).toContain(label);
    }
  });

  it('is all of the one table', () => {
    const shown = new Set(QUERIES.flatMap(({ expr }) => selectorsOf(expr).map(({ name }) => name)));
    const isShown = (name: KnownName) => ['', '_bucket', '_sum', '_count'].some((part) => shown.has(`${name}${part}`));
    expect((Object.keys(METRICS) as (keyof typeof METRICS)[]).filter((name) => !isShown(name))).toEqual([]);
  });

  it('draws the targets of the profile table', () => {
    const drawn = QUERIES.filter(({ expr }) => expr.includes('label_replace(vector'));
    expect(drawn.length).toBeGreaterThan(0);
    for (const { expr } of drawn) {
      const lines = [...expr.matchAll(/vector\(([\d.]+)\), "profile", "([a-z]+)"/g)];
      expect(Object.fromEntries(lines.map(([, seconds, name]) => [name, Number(seconds)]))).toEqual(
        Object.fromEntries(TARGETS.map(({ profile, responseSeconds }) => [profile, responseSeconds])),
      );
    }
  });

  it('counts turns per tier and target at bounds that the buckets have', () => {
    for (const { withinSeconds } of TIERS) expect(LATENCY_BUCKETS_SECONDS).toContain(withinSeconds);
    for (const { responseSeconds } of TARGETS) expect(LATENCY_BUCKETS_SECONDS).toContain(responseSeconds);
  });
});

describe.each(DASHBOARDS)('the dashboard $name', ({ name, dashboard, panels }) => {
  it('uses the choices that it offers, and no others', () => {
    const offered = dashboard.templating.list.map((variable) => variable.name);
    expect(new Set(offered).size).toBe(offered.length);
    const texts = panels.flatMap(({ title, description = '', targets = [] }) => [
      title,
      description,
      ...targets.flatMap(({ expr, legendFormat }) => [expr, legendFormat]),
    ]);
    const used = new Set(texts.flatMap(variablesOf));
    expect([...used].filter((variable) => !variable.startsWith('__')).toSorted()).toEqual(offered.toSorted());
    for (const builtIn of [...used].filter((variable) => variable.startsWith('__'))) {
      expect(['__rate_interval', '__range']).toContain(builtIn);
    }
  });

  it('offers choices that are values of the label that queries select by', () => {
    for (const choice of CHOICES.filter((each) => each.dashboard === name)) {
      expect(choice.label, choice.query).toBe(choice.name);
      expect(choice.selector, choice.query).not.toBe('');
    }
  });

  it('names lines by labels that are kept', () => {
    for (const { title, targets = [] } of panels) {
      for (const { expr, legendFormat } of targets) {
        const kept = [...expr.matchAll(/\bby \(([^)]*)\)|label_replace\([^,]*, "(\w+)"/g)]
          .flatMap(([, by, made]) => (by ?? made ?? '').split(','))
          .map((label) => label.trim());
        for (const label of legendLabels(legendFormat)) expect(kept, `${title}: ${expr}`).toContain(label);
      }
    }
  });
});

describe('reading PromQL', () => {
  it('finds every series and what it is selected by', () => {
    const expr =
      'sum by (le, region) (rate(a_bucket{le=~"1(\\\\.0)?",x!="{y}"}[5m])) / on () group_left () max(b) > 0.5 and c:d:e_5m{z!~"f"}';
    expect(selectorsOf(expr)).toEqual([
      { name: 'a_bucket', labels: ['le', 'x'] },
      { name: 'b', labels: [] },
      { name: 'c:d:e_5m', labels: ['z'] },
    ]);
  });

  it('finds variables with braces and without', () => {
    expect(variablesOf(`a{b=~"$one",c="$\{two:regex}"}[$__range]`)).toEqual(['one', 'two', '__range']);
  });
});

describe.skipIf(promtoolPath === undefined)('promtool', () => {
  it('takes every query of the dashboards', async () => {
    const rules = QUERIES.map(({ expr }, index) => ({
      record: `query:${index}`,
      expr: chosen(expr, { interval: '1m', range: '30m' }),
    }));
    const folder = await mkdtemp(join(tmpdir(), 'turnwise-rules-'));
    await writeFile(join(folder, 'rules.yml'), JSON.stringify({ groups: [{ name: 'dashboards', rules }] }));
    const said = await promtool('check', 'rules', join(folder, 'rules.yml')).finally(() =>
      rm(folder, { recursive: true }),
    );
    expect(said).toContain(`${QUERIES.length} rules found`);
  });
});
