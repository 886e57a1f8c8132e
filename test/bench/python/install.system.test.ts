/** Installing and starting arms, with a stand-in for Python: what is asked of it, and what is said when it fails. */
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { z } from 'zod';
import { environmentOf, type PythonArmKind } from '../../../bench/python/arms.js';
import { ensurePythonArm, installedPython } from '../../../bench/python/install.js';
import { startPythonArm } from '../../../bench/python/process.js';

const SETTINGS = {
  LIVEKIT_URL: 'ws://127.0.0.1:1',
  LIVEKIT_API_KEY: 'devkey',
  LIVEKIT_API_SECRET: 's'.repeat(40),
  LIVEKIT_AGENT_NAME: 'arm',
  DEEPGRAM_API_KEY: 'local:arm',
  DEEPGRAM_BASE_URL: 'http://127.0.0.1:1',
  OPENAI_API_KEY: 'local:arm',
  OPENAI_BASE_URL: 'http://127.0.0.1:1/v1',
  CARTESIA_API_KEY: 'local:arm',
  CARTESIA_BASE_URL: 'http://127.0.0.1:1',
};
const { signal } = new AbortController();

let folder: string;
let python: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'turnwise-python-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  python = join(folder, 'python');
  vi.stubEnv('TURNWISE_CACHE_DIR', join(folder, 'cache'));
  vi.stubEnv('PYTHON', python);
  onTestFinished(() => void vi.unstubAllEnvs());
});

interface StandIn {
  readonly probe?: string;
  readonly pip?: string;
  /** What the arm's program does. */
  readonly program?: string;
}

/** Shell in place of Python; `calls` has a line for each time pip was asked. */
async function standIn({ probe = 'exit 0', pip = 'exit 0', program = 'exit 1' }: StandIn): Promise<void> {
  const lines = [
    '#!/bin/sh',
    'case "$1 $2" in',
    `"-c "*) ${probe};;`,
    '"-m venv") mkdir -p "$3/bin" && cp "$0" "$3/bin/python";;',
    `"-m pip") echo "$3" >> ${folder}/calls; ${pip};;`,
    `*) ${program};;`,
    'esac',
  ];
  await writeFile(python, `${lines.join('\n')}\n`);
  await chmod(python, 0o755);
}

async function install(kind: PythonArmKind): Promise<string[]> {
  const told: string[] = [];
  await ensurePythonArm(kind, { signal, tell: (line) => told.push(line) });
  return told;
}

describe('installing an arm', () => {
  it('is done once, and tells how far it is', async () => {
    await standIn({ pip: 'echo "Collecting aiohttp==3.14.5"; echo "Collecting yarl==1.25.1 (from x)"' });
    expect(installedPython('pipecat')).toBeUndefined();
    const told = await install('pipecat');
    expect(told.join('\n')).toMatch(/pipecat: 1 of \d\d: aiohttp==3\.14\.5\npipecat: 2 of \d\d: yarl==1\.25\.1/);
    expect(installedPython('pipecat')).toBe(join(environmentOf('pipecat'), 'bin/python'));
    expect(await install('pipecat')).toEqual([]);
    expect(await readFile(join(folder, 'calls'), 'utf8')).toBe('install\ncheck\n');
  });

  it('is done again when other packages are asked for', async () => {
    await standIn({});
    await install('pipecat');
    const record = join(environmentOf('pipecat'), 'turnwise.json');
    await writeFile(record, JSON.stringify({ schema: 1, requirementsSha256: 'of other packages' }));
    expect(installedPython('pipecat')).toBeUndefined();
    expect((await install('pipecat')).at(-1)).toBe('pipecat: installed');
  });

  it('says which Python is needed, and how to do without', async () => {
    await standIn({ probe: 'exit 1' });
    await expect(install('pipecat')).rejects.toThrow(/need Python 3\.11 to 3\.14 .*or leave these arms out/);
    await rm(python);
    await expect(install('pipecat')).rejects.toThrow(/need Python 3\.11 to 3\.14/);
  });

  it('tells in its own words why it failed, and is not taken for done', async () => {
    await standIn({ pip: 'echo "ERROR: No matching distribution found for pipecat-ai" >&2; exit 1' });
    await expect(install('pipecat')).rejects.toThrow(/could not be installed[\s\S]*No matching distribution found/);
    expect(installedPython('pipecat')).toBeUndefined();
  });
});

describe('starting an arm', () => {
  it('asks for the packages first', async () => {
    await expect(startPythonArm('livekit-python', SETTINGS, signal)).rejects.toThrow(
      /not installed\. Run node dist\/bench\/python\/main\.js livekit-python/,
    );
  });

  it('tells in its own words why it did not start', async () => {
    await standIn({ program: 'echo "no such plugin" >&2; exit 3' });
    await install('livekit-python');
    await expect(startPythonArm('livekit-python', SETTINGS, signal)).rejects.toThrow(/did not start\.\nno such plugin/);
  });

  it('starts as many processes of Pipecat as shall wait, and calls each in turn', async () => {
    await standIn({ program: 'echo python arm ready; while read line; do echo "$$ $line"; done' });
    await install('pipecat');
    const arm = await startPythonArm('pipecat', { ...SETTINGS, STOCK_WARM_PROCESSES: '2' }, signal);
    onTestFinished(() => arm.close());
    for (const room of ['room-1', 'room-2', 'room-3']) await arm.invite(room);
    await vi.waitFor(() => expect(arm.lines).toHaveLength(5));
    const processOf = (room: string): string | undefined =>
      arm.lines.find((line) => line.includes(`"${room}"`))?.split(' ')[0];
    expect(processOf('room-1')).toBe(processOf('room-3'));
    expect(processOf('room-1')).not.toBe(processOf('room-2'));
  });

  it('hands Pipecat a room and a token of an agent, a line each, until it has ended', async () => {
    await standIn({ program: 'echo python arm ready; exec cat' });
    await install('pipecat');
    const arm = await startPythonArm('pipecat', SETTINGS, signal);
    onTestFinished(() => arm.close());
    expect(arm.agentName).toBeUndefined();
    await arm.invite('room-1');
    await arm.invite('room-2');
    await vi.waitFor(() => expect(arm.lines).toHaveLength(3));
    const Line = z.object({ room: z.string(), token: z.string() });
    const [first, second] = arm.lines.slice(1).map((line) => Line.parse(JSON.parse(line)));
    expect([first?.room, second?.room]).toEqual(['room-1', 'room-2']);
    const claims: unknown = JSON.parse(Buffer.from(first?.token.split('.')[1] ?? '', 'base64url').toString());
    expect(claims).toMatchObject({ kind: 'agent', video: { room: 'room-1', roomJoin: true, canPublish: true } });
    await arm.close();
    await arm.close();
    await expect(arm.invite('room-3')).rejects.toThrow(/has ended/);
  });
});
