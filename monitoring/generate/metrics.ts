/** Every metric that a query may ask for: the worker's and the token server's own tables, and what others export. */
import { METRICS, type MetricDefinition } from '../../agent/telemetry/metric-names.js';
import { TOKEN_METRICS } from '../../token-server/metric-names.js';

type OthersMetric = Omit<MetricDefinition, 'help' | 'values'>;

/** prom-client's figures of a Node process (15.1.3), under the names that the worker's parent and the token server export. */
const NODE_METRICS = {
  process_cpu_seconds_total: { type: 'counter', labels: [] },
  process_resident_memory_bytes: { type: 'gauge', labels: [] },
  process_start_time_seconds: { type: 'gauge', labels: [] },
  process_open_fds: { type: 'gauge', labels: [] },
  process_max_fds: { type: 'gauge', labels: [] },
  nodejs_eventloop_lag_p50_seconds: { type: 'gauge', labels: [] },
  nodejs_eventloop_lag_p99_seconds: { type: 'gauge', labels: [] },
  nodejs_heap_size_used_bytes: { type: 'gauge', labels: [] },
  nodejs_gc_duration_seconds: { type: 'histogram', labels: ['kind'] },
} as const satisfies Record<string, OthersMetric>;

/** What livekit-server 1.13.5 exports (its `pkg/telemetry/prometheus`); a series appears with its first event. */
const SFU_METRICS = {
  livekit_room_total: { type: 'gauge', labels: [] },
  livekit_room_duration_seconds: { type: 'histogram', labels: [] },
  livekit_participant_total: { type: 'gauge', labels: [] },
  livekit_participant_join_total: { type: 'counter', labels: ['state'] },
  livekit_track_published_total: { type: 'gauge', labels: ['kind'] },
  livekit_track_subscribed_total: { type: 'gauge', labels: ['kind'] },
  livekit_packet_total: { type: 'counter', labels: ['direction', 'transmission'] },
  livekit_packet_bytes: { type: 'counter', labels: ['direction', 'transmission'] },
  livekit_packet_loss_percent: { type: 'histogram', labels: ['direction', 'source', 'type'] },
  livekit_packet_out_of_order_percent: { type: 'histogram', labels: ['direction', 'source', 'type'] },
  livekit_jitter_us: { type: 'histogram', labels: ['direction', 'source', 'type'] },
  livekit_rtt_ms: { type: 'histogram', labels: ['direction', 'source', 'type'] },
  livekit_nack_total: { type: 'counter', labels: ['direction'] },
  livekit_session_join_latency_ms: { type: 'histogram', labels: [] },
  livekit_session_start_time_ms: { type: 'histogram', labels: [] },
  livekit_peer_connection_state: { type: 'counter', labels: ['transport', 'state'] },
  livekit_quality_score: { type: 'histogram', labels: [] },
  livekit_node_messages: { type: 'counter', labels: ['type', 'status'] },
  livekit_node_packet_total: { type: 'gauge', labels: ['type'] },
  livekit_node_twirp_request_status: { type: 'counter', labels: ['service', 'method', 'status', 'code'] },
  livekit_node_twirp_request_latency_ms: { type: 'histogram', labels: ['service', 'method', 'status'] },
  go_goroutines: { type: 'gauge', labels: [] },
} as const satisfies Record<string, OthersMetric>;

/** Prometheus' own, of each target that it scrapes and of itself. */
const SCRAPE_METRICS = {
  up: { type: 'gauge', labels: [] },
  scrape_duration_seconds: { type: 'gauge', labels: [] },
  prometheus_rule_evaluation_failures_total: { type: 'counter', labels: ['rule_group'] },
} as const satisfies Record<string, OthersMetric>;

export const KNOWN = { ...METRICS, ...TOKEN_METRICS, ...NODE_METRICS, ...SFU_METRICS, ...SCRAPE_METRICS };

type Known = typeof KNOWN;
export type KnownName = keyof Known;
type Named<Type extends string> = { [Name in KnownName]: Known[Name]['type'] extends Type ? Name : never }[KnownName];
export type KnownHistogram = Named<'histogram'>;
export type KnownCounter = Named<'counter'>;
export type KnownGauge = Named<'gauge'>;

/** Labels that every series has: the exporter's `region`, and what Prometheus says of its target. */
export const COMMON_LABELS = ['region', 'job', 'instance'] as const;
export type LabelOf<Name extends KnownName> = Known[Name]['labels'][number] | (typeof COMMON_LABELS)[number];

/** What a label must be: exactly this, or a match of a regular expression. */
export type Match = string | { readonly like: string } | { readonly unlike: string };
export type Where<Name extends KnownName> = { readonly [Label in LabelOf<Name>]?: Match };

/** Jobs of `prometheus.yml`. */
export const JOBS = {
  worker: 'turnwise-worker',
  tokenServer: 'turnwise-token-server',
  sfu: 'livekit-server',
  prometheus: 'prometheus',
} as const;
