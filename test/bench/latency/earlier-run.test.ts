import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { CallError } from '../../../bench/caller/errors.js';
import {
  checkComparable,
  type GivenOptions,
  likeEarlier,
  parseEarlierRun,
  readEarlierRun,
} from '../../../bench/latency/earlier-run.js';
import { summariseArm } from '../../../bench/latency/figures.js';
import { NO_WORK } from '../../../bench/latency/provider-work.js';
import { latencyJson } from '../../../bench/latency/report.js';
import { main } from '../../../bench/suites.js';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnwise-compare-'));
});
afterAll(() => rmSync(folder, { recursive: true }));

const SETTINGS = { set: 'orders', preset: 'fixed', faults: 'none', calls: 1, turns: 60, seed: 7 };

const CALLS = 12;
const TURNS_A_CALL = 5;

/** A run as `--json` writes it, with one turn. */
function written(): string {
  const nowhere = { cutIn: [], elsewhere: 0 };
  const turn = {
    call: '0-0',
    file: 'orders/0.flac',
    set: 'orders' as const,
    index: 0,
    pausesMs: [],
    heard: nowhere,
    decided: nowhere,
    outcome: 'answered' as const,
    heardMs: 700,
    lastWordEndMs: 0,
    speechEndMs: 0,
    scriptedReply: 'Yes.',
    lagMs: 3,
    boundMs: 300,
  };
  const ours = { ...summariseArm([], [turn]), failedCalls: 0, requests: NO_WORK, each: [turn] };
  return latencyJson({ roundTripMs: 20, settings: SETTINGS, arms: { ours }, failed: {} }, 'bench latency');
}

/** What is read of one with more turns, each answered after so long and up to 40 ms more. */
function runJson(heardMs: number, settings: Record<string, string | number> = SETTINGS): string {
  const each = Array.from({ length: CALLS * TURNS_A_CALL }, (_, index) => ({
    call: `${Math.floor(index / TURNS_A_CALL)}-0`,
    file: `orders/${index}.flac`,
    outcome: 'answered',
    heardMs: heardMs + ((index * 37) % 41),
    lagMs: 3,
  }));
  return JSON.stringify({ schema: 1, settings, arms: { ours: { each } } });
}

function file(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const given = (over: Partial<GivenOptions> = {}): GivenOptions => ({ seed: 1, seedIsDefault: true, ...over });

describe('an earlier run', () => {
  it('is read back as it was written', async () => {
    const run = await readEarlierRun(file('run.json', written()));
    expect(run.settings).toEqual(SETTINGS);
    const turn = { call: '0-0', file: 'orders/0.flac', outcome: 'answered', heardMs: 700, lagMs: 3 };
    expect(run.arms).toEqual({ ours: { each: [turn] } });
  });

  it.each([
    ['nothing', 'is not there', undefined],
    ['no JSON', 'cannot be read', '{'],
    ['another suite', 'is not what', '{"schema":1,"arms":{"ours":{"turns":3}}}'],
    ['turns without times', 'arms.ours.each.0.lagMs', runJson(700).replace('"lagMs":3', '"lagMs":"3"')],
  ])('is refused when it holds %s', async (name, message, content) => {
    const path = content === undefined ? join(folder, 'none') : file(name, content);
    const reading = readEarlierRun(path);
    await expect(reading).rejects.toThrow(CallError);
    await expect(reading).rejects.toThrow(content === undefined ? 'cannot be read' : message);
  });

  it('says what a new one measures, but for what is given', () => {
    const settings = { ...SETTINGS, faults: 'stalls', handshakeMs: 250, turnsACall: 2 };
    const earlier = parseEarlierRun(JSON.parse(runJson(700, settings)), 'f');
    expect(likeEarlier(earlier, given())).toMatchObject({
      set: 'orders',
      preset: 'fixed',
      faults: 'stalls',
      calls: 1,
      turns: 60,
      turnsACall: 2,
      seed: 7,
      handshakeMs: 250,
      arms: [{ name: 'ours' }],
    });
    const other = likeEarlier(earlier, given({ turns: 20, turnsACall: 1, seed: 3, seedIsDefault: false, arms: [] }));
    expect(other).toMatchObject({ turns: 20, turnsACall: 1, seed: 3, arms: [] });
    const { turns, turnsACall } = likeEarlier(earlier, given({ quick: true }));
    expect([turns, turnsACall]).toEqual([undefined, undefined]);
    expect(() => likeEarlier(earlier, given({ preset: 'tails', calls: 2 }))).toThrow(/another preset, calls/);
  });

  it('with arms that are gone asks for some by name', () => {
    const json = runJson(700).replace('"ours":{', '"without-magic":{');
    expect(() => likeEarlier(parseEarlierRun(JSON.parse(json), 'f'), given())).toThrow(CallError);
  });

  it('is not compared with one that measured something else', () => {
    const run = (settings: object) => parseEarlierRun(JSON.parse(runJson(700, { ...SETTINGS, ...settings })), 'f');
    expect(() => checkComparable(run({}), run({ preset: 'excellent' }))).toThrow(/differ in preset/);
    expect(() => checkComparable(run({}), run({ seed: 9, turns: 61, turnsACall: 1 }))).not.toThrow();
  });
});

describe('bench latency --compare A --with B', () => {
  it.each([
    [700, 0],
    [600, 0],
    [720, 0],
    [800, 1],
  ])('of 700 ms with %d ms ends with code %d, without a run', async (heardMs, code) => {
    const [before, after] = [file('a.json', runJson(700)), file('b.json', runJson(heardMs))];
    expect(await main(['latency', '--compare', before, '--with', after])).toBe(code);
  });

  it('refuses what cannot be compared', async () => {
    const before = file('a.json', runJson(700));
    const after = file('b.json', runJson(700, { ...SETTINGS, preset: 'tails' }));
    expect(await main(['latency', '--compare', before, '--with', after])).toBe(2);
    expect(await main(['latency', '--with', after])).toBe(2);
    expect(await main(['latency', '--compare', join(folder, 'none'), '--with', after])).toBe(2);
  });
});
