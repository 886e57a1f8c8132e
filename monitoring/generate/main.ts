/** Writes dashboards, rules and rule tests; with `--check` only says which differ from what the tables say. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { outputs } from './outputs.js';

const HELP = `Usage: npm run dashboards [-- --check]

Writes monitoring/grafana/dashboards, monitoring/prometheus/rules and monitoring/prometheus/tests from the table of metric names
and the profile table. --check writes nothing and fails when a file differs.`;

/** npm runs scripts in the project's folder. */
const FOLDER = 'monitoring';

function read(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}

const { values } = parseArgs({ options: { check: { type: 'boolean' }, help: { type: 'boolean' } } });
if (values.help) {
  process.stdout.write(`${HELP}\n`);
} else {
  for (const { path, text } of outputs()) {
    const file = join(FOLDER, path);
    if (read(file) === text) continue;
    if (values.check) {
      process.stderr.write(`${file} is not what the tables say. Run \`npm run dashboards\`, then commit it.\n`);
      process.exitCode = 1;
    } else {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, text);
      process.stdout.write(`${file}\n`);
    }
  }
}
