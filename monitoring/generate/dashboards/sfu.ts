/** The SFU, by livekit-server's own metrics: rooms, media, joins, and the machine under it. */
import type { Dashboard } from '@grafana/schema';
import { dashboard, type Row, SFU_REGION } from '../dashboard.js';
import { JOBS } from '../metrics.js';
import { lines, stat } from '../panels.js';
import { gauge, INTERVAL, orZero, quantile, rate, series } from '../promql.js';
import { counts, HERE, percentiles, perMinute } from './scope.js';

const SFU = { ...HERE, job: JOBS.sfu } as const;
const DIRECTION = { by: ['direction'], where: HERE } as const;

const now: Row = {
  title: 'Now',
  panels: [
    stat({
      title: 'SFUs up',
      description: 'Servers whose metrics can be read.',
      unit: 'short',
      width: 6,
      decimals: 0,
      thresholds: ['red', [1, 'green']],
      queries: [{ expr: gauge('sum', 'up', { where: { job: JOBS.sfu } }), legend: '' }],
    }),
    stat({
      title: 'Rooms',
      description: 'Rooms now: one for each call.',
      unit: 'short',
      width: 6,
      queries: [{ expr: gauge('sum', 'livekit_room_total', { where: HERE }), legend: '' }],
    }),
    stat({
      title: 'Participants',
      description: 'Callers and agents now.',
      unit: 'short',
      width: 6,
      queries: [{ expr: gauge('sum', 'livekit_participant_total', { where: HERE }), legend: '' }],
    }),
    stat({
      title: 'Round trip P95',
      description:
        'Between the SFU and its participants, callers and agents, by its own measure; 50 ms is its finest step.',
      unit: 'ms',
      width: 6,
      decimals: 0,
      thresholds: ['green', [100, 'orange'], [150, 'red']],
      queries: [{ expr: quantile(0.95, 'livekit_rtt_ms', { where: HERE, over: '5m' }), legend: '' }],
    }),
  ],
};

const rooms: Row = {
  title: 'Rooms and participants',
  panels: [
    lines({
      title: 'Rooms and participants by region',
      description: 'A call is a room with two participants.',
      unit: 'short',
      width: 8,
      queries: [
        { expr: gauge('sum', 'livekit_room_total', { by: ['region'], where: HERE }), legend: '{{region}} rooms' },
        {
          expr: gauge('sum', 'livekit_participant_total', { by: ['region'], where: HERE }),
          legend: '{{region}} participants',
        },
      ],
    }),
    lines({
      title: 'Tracks',
      description: 'Published and subscribed, by kind.',
      unit: 'short',
      width: 8,
      queries: [
        {
          expr: gauge('sum', 'livekit_track_published_total', { by: ['kind'], where: HERE }),
          legend: 'published {{kind}}',
        },
        {
          expr: gauge('sum', 'livekit_track_subscribed_total', { by: ['kind'], where: HERE }),
          legend: 'subscribed {{kind}}',
        },
      ],
    }),
    counts('livekit_participant_join_total', ['state'], HERE, {
      title: 'Joins, by how far they came',
      description:
        'signal_connected, rtc_connected, rtc_active: fewer of the later ones means that media does not get through.',
      width: 8,
    }),
    lines({
      title: 'Time to join',
      description: 'What the SFU measures from the join request to an open session.',
      unit: 'ms',
      width: 8,
      queries: percentiles([0.5, 0.95], 'livekit_session_start_time_ms', { where: HERE }),
    }),
    counts('livekit_peer_connection_state', ['transport', 'state'], HERE, {
      title: 'Peer connections, by the state they came to',
      description: 'A minute.',
      width: 8,
    }),
    counts('livekit_node_messages', ['type', 'status'], HERE, {
      title: 'Messages',
      description: 'Signalling to and from participants, by whether it succeeded.',
      width: 8,
    }),
  ],
};

