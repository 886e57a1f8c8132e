/** Tests for `promtool test rules`: each alert fires, says the right thing, and clears; and none does without a reason. */
import type { Yaml } from '../yaml.js';
import { ALERT_GROUPS, ALERTS, type AlertGroup } from './alerts.js';
import { recorded } from './recorded.js';
import { type AlertRule, alertRules } from './rule.js';
import { counter, gauge, histogram, type Input, restarted } from './scenario.js';
import { SCENARIOS, type Scenario } from './scenarios.js';

const minutes = (count: number): string => `${count}m`;

/** What the alert says when its labels and its value are these. @throws Error when a placeholder is left over. */
function written(template: string, labels: Readonly<Record<string, string>>, value: string | undefined): string {
  const text = template
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (whole, label: string) => labels[label] ?? whole)
    .replaceAll(/\{\{ \$value \|[^}]*\}\}/g, (whole) => value ?? whole);
  if (text.includes('{{')) throw new Error(`A scenario does not say what stands for a placeholder: ${text}`);
  return text;
}

function fired(rule: AlertRule, { labels, value }: Scenario): Yaml {
  const { severity, component } = rule.labels;
  return {
    exp_labels: { ...labels, severity, component: written(component, labels, value) },
    exp_annotations: {
      summary: written(rule.annotations.summary, labels, value),
      description: written(rule.annotations.description, labels, value),
      runbook_url: rule.annotations.runbook_url,
    },
  };
}

function scenarioTest(rule: AlertRule, scenario: Scenario): Yaml {
  const { inputs, firesAt, clearsAt } = scenario;
  const at = (minute: number, exp_alerts: Yaml): Yaml => ({
    eval_time: minutes(minute),
    alertname: rule.alert,
    exp_alerts,
  });
  return {
    name: rule.alert,
    interval: '1m',
    input_series: inputs.map(asYaml),
    alert_rule_test: [at(0, []), at(firesAt, [fired(rule, scenario)]), at(clearsAt, [])],
  };
}

const asYaml = ({ series, values }: Input): Yaml => ({ series, values });
const none = (group: AlertGroup, minute: number): Yaml[] =>
  Object.keys(ALERTS[group]).map((alertname) => ({ eval_time: minutes(minute), alertname, exp_alerts: [] }));

const REGION = { region: 'eu' };
const GOOD = { profile: 'good', ...REGION };

/** Everything as it should be, for half an hour. */
const healthy: Input[] = [
  ...histogram('turnwise_response_seconds', GOOD, [{ minutes: 30, value: 0.5, perMinute: 12 }]),
  ...histogram('turnwise_stt_final_seconds', { provider: 'a', model: 'b', ...REGION }, [
    { minutes: 30, value: 0.1, perMinute: 12 },
  ]),
  ...histogram('turnwise_llm_ttft_seconds', { provider: 'a', model: 'b', ...REGION }, [
    { minutes: 30, value: 0.2, perMinute: 12 },
  ]),
  ...histogram('turnwise_tts_ttfb_seconds', { provider: 'a', model: 'b', ...REGION }, [
    { minutes: 30, value: 0.1, perMinute: 12 },
  ]),
  ...histogram('turnwise_unexplained_seconds', REGION, [{ minutes: 30, value: 0.01, perMinute: 12 }]),
  ...histogram('turnwise_call_loop_lag_seconds', REGION, [{ minutes: 30, value: 0.01, perMinute: 60 }]),
  counter('turnwise_turns_total', { ...GOOD, outcome: 'answered' }, [{ minutes: 30, value: 12 }]),
  counter('turnwise_calls_total', { ...REGION, outcome: 'completed' }, [{ minutes: 30, value: 2 }]),
  counter('turnwise_token_requests_total', { ...REGION, outcome: 'issued' }, [{ minutes: 30, value: 2 }]),
  counter('turnwise_failovers_total', { component: 'llm', ...REGION }, [{ minutes: 30, value: 0 }]),
  gauge('turnwise_calls', { instance: 'a', ...REGION }, [{ minutes: 30, value: 1 }]),
  gauge('turnwise_call_capacity', { instance: 'a', ...REGION }, [{ minutes: 30, value: 4 }]),
  gauge('turnwise_warm_processes', { instance: 'a', ...REGION }, [{ minutes: 30, value: 2 }]),
  gauge('turnwise_call_log_backlog', { instance: 'a' }, [{ minutes: 30, value: 3 }]),
  gauge('up', { job: 'turnwise-worker', instance: 'a' }, [{ minutes: 30, value: 1 }]),
  gauge('up', { job: 'livekit-server', instance: 'b' }, [{ minutes: 30, value: 1 }]),
];

