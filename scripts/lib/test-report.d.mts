export interface TriedTest {
  readonly fullName: string;
  readonly status: string;
  readonly failureMessages: readonly string[];
}

export interface TestedFile {
  readonly name: string;
  readonly status: string;
  /** Why a file could not even begin. */
  readonly message?: string;
  readonly assertionResults: readonly TriedTest[];
}

export interface TestReport {
  readonly testResults: readonly TestedFile[];
}

export function triedAlone(reports: readonly (TestReport | undefined)[]): string[] | undefined;
export function afterAnotherTry(report: TestReport, again: TestReport | undefined): TestReport;
export function isClean(report: TestReport | undefined): boolean;
export function passedAtLast(reports: readonly (TestReport | undefined)[]): string[];
export function failures(reports: readonly (TestReport | undefined)[]): string[];
export function summary(reports: readonly (TestReport | undefined)[], isGood: boolean): string;
