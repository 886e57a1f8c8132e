/** What Vitest's reports in JSON say, and what the last of them change. */

/** Longest message of a failure in what is told of it. */
const MESSAGE_MAX = 300;
const SYSTEM_TEST = /\.system\.test\.ts$/;
/** More than this many failed tests are no accident of the machine. */
const MOST_AGAIN = 6;
/** How Vitest calls tests that were not run. */
const LEFT_OUT = ['pending', 'skipped', 'todo'];

/**
 * What is worth another try with nothing beside it: system tests, if there are few, and if nothing else has failed.
 * @param reports - Vitest's, `undefined` for a run that wrote none.
 * @returns Vitest's arguments for them alone, or `undefined` where there are none.
 */
export function triedAlone(reports) {
  if (reports.some((report) => report === undefined)) return undefined;
  const files = filesOf(reports).filter(({ status }) => status === 'failed');
  if (files.length === 0 || !files.every(({ name }) => SYSTEM_TEST.test(name))) return undefined;
  const failed = files.flatMap(failuresOf);
  if (Math.max(files.length, failed.length) > MOST_AGAIN) return undefined;
  const paths = files.map(({ name }) => name);
  // A file that could not even begin is tried whole.
  if (files.some((file) => failuresOf(file).length === 0)) return paths;
  return [...paths, '--testNamePattern', `^(${failed.map(({ fullName }) => literally(fullName)).join('|')})$`];
}

/** @returns A report in which what failed is as it came out when it was tried again; what was not, as it was. */
export function afterAnotherTry(report, again) {
  const testResults = report.testResults.map((file) => {
    const same = again?.testResults.find(({ name }) => name === file.name);
    if (file.status !== 'failed' || same === undefined) return file;
    if (failuresOf(file).length === 0) return same;
    const assertionResults = file.assertionResults.map((test) => {
      const tried = test.status === 'failed' && same.assertionResults.find((other) => isThatTried(other, test));
      // Why it failed first is told at the end, too.
      return tried ? { ...tried, failureMessages: [...test.failureMessages, ...tried.failureMessages] } : test;
    });
    return { ...file, assertionResults, status: failuresOf({ assertionResults }).length > 0 ? 'failed' : 'passed' };
  });
  return { ...report, testResults };
}

/** Whether nothing has failed in it. */
export function isClean(report) {
  return report?.testResults.every(({ status }) => status !== 'failed') ?? false;
}

/** @returns A line for each test that passed only when it was tried again, with what failed first: Vitest keeps that. */
export function passedAtLast(reports) {
  return testsOf(reports)
    .filter(({ status, failureMessages }) => status === 'passed' && failureMessages.length > 0)
    .map((test) => `passed when tried again: ${told(test)}`);
}

/** @returns A line for each test that failed, and for each file that could not begin. */
export function failures(reports) {
  return filesOf(reports)
    .filter(({ status }) => status === 'failed')
    .flatMap((file) => {
      const failed = failuresOf(file);
      return failed.length > 0 ? failed.map(told) : [`${file.name} (${briefly(file.message ?? '')})`];
    });
}

/** @returns `N passed, N failed`. A file that cannot even be loaded has no tests to count; it counts as one that failed. */
export function summary(reports, isGood) {
  const tests = testsOf(reports);
  const count = (...wanted) => tests.filter(({ status }) => wanted.includes(status)).length;
  const broken = filesOf(reports).filter((file) => file.status === 'failed' && failuresOf(file).length === 0).length;
  const failed = count('failed') + broken;
  const skipped = count(...LEFT_OUT);
  return `${count('passed')} passed, ${isGood ? failed : Math.max(1, failed)} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

function filesOf(reports) {
  return reports.flatMap((report) => report?.testResults ?? []);
}

function testsOf(reports) {
  return filesOf(reports).flatMap(({ assertionResults }) => assertionResults);
}

function isThatTried({ fullName, status }, test) {
  return fullName === test.fullName && !LEFT_OUT.includes(status);
}

function failuresOf({ assertionResults }) {
  return assertionResults.filter(({ status }) => status === 'failed');
}

function told({ fullName, failureMessages: [first = ''] }) {
  return `${fullName} (${briefly(first)})`;
}

/** A failure's message without its stack, and the line of the test that it came from, on one line. */
function briefly(failure) {
  const [said = '', ...stack] = failure.split(/\n\s+at /);
  const from = stack
    .map((frame) => /[/\\](test[/\\]\S+?\.ts:\d+)/.exec(frame)?.[1])
    .find((place) => place !== undefined);
  return [said.replaceAll(/\s+/g, ' ').slice(0, MESSAGE_MAX), ...(from === undefined ? [] : [from])].join(', ');
}

function literally(text) {
  return text.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
}
