/** Panels in Grafana's own schema: the types are Grafana's, so that what it does not know does not compile. */
import {
  BarGaugeDisplayMode,
  BarGaugeNamePlacement,
  BarGaugeSizing,
  BarGaugeValueMode,
  BigValueColorMode,
  BigValueGraphMode,
  BigValueJustifyMode,
  BigValueTextMode,
  FieldColorModeId,
  type FieldConfig,
  GraphDrawStyle,
  type GraphFieldConfig,
  GraphThresholdsStyleMode,
  LegendDisplayMode,
  type Panel,
  PercentChangeColorMode,
  SortOrder,
  StackingMode,
  type ThresholdsConfig,
  ThresholdsMode,
  TooltipDisplayMode,
  VisibilityMode,
  VizOrientation,
} from '@grafana/schema';
import type { Options as BarGaugeOptions } from '@grafana/schema/dist/esm/raw/composable/bargauge/panelcfg/x/BarGaugePanelCfg_types.gen';
import type { Options as StatOptions } from '@grafana/schema/dist/esm/raw/composable/stat/panelcfg/x/StatPanelCfg_types.gen';
import type { Options as TableOptions } from '@grafana/schema/dist/esm/raw/composable/table/panelcfg/x/TablePanelCfg_types.gen';
import type { Options as TimeSeriesOptions } from '@grafana/schema/dist/esm/raw/composable/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.gen';

/** The data source that `provisioning/datasources` makes. */
export const DATASOURCE = { type: 'prometheus', uid: 'turnwise-prometheus' };

/** Units of Grafana's own list. */
export type Unit =
  | 's'
  | 'ms'
  | 'µs'
  | 'ns'
  | 'percentunit'
  | 'percent'
  | 'bytes'
  | 'Bps'
  | 'pps'
  | 'short'
  | 'cpm'
  | 'none';

export interface Query {
  readonly expr: string;
  /** A template such as `{{profile}} P95`; what the line is called. */
  readonly legend: string;
}

/** From a value on, a colour; the first colour holds below all of them. */
export type Steps = readonly [string, ...(readonly [number, string])[]];

export interface PanelSpec {
  readonly title: string;
  /** What the panel shows and what to look for in it. */
  readonly description: string;
  readonly unit: Unit;
  readonly queries: readonly [Query, ...Query[]];
  /** Columns of 24. */
  readonly width: number;
  readonly height?: number;
  readonly thresholds?: Steps;
  readonly max?: number;
  readonly decimals?: number;
}

/** A panel that has no place yet. */
export type Unplaced = Omit<Panel, 'gridPos' | 'id'> & { readonly width: number; readonly height: number };

const GREEN: Steps = ['green'];

function thresholds([base, ...steps]: Steps): ThresholdsConfig {
  return {
    mode: ThresholdsMode.Absolute,
    steps: [{ color: base, value: null }, ...steps.map(([value, color]) => ({ color, value }))],
  };
}

function targets(queries: readonly Query[], how: 'range' | 'instant' | 'table') {
  return queries.map(({ expr, legend }, index) => ({
    refId: String.fromCharCode(65 + index),
    datasource: DATASOURCE,
    editorMode: 'code',
    expr,
    legendFormat: legend,
    range: how === 'range',
    instant: how !== 'range',
    ...(how === 'table' && { format: 'table' }),
  }));
}

function base(type: string, spec: PanelSpec, how: 'range' | 'instant' | 'table', height: number) {
  const { title, description, width } = spec;
  return {
    type,
    title,
    description,
    datasource: DATASOURCE,
    targets: targets(spec.queries, how),
    width,
    height: spec.height ?? height,
  };
}

function defaults({ unit, max, decimals, thresholds: steps }: PanelSpec): FieldConfig {
  return {
    unit,
    noValue: '–',
    thresholds: thresholds(steps ?? GREEN),
    ...(max !== undefined && { max }),
    ...(decimals !== undefined && { decimals }),
  };
}

/** One number, over the time shown or of now. */
export function stat(spec: PanelSpec): Unplaced {
  const options: StatOptions = {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    colorMode: BigValueColorMode.Value,
    graphMode: BigValueGraphMode.None,
    justifyMode: BigValueJustifyMode.Auto,
    orientation: VizOrientation.Auto,
    textMode: BigValueTextMode.Auto,
    percentChangeColorMode: PercentChangeColorMode.Standard,
    showPercentChange: false,
    wideLayout: true,
  };
  return {
    ...base('stat', spec, 'instant', 4),
    fieldConfig: { defaults: { ...defaults(spec), color: { mode: FieldColorModeId.Thresholds } }, overrides: [] },
    options: { ...options },
  };
}

