/** A dashboard from its rows of panels: places them, numbers them, and adds the choice of region and profile. */
import {
  type Dashboard,
  DashboardCursorSync,
  type Panel,
  type RowPanel,
  VariableHide,
  type VariableModel,
  VariableRefresh,
  VariableSort,
} from '@grafana/schema';
import { DATASOURCE, type Unplaced } from './panels.js';
import { series } from './promql.js';

/** Grafana's grid. */
const COLUMNS = 24;
/** Of Grafana 11 and 12; later ones take it and bring it up to theirs. */
const SCHEMA_VERSION = 41;

export interface Row {
  readonly title: string;
  readonly panels: readonly Unplaced[];
  /** Folded up until asked for: what is looked at when something is wrong. */
  readonly folded?: boolean;
}

export interface DashboardSpec {
  readonly uid: string;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableModel[];
  readonly rows: readonly Row[];
}

/** @throws RangeError when a panel is wider than the grid. */
export function dashboard({ uid, title, description, variables, rows }: DashboardSpec): Dashboard {
  return {
    uid,
    title,
    description,
    tags: ['turnwise'],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: true,
    graphTooltip: DashboardCursorSync.Crosshair,
    timezone: 'browser',
    refresh: '10s',
    time: { from: 'now-30m', to: 'now' },
    fiscalYearStartMonth: 0,
    links: [
      {
        title: 'Turnwise',
        type: 'dashboards',
        tags: ['turnwise'],
        asDropdown: false,
        includeVars: true,
        keepTime: true,
        targetBlank: false,
        icon: 'dashboard',
        tooltip: '',
        url: '',
      },
    ],
    annotations: { list: [] },
    templating: { list: [...variables] },
    panels: place(rows),
  };
}

function place(rows: readonly Row[]): (Panel | RowPanel)[] {
  const placed: (Panel | RowPanel)[] = [];
  let id = 0;
  let y = 0;
  for (const { title, panels, folded = false } of rows) {
    id += 1;
    const row: RowPanel = {
      id,
      type: 'row',
      title,
      collapsed: folded,
      gridPos: { h: 1, w: COLUMNS, x: 0, y },
      panels: [],
    };
    placed.push(row);
    y += 1;
    let x = 0;
    let lineHeight = 0;
    for (const { width, height, ...panel } of panels) {
      if (width > COLUMNS) throw new RangeError(`"${panel.title}" is wider than Grafana's ${COLUMNS} columns.`);
      if (x + width > COLUMNS) {
        x = 0;
        y += lineHeight;
        lineHeight = 0;
      }
      id += 1;
      (folded ? row.panels : placed).push({ ...panel, id, gridPos: { h: height, w: width, x, y } });
      x += width;
      lineHeight = Math.max(lineHeight, height);
    }
    y += lineHeight;
  }
  return placed;
}

function variable(name: string, label: string, metric: string): VariableModel {
  const query = `label_values(${metric}, ${name})`;
  return {
    name,
    label,
    type: 'query',
    datasource: DATASOURCE,
    query: { qryType: 1, query, refId: `Variable-${name}` },
    refresh: VariableRefresh.onTimeRangeChanged,
    sort: VariableSort.alphabeticalAsc,
    multi: true,
    includeAll: true,
    allValue: '.*',
    current: { text: ['All'], value: ['$__all'] },
    options: [],
    regex: '',
    hide: VariableHide.dontHide,
  };
}

export const PROFILE = variable('profile', 'Profile', series('turnwise_turns_total'));
export const REGION = variable('region', 'Region', series('turnwise_calls'));
/** The SFU knows no region: `prometheus.yml` gives its targets one. */
export const SFU_REGION = variable('region', 'Region', series('livekit_room_total'));
