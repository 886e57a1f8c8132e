import { describe, expect, it } from 'vitest';
import { outputs } from '../../monitoring/generate/outputs.js';
import { DASHBOARDS, monitoringFile } from './dashboard-files.js';

it('are what the tables of metrics and profiles make of them', () => {
  for (const { path, text } of outputs()) {
    expect(monitoringFile(path) === text, `${path}: run \`npm run dashboards\` and commit what it writes`).toBe(true);
  }
});

it('have names and addresses of their own', () => {
  expect(new Set(DASHBOARDS.map(({ dashboard }) => dashboard.uid)).size).toBe(DASHBOARDS.length);
  expect(new Set(DASHBOARDS.map(({ dashboard }) => dashboard.title)).size).toBe(DASHBOARDS.length);
  // What Grafana takes for one (`[a-zA-Z0-9\-_]`, 40 at most).
  for (const { dashboard } of DASHBOARDS) expect(dashboard.uid).toMatch(/^[\w-]{1,40}$/);
});

describe.each(DASHBOARDS)('the dashboard $name', ({ dashboard, panels, all }) => {
  it('has panels that say what they show, in which unit', () => {
    expect(panels.length).toBeGreaterThan(10);
    for (const { title, description, fieldConfig, targets } of panels) {
      expect(description?.length ?? 0, title).toBeGreaterThan(5);
      expect(fieldConfig?.defaults.unit, title).toBeTruthy();
      expect(targets?.length, title).toBeGreaterThan(0);
    }
    expect(new Set(panels.map(({ title }) => title)).size).toBe(panels.length);
  });

  it('tells queries and lines of one panel apart', () => {
    for (const { title, targets = [], type } of panels) {
      const legends = targets.map(({ legendFormat }) => legendFormat);
      expect(new Set(legends).size, title).toBe(legends.length);
      if (type !== 'stat') expect(legends, title).not.toContain('');
      expect(new Set(targets.map(({ refId }) => refId)).size, title).toBe(targets.length);
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
    const provisioned = monitoringFile('grafana/provisioning/datasources/prometheus.yaml');
    for (const { targets = [] } of panels) {
      for (const { datasource } of targets) expect(provisioned).toContain(`uid: ${datasource.uid}\n`);
    }
    const interval = /scrape_interval: (\S+)/.exec(monitoringFile('prometheus/prometheus.yml'))?.[1];
    expect(provisioned).toContain(`timeInterval: ${interval}`);
    expect(dashboard.templating.list.map(({ name }) => name)).toContain('region');
  });
});
