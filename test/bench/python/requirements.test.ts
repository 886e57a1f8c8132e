/** What the arms written in Python are made of: packages of one version each, and one word on which both sides agree. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { PYTHON_ARM_KINDS, programOf, requirementsOf } from '../../../bench/python/arms.js';

const PINNED = /^[A-Za-z0-9_.-]+==[0-9][0-9A-Za-z.]*( ; python_version (?:<|>=) '3\.\d+')?$/;

function linesOf(path: string): string[] {
  return readFileSync(path, 'utf8').trimEnd().split('\n');
}

describe.each(PYTHON_ARM_KINDS)('the arm %s', (kind) => {
  const packages = linesOf(requirementsOf(kind)).filter((line) => !line.startsWith('#'));

  it('names every package once, at one version', () => {
    for (const line of packages) expect(line).toMatch(PINNED);
    const names = packages.map((line) => line.split('==')[0]?.toLowerCase());
    expect(new Set(names).size).toBe(names.length);
  });

  it('says in its program that it is ready in the words that are waited for', () => {
    const program = programOf(kind).find((part) => part.endsWith('.py'));
    const [, ready = ''] = /^READY_LINE = "(.+)"$/m.exec(readFileSync(program ?? '', 'utf8')) ?? [];
    expect(readFileSync('bench/python/process.ts', 'utf8')).toContain(`const READY_LINE = '${ready}';`);
  });
});

it('has the versions that the benchmark names', () => {
  const livekit = linesOf(requirementsOf('livekit-python'));
  for (const part of ['agents', 'plugins-deepgram', 'plugins-openai', 'plugins-cartesia', 'plugins-silero']) {
    expect(livekit).toContain(`livekit-${part}==1.8.9`);
  }
  expect(linesOf(requirementsOf('pipecat'))).toContain('pipecat-ai==1.14.0');
});
