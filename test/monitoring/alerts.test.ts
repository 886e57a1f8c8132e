import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { outputs } from '../../monitoring/generate/outputs.js';
import { ALERT_GROUPS, ALERTS } from '../../monitoring/generate/rules/alerts.js';
import { alertRules } from '../../monitoring/generate/rules/rule.js';
import { counter, gauge, histogram } from '../../monitoring/generate/rules/scenario.js';
import { toYaml } from '../../monitoring/generate/yaml.js';
import { promtool, promtoolPath } from './promtool.js';

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url));
const rules = ALERT_GROUPS.flatMap((group) => alertRules(ALERTS[group]));
const runbooks = readFileSync(path('docs/runbooks.md'), 'utf8');

describe('each alert', () => {
  it('has a section in the runbooks, and each section an alert', () => {
    const sections = [...runbooks.matchAll(/^### (.+)$/gm)].map(([, title]) => title);
    expect(sections.toSorted()).toEqual(rules.map(({ alert }) => alert).toSorted());
  });

  it('has a runbook that says what it means, who is hit, how to see it and what to do', () => {
    for (const { alert } of rules) {
      const section = runbooks.split(`### ${alert}\n`)[1]?.split(/^##/m)[0] ?? '';
      for (const part of ['**Means**', '**Hits**', '**See**', '**Do**']) expect(section, alert).toContain(part);
    }
  });

  it('sends people to panels that exist', () => {
    const panels = outputs().flatMap(({ path, text }) =>
      path.endsWith('.json') ? [...text.matchAll(/"title": "(.+)"/g)].map(([, title]) => title) : [],
    );
    const named = [...runbooks.matchAll(/(?<!\*)\*([A-Z][^*]+)\*(?!\*)/g)].map(([, name = '']) =>
      name.replaceAll('\n', ' '),
    );
    expect(named.length).toBeGreaterThan(rules.length);
    for (const name of named) {
      const [, dashboard, panel = name] = /^(Calls|Workers|SFU|Status) → (.+)$/.exec(name) ?? [];
      if (dashboard !== 'Status' && name !== 'Burn') expect(panels).toContain(panel);
    }
  });

  it('points at its section', () => {
    for (const { alert, annotations } of rules) {
      expect(annotations.runbook_url).toBe(`docs/runbooks.md#${alert.toLowerCase()}`);
    }
  });

  it('has a name of its own', () => {
    expect(new Set(rules.map(({ alert }) => alert)).size).toBe(rules.length);
  });
});

/** promtool's own reading of `2+3x4`: 2, and four times 3 more. */
function expanded(part: string): number[] {
  const [, from = '', step = '0', times = '0'] = /^(\d+)(?:\+(\d+))?(?:x(\d+))?$/.exec(part) ?? [];
  return Array.from({ length: Number(times) + 1 }, (_, index) => Number(from) + index * Number(step));
}

describe('a scenario', () => {
  it('is written as promtool reads it: a counter starts at 0 and goes on where a phase ended', () => {
    const { series, values } = counter('turnwise_failovers_total', { component: 'llm' }, [
      { minutes: 3, value: 2 },
      { minutes: 2, value: 0 },
    ]);
    expect(series).toBe('turnwise_failovers_total{component="llm"}');
    expect(values).toBe('0 2+2x2 6+0x1');
    expect(gauge('turnwise_calls', {}, [{ minutes: 2, value: 4 }]).values).toBe('4x1');
  });

  it('never lets a counter go back, and grows it by what its phases say', () => {
    const phases = fc.array(fc.record({ minutes: fc.integer({ min: 1, max: 50 }), value: fc.nat(100) }), {
      minLength: 1,
    });
    fc.assert(
      fc.property(phases, (given) => {
        const samples = counter('turnwise_failovers_total', {}, given).values.split(' ').flatMap(expanded);
        expect(samples).toHaveLength(1 + given.reduce((sum, { minutes }) => sum + minutes, 0));
        expect(samples.at(-1)).toBe(given.reduce((sum, { minutes, value }) => sum + minutes * value, 0));
        expect(samples).toEqual(samples.toSorted((a, b) => a - b));
      }),
    );
  });

  it('puts observations into all buckets from their own on', () => {
    const inputs = histogram(
      'turnwise_response_seconds',
      {},
      [{ minutes: 2, value: 0.7, perMinute: 3 }],
      [0.5, 0.8, 1.2],
    );
    expect(inputs.map(({ values }) => values)).toEqual(['0 0+0x1', '0 3+3x1', '0 3+3x1', '0 3+3x1', '0 3+3x1']);
  });

  it('cannot be of a label that the metric does not have', () => {
    expect(() => counter('turnwise_failovers_total', { room: 'x' }, [])).toThrow('has no label room');
  });
});

it('YAML keeps texts texts', () => {
  expect(toYaml({ a: "it's", b: ['on', '1', 'up == 0'], c: 5, d: undefined, e: [], f: { g: true } }, 'made')).toBe(
    "# made\na: 'it''s'\nb:\n  - 'on'\n  - '1'\n  - 'up == 0'\nc: 5\ne: []\nf:\n  g: true\n",
  );
});

describe.skipIf(promtoolPath === undefined)('promtool', () => {
  it('takes prometheus.yml with all its rules', async () => {
    const said = await promtool('check', 'config', path('monitoring/prometheus/prometheus.yml'));
    expect(said).toContain(`${2 + ALERT_GROUPS.length} rule files found`);
    for (const group of ALERT_GROUPS)
      expect(said).toContain(`SUCCESS: ${Object.keys(ALERTS[group]).length} rules found`);
  });

  // A second or two of processor time each; a busy machine takes longer.
  it.concurrent.each(ALERT_GROUPS)(
    'sees every alert of %s fire, say why, and clear',
    { timeout: 60_000 },
    async (group) => {
      expect(await promtool('test', 'rules', path(`monitoring/prometheus/tests/${group}.yml`))).toContain('SUCCESS');
    },
  );
});
