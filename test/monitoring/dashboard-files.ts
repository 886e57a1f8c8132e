/** The committed dashboards as Grafana reads them. */
import { readFileSync } from 'node:fs';
import { z } from 'zod';

const GridPos = z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() });
const Target = z.object({
  refId: z.string(),
  expr: z.string(),
  legendFormat: z.string(),
  datasource: z.object({ uid: z.string() }),
});
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

/** A file below `monitoring/`. */
export const monitoringFile = (path: string): string =>
  readFileSync(new URL(`../../monitoring/${path}`, import.meta.url), 'utf8');

export const DASHBOARDS = ['calls', 'worker', 'sfu'].map((name) => {
  const dashboard = Dashboard.parse(JSON.parse(monitoringFile(`grafana/dashboards/${name}.json`)));
  const all = dashboard.panels.flatMap(({ panels = [], ...row }) => [row, ...panels]);
  return { name, dashboard, all, panels: all.filter(({ type }) => type !== 'row') };
});

/** Every query of every panel. */
export const QUERIES = DASHBOARDS.flatMap(({ name, panels }) =>
  panels.flatMap(({ title, targets = [] }) =>
    targets.map(({ expr, legendFormat }) => ({ dashboard: name, title, expr, legend: legendFormat })),
  ),
);

/** What the choices at a dashboard's top are made of: the values of a label of some series. */
export const CHOICES = DASHBOARDS.flatMap(({ name: dashboard, dashboard: { templating } }) =>
  templating.list.map(({ name, query: { query } }) => {
    const [, selector = '', label = ''] = /^label_values\((.+), (\w+)\)$/.exec(query) ?? [];
    return { dashboard, name, query, selector, label };
  }),
);

/** A query as Grafana sends it when everything is chosen. */
export function chosen(expr: string, { interval, range }: { readonly interval: string; readonly range: string }) {
  return expr
    .replaceAll('$__rate_interval', interval)
    .replaceAll('$__range', range)
    .replaceAll(/\$(profile|region)/g, '.*');
}
