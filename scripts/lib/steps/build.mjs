import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from '../exec.mjs';
import { explainOutput, Failure } from '../failure.mjs';
import { fingerprint, listFiles, readIfThere } from '../fingerprint.mjs';

const PROGRAMS = ['agent', 'token-server', 'local-providers', 'bench', 'wire'];

/** What is compiled from what. A part is stale when its sources' content differs, or when something it makes is missing. */
const PARTS = [
  {
    name: 'programs',
    sources: [...PROGRAMS, 'tsconfig.json', 'package-lock.json'],
    makes: ['agent/main.js', 'token-server/main.js', 'local-providers/main.js'],
    commands: [[tool('typescript/bin/tsc'), '-p', '.']],
    // tsc would skip files whose output was deleted, and keeps outputs whose source is gone.
    before: (dist) => rmSync(join(dist, '.tsbuildinfo'), { force: true }),
    after: removeOrphans,
  },
  {
    name: 'vocabulary',
    sources: [...PROGRAMS, 'tsconfig.json', 'package-lock.json'],
    makes: ['vocabulary.json'],
    commands: [['dist/agent/export-vocabulary.js', 'dist/vocabulary.json']],
  },
  {
    name: 'web client',
    sources: ['web-client', 'wire', 'package-lock.json'],
    makes: ['web-client/index.html'],
    commands: [[tool('vite/bin/vite.js'), 'build', '--config', 'web-client/vite.config.ts', '--logLevel', 'warn']],
  },
];

function removeOrphans(root, dist) {
  for (const output of listFiles(dist, PROGRAMS)) {
    const source = output.replace(/\.js(\.map)?$/, '.ts');
    if (source !== output && !existsSync(join(root, source))) rmSync(join(dist, output));
  }
}

function tool(path) {
  return `node_modules/${path}`;
}

/** dist/, from the sources. In an image that holds dist/ alone there is nothing to compare and nothing to do. */
export function buildStep({ root, env, say }) {
  const dist = join(root, 'dist');
  const stampPath = ({ name }) => join(dist, `.built-${name.replace(' ', '-')}`);
  const isFresh = (part) => {
    if (!part.makes.every((file) => existsSync(join(dist, file)))) return false;
    const files = listFiles(root, part.sources);
    if (!files.some((file) => file.includes('/'))) return true;
    return readIfThere(stampPath(part)) === fingerprint(root, files);
  };
  return {
    name: 'build',
    isDone: () => PARTS.every(isFresh),
    async make() {
      const stale = PARTS.filter((part) => !isFresh(part));
      say(`Build: ${stale.map(({ name }) => name).join(', ')}`);
      mkdirSync(dist, { recursive: true });
      for (const part of stale) {
        const print = fingerprint(root, listFiles(root, part.sources));
        rmSync(stampPath(part), { force: true });
        part.before?.(dist);
        for (const args of part.commands) await compile(part.name, args);
        part.after?.(root, dist);
        writeFileSync(stampPath(part), print);
      }
    },
  };

  async function compile(name, args) {
    const { code, lines } = await run(process.execPath, args, { cwd: root, env, label: name, say });
    if (code === 0) return;
    const why = explainOutput(lines);
    throw new Failure(
      `The ${name} could not be built${why === undefined ? '; what the compiler said is above. Correct it' : `: ${why}`}, then start again.`,
      { details: lines },
    );
  }
}
