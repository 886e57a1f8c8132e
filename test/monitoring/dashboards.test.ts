import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { PROFILES } from '../../agent/config/profiles.js';
import { METRICS } from '../../agent/telemetry/metric-names.js';
import { PROFILE_NAMES } from '../../wire/profile.js';

interface Panel {
  readonly id: number;
  readonly title: string;
  readonly type: string;
  readonly gridPos: { readonly x: number; readonly y: number; readonly w: number; readonly h: number };
  readonly targets?: readonly { readonly expr: string; readonly datasource: { readonly uid: string } }[];
}
interface Dashboard {
  readonly uid: string;
  readonly schemaVersion: number;
  readonly panels: readonly Panel[];
  readonly templating: { readonly list: readonly { readonly query: { readonly query: string } }[] };
}

const file = (path: string) => readFileSync(new URL(`../../monitoring/${path}`, import.meta.url), 'utf8');
const dashboard: Dashboard = JSON.parse(file('grafana/dashboards/calls.json'));
const queries = dashboard.panels.flatMap((panel) => panel.targets ?? []).map((target) => target.expr);
const variables = dashboard.templating.list.map((variable) => variable.query.query);

describe('the dashboard', () => {
  it('asks only for metrics that the worker exports, with labels that they have', () => {
    for (const query of [...queries, ...variables]) {
      const metrics = [...query.matchAll(/\b(turnwise_[a-z_]+|lk_agents_[a-z_]+)(\{[^}]*\})?/g)];
      expect(metrics.length, query).toBeGreaterThan(0);
      for (const [, written = '', selector = ''] of metrics) {
        const name = written in METRICS ? written : written.replace(/_(bucket|sum|count)$/, '');
        expect(Object.keys(METRICS), query).toContain(name);
        const { type, labels } = METRICS[name as keyof typeof METRICS];
        expect(written.endsWith('_bucket'), query).toBe(type === 'histogram');
        for (const [, label = ''] of selector.matchAll(/([a-z_]+)=~?"/g)) {
          expect(['region', ...labels], query).toContain(label);
        }
      }
    }
  });

  it('shows what the design asks for', () => {
    for (const name of [
      'turnwise_response_seconds',
      'turnwise_endpointing_seconds',
      'turnwise_stt_final_seconds',
      'turnwise_llm_ttft_seconds',
      'turnwise_tts_ttfb_seconds',
      'turnwise_turns_total',
      'turnwise_calls',
      'turnwise_warm_processes',
    ]) {
      expect(
        queries.some((query) => query.includes(name)),
        name,
      ).toBe(true);
    }
    expect(
      queries.filter((query) => /quantile\(0\.(5|95), sum by \(le, profile\)/.test(query)).length,
    ).toBeGreaterThanOrEqual(2);
  });

  it('draws the budgets of the profile table', () => {
    const drawn = queries.filter((query) => query.includes('label_replace'));
    expect(drawn.length).toBeGreaterThan(0);
    const budgets = PROFILE_NAMES.flatMap((name) => {
      const { budget } = PROFILES[name];
      return budget === undefined ? [] : [[name, budget.responseMs / 1000]];
    });
    for (const query of drawn) {
      const lines = [...query.matchAll(/vector\(([\d.]+)\), "profile", "([a-z]+)"/g)];
      expect(Object.fromEntries(lines.map(([, seconds, name]) => [name, Number(seconds)]))).toEqual(
        Object.fromEntries(budgets),
      );
    }
  });

  it('has panels that do not overlap and ids that are not used twice', () => {
    const { panels } = dashboard;
    expect(new Set(panels.map(({ id }) => id)).size).toBe(panels.length);
    for (const [index, { gridPos: a, title }] of panels.entries()) {
      expect(a.x + a.w, title).toBeLessThanOrEqual(24);
      for (const { gridPos: b, title: other } of panels.slice(index + 1)) {
        const apart = a.x + a.w <= b.x || b.x + b.w <= a.x || a.y + a.h <= b.y || b.y + b.h <= a.y;
        expect(apart, `${title} and ${other}`).toBe(true);
      }
    }
  });

  it('asks the data source that is provisioned', () => {
    const provisioned = file('grafana/provisioning/datasources/prometheus.yaml');
    for (const panel of dashboard.panels) {
      for (const target of panel.targets ?? []) expect(provisioned).toContain(`uid: ${target.datasource.uid}`);
    }
    const interval = /scrape_interval: (\S+)/.exec(file('prometheus/prometheus.yml'))?.[1];
    expect(provisioned).toContain(`timeInterval: ${interval}`);
  });
});

const promtool = ['/usr/bin/promtool', '/usr/local/bin/promtool', '/opt/homebrew/bin/promtool'].find((path) =>
  existsSync(path),
);

describe.skipIf(promtool === undefined)('promtool', () => {
  const run = promisify(execFile);

  it('takes prometheus.yml', async () => {
    const path = new URL('../../monitoring/prometheus/prometheus.yml', import.meta.url).pathname;
    const { stdout } = await run(promtool ?? '', ['check', 'config', path]);
    expect(stdout).toContain('SUCCESS');
  });

  it('takes every query of the dashboard', async () => {
    const rules = queries.map((query, index) => ({
      record: `query:${index}`,
      expr: query
        .replaceAll('$__rate_interval', '1m')
        .replaceAll('$__range', '30m')
        .replaceAll(/\$(profile|region)/g, '.*'),
    }));
    const { writeFile, mkdtemp, rm } = await import('node:fs/promises');
    const { tmpdir } = await import('node:os');
    const folder = await mkdtemp(`${tmpdir()}/turnwise-rules-`);
    await writeFile(`${folder}/rules.yml`, JSON.stringify({ groups: [{ name: 'dashboard', rules }] }));
    const { stdout } = await run(promtool ?? '', ['check', 'rules', `${folder}/rules.yml`]).finally(() =>
      rm(folder, { recursive: true }),
    );
    expect(stdout).toContain(`${queries.length} rules found`);
  });
});
