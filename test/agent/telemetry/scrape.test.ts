import { expect, it } from 'vitest';
import { createMetricsServer } from '../../../agent/telemetry/http.js';
import { METRICS } from '../../../agent/telemetry/metric-names.js';
import { MetricReceiver } from '../../../agent/telemetry/metric-receiver.js';
import { MetricSender } from '../../../agent/telemetry/metric-sender.js';
import { Metrics } from '../../../agent/telemetry/metrics.js';
import { PROFILE_NAMES } from '../../../wire/profile.js';
import { collector, started, turn } from './records.js';

const CALLS = 50;
/** A turn takes a call some five seconds; here each makes ten times as many, of 25 events. */
const TURNS_PER_SECOND = 2;
const TICK_MS = 10;
const SCRAPES = 15;
/** From the issue: what a scrape may take. */
const MOST_MS = 100;

/** What one turn of a call tells. */
function tellTurn(sender: MetricSender, callId: string, number: number, profile: (typeof PROFILE_NAMES)[number]): void {
  const provider = { provider: 'deepgram', model: 'nova-3' };
  sender.observe('turnwise_response_seconds', { profile }, 700);
  for (const stage of METRICS.turnwise_stage_seconds.values.stage) {
    sender.observe('turnwise_stage_seconds', { profile, stage }, 90);
  }
  sender.observe('turnwise_endpointing_seconds', {}, 200);
  sender.observe('turnwise_stt_final_seconds', provider, 150);
  sender.observe('turnwise_llm_ttft_seconds', provider, 220);
  sender.observe('turnwise_tts_ttfb_seconds', provider, 90);
  sender.observe('turnwise_tts_first_sound_seconds', provider, 95);
  sender.observe('turnwise_playout_seconds', {}, 15);
  sender.count('turnwise_turns_total', { profile, outcome: 'answered' });
  for (const kind of ['prompt', 'completion']) sender.count('turnwise_llm_tokens_total', { ...provider, kind }, 40);
  sender.observe('turnwise_call_loop_lag_seconds', {}, 4);
  sender.record(turn(callId, number));
}

it(`answers within ${MOST_MS} ms while ${CALLS} calls report at many times their rate`, async () => {
  const metrics = new Metrics('test');
  const kept = collector();
  const receiver = new MetricReceiver(metrics, { warm: () => undefined }, [kept]);
  const path = await receiver.listen();
  const server = createMetricsServer(metrics);
  const url = `${await server.listen({ port: 0, host: '127.0.0.1' })}/metrics`;
  const senders = Array.from({ length: CALLS }, () => new MetricSender(path));
  for (const [at, sender] of senders.entries()) {
    sender.setState('busy');
    sender.record(started(`c${at}`));
  }
  let told = 0;
  const perTick = (CALLS * TURNS_PER_SECOND * TICK_MS) / 1_000;
  const reporting = setInterval(() => {
    for (let i = 0; i < perTick; i += 1) {
      const at = told % CALLS;
      const profile = PROFILE_NAMES[told % PROFILE_NAMES.length] ?? 'good';
      const sender = senders[at];
      if (sender !== undefined) tellTurn(sender, `c${at}`, told, profile);
      told += 1;
    }
  }, TICK_MS);
  try {
    const tookMs: number[] = [];
    let text = '';
    for (let i = 0; i < SCRAPES; i += 1) {
      const beganMs = performance.now();
      text = await (await fetch(url)).text();
      tookMs.push(performance.now() - beganMs);
      // Reports arrive between scrapes as well as while they are answered.
      const until = told + 5;
      while (told < until) await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    expect(text).toContain('turnwise_stage_seconds_bucket');
    expect(tookMs.toSorted((a, b) => a - b)[Math.floor(SCRAPES / 2)]).toBeLessThan(MOST_MS);
  } finally {
    clearInterval(reporting);
    await Promise.all(senders.map((sender) => sender.close()));
    await receiver.close();
    await server.close();
  }
  const answered = (await metrics.text()).split('\n').filter((line) => line.startsWith('turnwise_turns_total{'));
  expect(answered.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0)).toBe(told);
  expect(kept.records.filter(({ type }) => type === 'turn')).toHaveLength(told);
  expect(kept.records.filter(({ type }) => type === 'call-ended')).toHaveLength(CALLS);
});
