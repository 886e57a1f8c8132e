import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseEnvFile } from '../../scripts/lib/env-file.mjs';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const example = read('.env.example');
const uncommented = parseEnvFile(example.replaceAll(/^#(?=[A-Z])/gm, ''));

it('changes nothing when it is copied as it is', () => {
  expect(parseEnvFile(example)).toEqual({});
});

it.each(['agent/config/environment.ts', 'token-server/config.ts', 'local-providers/config.ts'])(
  'names every setting of %s',
  (path) => {
    const settings = [...read(path).matchAll(/^ {2}([A-Z][A-Z0-9_]+): (?=\w+\(|z\b|\w+,?$)/gm)].map(
      ([, name = '']) => name,
    );
    expect(settings.length).toBeGreaterThan(5);
    expect(settings.filter((name) => !(name in uncommented))).toEqual([]);
  },
);

it('names every setting of the scripts', () => {
  const sources = ['plan', 'paths', 'steps/livekit-server', 'steps/speech', 'steps/chromium'].map((name) =>
    read(`scripts/lib/${name}.mjs`),
  );
  const settings = sources.flatMap((source) => [
    ...[...source.matchAll(/\benv\.([A-Z][A-Z0-9_]+)/g)].map(([, name = '']) => name),
    ...[...source.matchAll(/name: '([A-Z_]+_PORT)'/g)].map(([, name = '']) => name),
  ]);
  // Not for people: TURNWISE_ROOT is how the tests set up copies of the project.
  const known = new Set([...Object.keys(uncommented), 'TURNWISE_ROOT', 'PATH']);
  expect([...new Set(settings)].filter((name) => !known.has(name))).toEqual([]);
});

it('names every setting that the containers take', () => {
  const settings = [...read('deploy/compose.yaml').matchAll(/\$\{([A-Z_]+)/g)].map(([, name = '']) => name);
  expect(settings.length).toBeGreaterThan(20);
  expect(settings.filter((name) => !(name in uncommented))).toEqual([]);
});