/** One call that goes as badly as a call can, on an otherwise idle system: two turns, one of them never answered. */
const twoBadTurns: Input[] = [
  ...histogram('turnwise_response_seconds', GOOD, [
    { minutes: 1, value: 8, perMinute: 2 },
    { minutes: 29, value: 8, perMinute: 0 },
  ]),
  ...histogram('turnwise_stt_final_seconds', { provider: 'a', model: 'b', ...REGION }, [
    { minutes: 1, value: 8, perMinute: 2 },
    { minutes: 29, value: 8, perMinute: 0 },
  ]),
  ...histogram('turnwise_unexplained_seconds', REGION, [
    { minutes: 1, value: 8, perMinute: 2 },
    { minutes: 29, value: 8, perMinute: 0 },
  ]),
  counter('turnwise_turns_total', { ...GOOD, outcome: 'unanswered' }, [
    { minutes: 1, value: 2 },
    { minutes: 29, value: 0 },
  ]),
  counter('turnwise_premature_responses_total', REGION, [
    { minutes: 1, value: 2 },
    { minutes: 29, value: 0 },
  ]),
  counter('turnwise_calls_total', { ...REGION, outcome: 'failed' }, [
    { minutes: 1, value: 1 },
    { minutes: 29, value: 0 },
  ]),
  counter('turnwise_token_requests_total', { ...REGION, outcome: 'refused' }, [
    { minutes: 1, value: 2 },
    { minutes: 29, value: 0 },
  ]),
];

/** True, as `bool` has it, of the healthy profile. */
const isTrueAt = (minute: number, expr: string): Yaml => ({
  expr,
  eval_time: minutes(minute),
  exp_samples: [{ labels: '{profile="good",region="eu"}', value: 1 }],
});
const LLM = { provider: 'a', model: 'b', ...REGION };
/** Rounded, since what is recorded is no decimal fraction. */
const driftIs = (value: number): Yaml => ({
  expr: `round(${recorded.driftSeconds}, 0.001)`,
  eval_time: minutes(20),
  exp_samples: [{ labels: '{component="llm",model="b",provider="a",region="eu"}', value }],
});
const drift = (name: string, seconds: number, value: number): Yaml => ({
  name,
  interval: '1m',
  input_series: [
    ...histogram('turnwise_llm_ttft_seconds', LLM, [{ minutes: 30, value: seconds, perMinute: 12 }]),
    gauge('turnwise_provider_expected_seconds', { component: 'llm', ...LLM }, [{ minutes: 30, value: 1 }]),
  ].map(asYaml),
  promql_expr_test: [driftIs(value)],
});

/** Tests of what is recorded, with the alerts that read it. */
const RECORDED: Readonly<Partial<Record<AlertGroup, readonly Yaml[]>>> = {
  latency: [
    {
      name: 'what is recorded over a restart',
      interval: '1m',
      input_series: healthy.map(restarted).map(asYaml),
      // 12 turns a minute: neither fewer than none, nor what was counted before as if it were new, nor slower than they were.
      promql_expr_test: [
        isTrueAt(45, `min_over_time(${recorded.responses('5m')}[30m]) > bool 0`),
        isTrueAt(45, `max_over_time(${recorded.responses('5m')}[30m]) < bool 75`),
        isTrueAt(45, `max_over_time(${recorded.response('p95', '5m')}[30m]) <= bool 0.5`),
      ],
    },
    drift('drift of a provider that is slower than told', 3.5, 2.5),
    drift('drift of a provider that is faster than told', 0.2, -0.85),
  ],
};

/** Rules that a group's alerts read. */
const READS: Readonly<Record<AlertGroup, readonly string[]>> = {
  latency: ['recording-response.yml'],
  objective: ['recording-response.yml', 'recording-objective.yml'],
  calls: [],
  operation: [],
};
/** Hours go by in the objective's tests; what is recorded is forgotten after 5 min, so that they cannot step further. */
const EVALUATION_MINUTES: Readonly<Record<AlertGroup, number>> = { latency: 1, objective: 4, calls: 1, operation: 1 };

const scenarios: Readonly<Record<string, Scenario>> = SCENARIOS;

/** @throws Error when an alert has no scenario. */
function testFile(group: AlertGroup): Yaml {
  return {
    rule_files: [...READS[group], `alerts-${group}.yml`].map((file) => `../rules/${file}`),
    evaluation_interval: minutes(EVALUATION_MINUTES[group]),
    tests: [
      ...alertRules(ALERTS[group]).map((rule) => {
        const scenario = scenarios[rule.alert];
        if (scenario === undefined) throw new Error(`${rule.alert} has no scenario.`);
        return scenarioTest(rule, scenario);
      }),
      {
        name: 'no alert while all is well',
        interval: '1m',
        input_series: healthy.map(asYaml),
        alert_rule_test: none(group, 20),
      },
      {
        name: 'no alert from two bad turns',
        interval: '1m',
        input_series: twoBadTurns.map(asYaml),
        alert_rule_test: [...none(group, 3), ...none(group, 10)],
      },
      {
        name: 'no alert from a restart',
        interval: '1m',
        input_series: healthy.map(restarted).map(asYaml),
        alert_rule_test: [32, 33, 36, 40, 50].flatMap((minute) => none(group, minute)),
      },
      ...(RECORDED[group] ?? []),
    ],
  };
}

/** By group of alerts. */
export const ruleTests: readonly (readonly [AlertGroup, Yaml])[] = ALERT_GROUPS.map((group) => [
  group,
  testFile(group),
]);
