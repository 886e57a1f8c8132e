import { describe, expect, it } from 'vitest';
import {
  afterAnotherTry,
  failures,
  isClean,
  passedAtLast,
  summary,
  type TestedFile,
  type TestReport,
  triedAlone,
} from '../../scripts/lib/test-report.mjs';

const VOICE = '/project/test/calls/voice.system.test.ts';
const HEARD = '/project/test/web-client/heard.system.test.ts';
const UNIT = '/project/test/agent/turn/words.test.ts';

/** A file's tests by their outcomes, e.g. `{ 'a call > is answered': 'passed' }`. */
function file(name: string, tests: Readonly<Record<string, string>>): TestedFile {
  const assertionResults = Object.entries(tests).map(([fullName, status]) => ({
    fullName,
    status,
    failureMessages: status === 'failed' ? ['Error: late'] : [],
  }));
  return { name, status: Object.values(tests).includes('failed') ? 'failed' : 'passed', assertionResults };
}

function report(...testResults: TestedFile[]): TestReport {
  return { testResults };
}

describe('a system test that failed beside others', () => {
  it('is tried again by its name, to the letter', () => {
    const [paths, pattern] = [[VOICE, HEARD], '^(a call takes 1\\.5 s \\(or more\\)|what a page heard is true)$'];
    const reports = [
      report(file(UNIT, { words: 'passed' })),
      report(file(VOICE, { 'a call takes 1.5 s (or more)': 'failed', 'a call ends': 'passed' })),
      report(file(HEARD, { 'what a page heard is true': 'failed' })),
    ];
    expect(triedAlone(reports)).toEqual([...paths, '--testNamePattern', pattern]);
    expect(new RegExp(pattern).test('a call takes 1.5 s (or more)')).toBe(true);
  });

  it('is tried with its whole file, where that could not begin', () => {
    const broken = { ...file(VOICE, { 'a call ends': 'skipped' }), status: 'failed', message: 'Error: no SFU' };
    expect(failures([report(broken)])).toEqual([`${VOICE} (Error: no SFU)`]);
    expect(triedAlone([report(broken)])).toEqual([VOICE]);
    const again = report(file(VOICE, { 'a call ends': 'passed' }));
    expect(summary([afterAnotherTry(report(broken), again)], true)).toBe('1 passed, 0 failed');
  });

  it('counts as it came out then', () => {
    const first = report(file(VOICE, { 'a call begins': 'failed', 'a call ends': 'passed' }));
    const passed = afterAnotherTry(first, report(file(VOICE, { 'a call begins': 'passed', 'a call ends': 'skipped' })));
    expect(isClean(passed)).toBe(true);
    expect(summary([passed], true)).toBe('2 passed, 0 failed');
    expect(passedAtLast([passed])).toEqual(['passed when tried again: a call begins (Error: late)']);
    expect(failures([passed])).toEqual([]);
    const failed = afterAnotherTry(first, report(file(VOICE, { 'a call begins': 'failed', 'a call ends': 'skipped' })));
    expect(isClean(failed)).toBe(false);
    expect(summary([failed], false)).toBe('1 passed, 1 failed');
    expect(failures([failed])).toEqual(['a call begins (Error: late)']);
  });

  it('has failed, where it was not tried again after all', () => {
    const first = report(file(VOICE, { 'a call begins': 'failed' }));
    const again = [undefined, report(), report(file(VOICE, { 'a call begins': 'skipped' }))];
    for (const one of again) expect(isClean(afterAnotherTry(first, one))).toBe(false);
  });
});

describe('nothing is tried again', () => {
  it('where nothing failed', () => {
    expect(triedAlone([report(file(VOICE, { 'a call begins': 'passed' }))])).toBeUndefined();
  });

  it('where a unit test failed, many did, or a run never came to its end', () => {
    const failed = report(file(VOICE, { 'a call begins': 'failed' }));
    expect(triedAlone([failed, report(file(UNIT, { words: 'failed' }))])).toBeUndefined();
    const many = Object.fromEntries(Array.from({ length: 7 }, (_, index) => [`call ${index}`, 'failed']));
    expect(triedAlone([report(file(VOICE, many))])).toBeUndefined();
    expect(triedAlone([failed, undefined])).toBeUndefined();
    expect(isClean(undefined)).toBe(false);
  });
});

it('a run that failed in no test is still told as a failure', () => {
  expect(summary([report(file(UNIT, { words: 'passed', others: 'skipped' }))], false)).toBe(
    '1 passed, 1 failed, 1 skipped',
  );
});
