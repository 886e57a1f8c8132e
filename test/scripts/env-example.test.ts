import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { parseEnvFile } from '../../scripts/lib/env-file.mjs';

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), 'utf8');
const example = read('.env.example');
const uncommented = parseEnvFile(example.replaceAll(/^#(?=[A-Z])/gm, ''));
const inContainers = [...read('deploy/compose.yaml').matchAll(/\$\{([A-Z0-9_]+)/g)].map(([, name = '']) => name);

it('changes nothing when it is copied as it is', () => {
  expect(parseEnvFile(example)).toEqual({});
});

function settingsOf(path: string): string[] {
  return [...read(path).matchAll(/^ {2}([A-Z][A-Z0-9_]+): (?=\w+\(|z\b|\w+,?$)/gm)].map(([, name = '']) => name);
}

it.each(['agent/config/environment.ts', 'token-server/config.ts', 'local-providers/config.ts'])(
  'names every setting of %s',
  (path) => {
    const settings = settingsOf(path);
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
  expect(inContainers.length).toBeGreaterThan(20);
  expect(inContainers.filter((name) => !(name in uncommented))).toEqual([]);
});

it.each(['agent/config/environment.ts', 'token-server/config.ts'])('hands containers every setting of %s', (path) => {
  // Places in the image, and addresses that a container without a network of its own has as they are.
  const ofTheImage = ['ORDERS_DB', 'PHRASES_DIR', 'TURN_RECORDINGS', 'INTERNAL_HOST'];
  const known = new Set([...inContainers, ...ofTheImage]);
  expect(settingsOf(path).filter((name) => !known.has(name))).toEqual([]);
});

it('hands containers the settings of second and third providers', () => {
  const settings = ['DEEPGRAM', 'OPENAI', 'CARTESIA'].flatMap((vendor) =>
    ['API_KEY_2', 'BASE_URL_2', 'API_KEY_3', 'BASE_URL_3'].map((name) => `${vendor}_${name}`),
  );
  expect(settings.filter((name) => !inContainers.includes(name))).toEqual([]);
});
