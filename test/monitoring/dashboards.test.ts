import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { LATENCY_BUCKETS_SECONDS, METRICS } from '../../agent/telemetry/metric-names.js';
import { COMMON_LABELS, KNOWN, type KnownName } from '../../monitoring/generate/metrics.js';
import { outputs } from '../../monitoring/generate/outputs.js';
import { RECORDING } from '../../monitoring/generate/rules/recording.js';
import { TARGETS, TIERS } from '../../monitoring/generate/targets.js';
import { promtool, promtoolPath } from './promtool.js';

const GridPos = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
const Target = z.object({ expr: z.string(), legendFormat: z.string(), datasource: z.object({ uid: z.string() }) });
const Leaf = z.object({
  id: z.number(),
  title: z.string(),
  type: z.string(),
  description: z.string().optional(),
  gridPos: GridPos,
  targets: z.array(Target).optional(),
  fieldConfig: z.object({ defaults: z.object({ unit: z.string() }) }).optional(),
});
const Dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  schemaVersion: z.number(),
  panels: z.array(Leaf.extend({ panels: z.array(Leaf).optional() })),
  templating: z.object({
    list: z.array(z.object({ name: z.string(), query: z.object({ query: z.string() }) })),
  }),
});

const file = (path: string) => readFileSync(new URL(`../../monitoring/${path}`, import.meta.url), 'utf8');
const dashboards = ['calls', 'worker', 'sfu'].map((name) => {
  const dashboard = Dashboard.parse(JSON.parse(file(`grafana/dashboards/${name}.json`)));
  const panels = dashboard.panels.flatMap(({ panels = [], ...row }) => [row, ...panels]);
  return { name, dashboard, panels: panels.filter(({ type }) => type !== 'row'), all: panels };
});
const queries = dashboards.flatMap(({ panels }) =>
  panels.flatMap(({ targets = [] }) => targets.map(({ expr }) => expr)),
);
const variables = dashboards.flatMap(({ dashboard }) => dashboard.templating.list.map(({ query }) => query.query));
const recorded = new Set(
  Object.values(RECORDING)
    .flat()
    .flatMap(({ rules }) => rules)
    .map(({ record }) => record),
);

it('are what the tables of metrics and profiles make of them', () => {
  for (const { path, text } of outputs()) {
    expect(file(path) === text, `${path}: run \`npm run dashboards\` and commit what it writes`).toBe(true);
  }
});

describe.each(dashboards)('the dashboard $name', ({ dashboard, panels, all }) => {
  it('has panels that say what they show, in which unit', () => {
    expect(panels.length).toBeGreaterThan(10);
    for (const { title, description, fieldConfig, targets } of panels) {
      expect(description?.length ?? 0, title).toBeGreaterThan(5);
      expect(fieldConfig?.defaults.unit, title).toBeTruthy();
      expect(targets?.length, title).toBeGreaterThan(0);
    }
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  it('tells lines of one panel apart', () => {
    for (const { title, targets = [], type } of panels) {
      const legends = targets.map(({ legendFormat }) => legendFormat);
      expect(new Set(legends).size, title).toBe(legends.length);
      if (type !== 'stat') expect(legends, title).not.toContain('');
    }
  });

  it('has panels that do not overlap and ids that are not used twice', () => {
    expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
    for (const [index, { gridPos: a, title }] of all.entries()) {
      expect(a.x + a.w, title).toBeLessThanOrEqual(24);
      for (const { gridPos: b, title: other } of all.slice(index + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(apart, `${title} and ${other}`).toBe(true);
      }
    }
  });

  it('asks the data source that is provisioned, as often as it is scraped', () => {
    const provisioned = file('grafana/provisioning/datasources/prometheus.yaml');
    for (const { targets = [] } of panels) {
      for (const { datasource } of targets) expect(provisioned).toContain(`uid: ${datasource.uid}\n`);
    }
    const interval = /scrape_interval: (\S+)/.exec(file('prometheus/prometheus.yml'))?.[1];
    expect(provisioned).toContain(`timeInterval: ${interval}`);
    expect(dashboard.templating.list.map(({ name }) => name)).toContain('region');
  });
});

describe('the queries', () => {
  it('ask only for metrics that are exported, by labels that they have', () => {
    const known: Readonly<Record<string, { readonly type: string; readonly labels: readonly string[] }>> = KNOWN;
    for (const query of [...queries, ...variables]) {
      const metrics = [...query.matchAll(/\b((?:turnwise|lk_agents|livekit|nodejs|process)_[a-z0-9_]+)(\{[^}]*\})?/g)];
      expect(metrics.length + (query.match(/\b(up|turnwise:|go_|scrape_)/g) ?? []).length, query).toBeGreaterThan(0);
      for (const [, written = '', selector = ''] of metrics) {
        const name = written in KNOWN ? written : written.replace(/_(bucket|sum|count)$/, '');
        const metric = known[name];
        expect(metric, `${name} in ${query}`).toBeDefined();
        expect(written !== name, query).toBe(metric?.type === 'histogram');
        for (const [, label = ''] of selector.matchAll(/([a-z_]+)(?:=~?|!~?)"/g)) {
          expect([...COMMON_LABELS, 'le', ...(metric?.labels ?? [])], query).toContain(label);
        }
      }
    }
  });

  it('use recorded series that are recorded', () => {
    const used = [...queries.join(' ').matchAll(/turnwise:[a-z_0-9]+:[a-z_0-9]+/g)].map(([name]) => name);
    expect(used.length).toBeGreaterThan(0);
    for (const name of used) expect([...recorded]).toContain(name);
  });

  it('show every metric of the one table', () => {
    const all = queries.join('\n');
    const shown = (name: KnownName) => new RegExp(`\\b${name}(_bucket|_sum|_count)?\\b`).test(all);
    const missing = (Object.keys(METRICS) as (keyof typeof METRICS)[]).filter((name) => !shown(name));
    expect(missing).toEqual([]);
  });

  it('draw the targets of the profile table', () => {
    const drawn = queries.filter((query) => query.includes('label_replace(vector'));
    expect(drawn.length).toBeGreaterThan(0);
    for (const query of drawn) {
      const lines = [...query.matchAll(/vector\(([\d.]+)\), "profile", "([a-z]+)"/g)];
      expect(Object.fromEntries(lines.map(([, seconds, name]) => [name, Number(seconds)]))).toEqual(
        Object.fromEntries(TARGETS.map(({ profile, responseSeconds }) => [profile, responseSeconds])),
      );
    }
  });

  it('count turns per tier and target at bounds that the buckets have', () => {
    for (const { withinSeconds } of TIERS) expect(LATENCY_BUCKETS_SECONDS).toContain(withinSeconds);
    for (const { responseSeconds } of TARGETS) expect(LATENCY_BUCKETS_SECONDS).toContain(responseSeconds);
  });
});

describe.skipIf(promtoolPath === undefined)('promtool', () => {
  it('takes every query of the dashboards', async () => {
    const rules = queries.map((query, index) => ({
      record: `query:${index}`,
      expr: query
        .replaceAll('$__rate_interval', '1m')
        .replaceAll('$__range', '30m')
        .replaceAll(/\$(profile|region)/g, '.*'),
    }));
    const folder = await mkdtemp(join(tmpdir(), 'turnwise-rules-'));
    await writeFile(join(folder, 'rules.yml'), JSON.stringify({ groups: [{ name: 'dashboards', rules }] }));
    const said = await promtool('check', 'rules', join(folder, 'rules.yml')).finally(() =>
      rm(folder, { recursive: true }),
    );
    expect(said).toContain(`${queries.length} rules found`);
  });
});
