/** Reads Prometheus text: enough to see what was counted. */

/** Sum over all label sets of a series such as `turnwise_response_seconds_count`; 0 when there is none. */
export async function readMetric(metricsUrl: string, series: string): Promise<number> {
  const text = await (await fetch(metricsUrl)).text();
  return text
    .split('\n')
    .filter((line) => line.startsWith(`${series}{`) || line.startsWith(`${series} `))
    .reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
}