const media: Row = {
  title: 'Media',
  panels: [
    lines({
      title: 'Packets',
      description: 'In and out, a second. A call is about 50 each way.',
      unit: 'pps',
      width: 8,
      queries: [{ expr: rate('livekit_packet_total', DIRECTION), legend: '{{direction}}' }],
    }),
    lines({
      title: 'Bytes',
      description: 'In and out, a second.',
      unit: 'Bps',
      width: 8,
      queries: [{ expr: rate('livekit_packet_bytes', DIRECTION), legend: '{{direction}}' }],
    }),
    lines({
      title: 'Packets sent again',
      description: 'Share of packets that a receiver had to ask for once more.',
      unit: 'percentunit',
      width: 8,
      queries: [
        {
          // There is no series of retransmissions before the first one.
          expr: `1 - ${rate('livekit_packet_total', { ...DIRECTION, where: { ...HERE, transmission: 'initial' } })} / ${rate('livekit_packet_total', DIRECTION)}`,
          legend: '{{direction}}',
        },
      ],
    }),
    lines({
      title: 'Packet loss',
      description: 'Of streams, in percent. From 2 % on speech suffers, and the recogniser with it.',
      unit: 'percent',
      width: 8,
      thresholds: ['green', [2, 'red']],
      drawsThresholds: true,
      queries: percentiles([0.5, 0.95], 'livekit_packet_loss_percent', DIRECTION, '{{direction}}'),
    }),
    lines({
      title: 'Jitter',
      description: 'Of streams. A jitter buffer waits about as long, which the caller hears as delay.',
      unit: 'µs',
      width: 8,
      queries: percentiles([0.5, 0.95], 'livekit_jitter_us', DIRECTION, '{{direction}}'),
    }),
    lines({
      title: 'Round trip',
      description: 'Between the SFU and participants. Its finest step is 50 ms.',
      unit: 'ms',
      width: 8,
      queries: percentiles([0.5, 0.95], 'livekit_rtt_ms', DIRECTION, '{{direction}}'),
    }),
    lines({
      title: 'Quality of connections',
      description: "The SFU's own score, 1 to 5, median and the worst twentieth.",
      unit: 'none',
      width: 8,
      decimals: 1,
      max: 5,
      queries: [
        { expr: quantile(0.5, 'livekit_quality_score', { where: HERE }), legend: 'median' },
        { expr: quantile(0.05, 'livekit_quality_score', { where: HERE }), legend: 'worst twentieth' },
      ],
    }),
    lines({
      title: 'NACKs',
      description: 'Packets asked for again, a minute.',
      unit: 'cpm',
      width: 8,
      queries: [
        {
          // There is no series before the first one: 0 for each direction that has packets.
          expr: orZero(perMinute(rate('livekit_nack_total', DIRECTION)), rate('livekit_packet_total', DIRECTION)),
          legend: '{{direction}}',
        },
      ],
    }),
  ],
};

const machine: Row = {
  title: 'API and machine',
  panels: [
    lines({
      title: 'API requests',
      description: 'Dispatches and rooms opened ahead go through it.',
      unit: 'cpm',
      width: 6,
      queries: [
        {
          expr: `60 * ${rate('livekit_node_twirp_request_status', { by: ['method', 'status'], where: HERE })}`,
          legend: '{{method}} {{status}}',
        },
      ],
    }),
    lines({
      title: 'API latency',
      description: 'From request to answer.',
      unit: 'ms',
      width: 6,
      queries: percentiles([0.5, 0.95], 'livekit_node_twirp_request_latency_ms', { where: HERE }),
    }),
    lines({
      title: 'Processor',
      description: 'Cores in use by livekit-server.',
      unit: 'none',
      width: 6,
      decimals: 2,
      queries: [
        { expr: rate('process_cpu_seconds_total', { by: ['instance'], where: SFU }), legend: '{{instance}} cores' },
      ],
    }),
    lines({
      title: 'Memory',
      description: 'Resident, of livekit-server.',
      unit: 'bytes',
      width: 6,
      queries: [
        {
          expr: gauge('max', 'process_resident_memory_bytes', { by: ['instance'], where: SFU }),
          legend: '{{instance}}',
        },
      ],
    }),
    lines({
      title: 'Packets that the system dropped',
      description: 'By the kernel, in all: more than a few mean a full queue on this machine.',
      unit: 'pps',
      width: 6,
      queries: [
        {
          expr: `sum by (instance) (deriv(${series('livekit_node_packet_total', { ...HERE, type: 'dropped' })}[${INTERVAL}]))`,
          legend: '{{instance}}',
        },
      ],
    }),
    lines({
      title: 'Goroutines',
      description: 'A line that climbs and never falls is a leak.',
      unit: 'short',
      width: 6,
      queries: [{ expr: gauge('max', 'go_goroutines', { by: ['instance'], where: SFU }), legend: '{{instance}}' }],
    }),
    lines({
      title: 'Length of rooms',
      description: 'How long rooms that closed had been open.',
      unit: 's',
      width: 6,
      queries: percentiles([0.5, 0.95], 'livekit_room_duration_seconds', { where: HERE, over: '30m' }),
    }),
  ],
};

export const sfu: Dashboard = dashboard({
  uid: 'turnwise-sfu',
  title: 'Turnwise SFU',
  description: 'livekit-server by its own metrics.',
  variables: [SFU_REGION],
  rows: [now, rooms, media, machine],
});