interface LinesSpec extends PanelSpec {
  /** Put one upon another: `sum` where they add up to something, `share` where they add up to all. */
  readonly stacked?: 'sum' | 'share';
  /** Lines whose name matches are dashed: what things are measured against. */
  readonly dashed?: RegExp;
  /** Colours of lines by their names. */
  readonly colours?: Readonly<Record<string, string>>;
  /** The lines of `thresholds` are drawn. */
  readonly drawsThresholds?: boolean;
}

/** What lines a gap is bridged over: a call's pauses, in ms. */
const SPAN_NULLS_MS = 60_000;

/** Lines over time. */
export function lines(spec: LinesSpec): Unplaced {
  const { stacked, dashed, colours = {}, drawsThresholds = false } = spec;
  const custom: GraphFieldConfig = {
    drawStyle: GraphDrawStyle.Line,
    lineWidth: stacked === undefined ? 2 : 1,
    fillOpacity: stacked === undefined ? 8 : 60,
    showPoints: VisibilityMode.Never,
    spanNulls: SPAN_NULLS_MS,
    stacking: {
      group: 'A',
      mode: stacked === undefined ? StackingMode.None : stacked === 'sum' ? StackingMode.Normal : StackingMode.Percent,
    },
    thresholdsStyle: { mode: drawsThresholds ? GraphThresholdsStyleMode.Dashed : GraphThresholdsStyleMode.Off },
  };
  const options: TimeSeriesOptions = {
    legend: {
      displayMode: LegendDisplayMode.Table,
      placement: 'bottom',
      showLegend: true,
      calcs: ['lastNotNull', 'max'],
    },
    tooltip: { mode: TooltipDisplayMode.Multi, sort: SortOrder.Descending },
  };
  return {
    ...base('timeseries', spec, 'range', 8),
    fieldConfig: {
      defaults: { ...defaults(spec), min: 0, color: { mode: FieldColorModeId.PaletteClassic }, custom: { ...custom } },
      overrides: [
        ...Object.entries(colours).map(([name, fixedColor]) => ({
          matcher: { id: 'byName', options: name },
          properties: [{ id: 'color', value: { mode: FieldColorModeId.Fixed, fixedColor } }],
        })),
        ...(dashed === undefined
          ? []
          : [
              {
                matcher: { id: 'byRegexp', options: `/${dashed.source}/` },
                properties: [
                  { id: 'custom.lineStyle', value: { fill: 'dash', dash: [8, 8] } },
                  { id: 'custom.fillOpacity', value: 0 },
                  { id: 'custom.lineWidth', value: 1 },
                ],
              },
            ]),
      ],
    },
    options: { ...options },
  };
}

/** One bar for each series: how things compare, over the time shown. */
export function bars(spec: PanelSpec): Unplaced {
  const options: BarGaugeOptions = {
    reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
    orientation: VizOrientation.Horizontal,
    displayMode: BarGaugeDisplayMode.Gradient,
    valueMode: BarGaugeValueMode.Color,
    namePlacement: BarGaugeNamePlacement.Auto,
    sizing: BarGaugeSizing.Auto,
    showUnfilled: true,
    minVizWidth: 8,
    minVizHeight: 16,
    maxVizHeight: 300,
    legend: { calcs: [], displayMode: LegendDisplayMode.List, placement: 'bottom', showLegend: false },
  };
  return {
    ...base('bargauge', spec, 'instant', 8),
    fieldConfig: {
      defaults: { ...defaults(spec), min: 0, color: { mode: FieldColorModeId.Thresholds } },
      overrides: [],
    },
    options: { ...options },
  };
}

/** A table with a column for each query, named by its legend, and a row for each value of `key`. */
export function table(spec: PanelSpec & { readonly key: string; readonly order?: string }): Unplaced {
  const options: TableOptions = {
    showHeader: true,
    frameIndex: 0,
    ...(spec.order !== undefined && { sortBy: [{ displayName: spec.order, desc: true }] }),
  };
  const columns = spec.queries.map(({ legend }, index) => [`Value #${String.fromCharCode(65 + index)}`, legend]);
  return {
    ...base('table', spec, 'table', 8),
    fieldConfig: {
      defaults: { ...defaults(spec), color: { mode: FieldColorModeId.Thresholds } },
      overrides: [{ matcher: { id: 'byName', options: spec.key }, properties: [{ id: 'unit', value: 'string' }] }],
    },
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: { excludeByName: { Time: true }, indexByName: {}, renameByName: Object.fromEntries(columns) },
      },
    ],
    options: { ...options },
  };
}
