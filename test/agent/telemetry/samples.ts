/** Finds samples in Prometheus' text form. */
import type { Metrics } from '../../../agent/telemetry/metrics.js';

const partsOf = (sampleName: string) =>
  sampleName
    .split(/[{},]/)
    .filter((part) => part !== '')
    .sort()
    .join();

/** The value of one sample, found by its name and labels in whatever order; `undefined` when there is none. */
export async function sample(of: Metrics, wanted: string): Promise<number | undefined> {
  const lines = (await of.text()).split('\n').filter((line) => !line.startsWith('#'));
  const found = lines.find((line) => partsOf(line.slice(0, line.lastIndexOf(' '))) === partsOf(wanted));
  return found === undefined ? undefined : Number(found.slice(found.lastIndexOf(' ') + 1));
}

/** All lines of a metric's samples. @param name - As it begins the line: of a histogram's counts `..._count`. */
export async function samplesOf(of: Metrics, name: string): Promise<string[]> {
  return (await of.text()).split('\n').filter((line) => line.startsWith(`${name}{`));
}
