import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { claimPorts } from '../../scripts/lib/ports.mjs';
import { Releases, SpeechIndex } from './download-servers.js';
import { makeFolder, PROJECT, runScript, Script } from './support.js';

const SETUP = join(PROJECT, 'scripts/setup.mjs');
const SERVER = 'bin/livekit-server-v1.13.5';
/** An address where nothing listens: the network that is not there. */
let nowhere: string;
beforeAll(async () => {
  const { ports } = await claimPorts([{ name: 'nobody', port: 0 }]);
  nowhere = `http://127.0.0.1:${ports.nobody}`;
});

/** A project without sources and packages, as in an image: what setup sees is what a test puts in. */
const SMALL_PROJECT = {
  'package.json': '{"name":"small","version":"1.0.0"}',
  'package-lock.json':
    '{"name":"small","version":"1.0.0","lockfileVersion":3,"requires":true,"packages":{"":{"name":"small","version":"1.0.0"}}}',
  'scripts/speech-requirements.txt': readFileSync(join(PROJECT, 'scripts/speech-requirements.txt'), 'utf8'),
  'dist/agent/main.js': '',
  'dist/token-server/main.js': '',
  'dist/local-providers/main.js': '',
  'dist/vocabulary.json': '{}',
  'dist/web-client/index.html': '',
  // Programs of which there is but one here: PATH for tests that must not find others.
  'path/.keep': '',
};
const WITH_KEY = { DEEPGRAM_API_KEY: 'k' };
const WITH_SFU = { LIVEKIT_URL: 'ws://127.0.0.1:1' };

let folder: Awaited<ReturnType<typeof makeFolder>>;
let cache: string;
beforeEach(async () => {
  folder = await makeFolder(SMALL_PROJECT);
  cache = join(folder.path, '.cache');
  for (const name of ['tar', 'gzip', 'sh']) {
    const path = ['/usr/bin', '/bin'].map((bin) => join(bin, name)).find((file) => existsSync(file));
    if (path !== undefined) symlinkSync(path, join(folder.path, 'path', name));
  }
});
afterEach(() => folder.remove());

function environment(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return {
    TURNWISE_ROOT: folder.path,
    npm_config_cache: join(folder.path, 'npm-cache'),
    npm_config_registry: nowhere,
    npm_config_fetch_retries: '0',
    npm_config_update_notifier: 'false',
    PIP_RETRIES: '0',
    ...env,
  };
}
const setup = (purpose: string, env: NodeJS.ProcessEnv = {}) => runScript([SETUP, '--for', purpose], environment(env));
const leftovers = (path: string): string[] =>
  existsSync(path)
    ? readdirSync(path, { recursive: true })
        .map(String)
        .filter((name) => /\.tmp-|\.lock/.test(name))
    : [];

describe('setup', () => {
  it('refuses an old Node in one line', async () => {
    const old = "data:text/javascript,Object.defineProperty(process.versions,'node',{value:'20.18.3'})";
    const { code, stderr } = await runScript(['--import', old, SETUP, '--for', 'check'], environment({}));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^turnwise: Node\.js 20\.18\.3 is too old; 20\.19 or newer is needed .*\n$/);
  });

  it('names the commands it knows', async () => {
    const { code, stderr } = await setup('lunch');
    expect(code).toBe(1);
    expect(stderr).toMatch(/^turnwise: --for lunch is not known; it is one of start, test, .*\n$/);
  });

  it('installs packages once, again when the lock changes, and is quick and quiet in between', async () => {
    expect((await setup('check')).stdout).toContain('Packages: npm ci');
    const startedAtMs = performance.now();
    expect(await setup('check')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(performance.now() - startedAtMs).toBeLessThan(2_000);
    await writeFile(
      join(folder.path, 'package-lock.json'),
      SMALL_PROJECT['package-lock.json'].replaceAll('1.0.0', '1.0.1'),
    );
    await writeFile(join(folder.path, 'package.json'), '{"name":"small","version":"1.0.1"}');
    expect((await setup('check')).code).toBe(0);
    expect(await setup('check')).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(leftovers(cache)).toEqual([]);
  });

  it('says in one line that packages cannot be fetched, and leaves no half node_modules', async () => {
    const locked = JSON.parse(SMALL_PROJECT['package-lock.json']);
    locked.packages[''].dependencies = { left: '1.0.0' };
    locked.packages['node_modules/left'] = { version: '1.0.0', resolved: `${nowhere}/left.tgz` };
    await writeFile(join(folder.path, 'package-lock.json'), JSON.stringify(locked));
    await writeFile(
      join(folder.path, 'package.json'),
      '{"name":"small","version":"1.0.0","dependencies":{"left":"1.0.0"}}',
    );
    const { code, stderr } = await setup('check');
    expect(code).toBe(1);
    expect(stderr).toMatch(
      /turnwise: The packages could not be installed: no connection \(ECONNREFUSED\)\. Check the network, then start again\.\n$/,
    );
    expect(existsSync(join(folder.path, 'node_modules'))).toBe(false);
  });
});

it('says that package.json and its lock do not agree', async () => {
  const dependencies = { left: 'file:./left' };
  await writeFile(join(folder.path, 'package.json'), JSON.stringify({ name: 'small', version: '1.0.0', dependencies }));
  mkdirSync(join(folder.path, 'left'));
  await writeFile(join(folder.path, 'left/package.json'), '{"name":"left","version":"1.0.0"}');
  const { code, stderr } = await setup('check');
  expect(code).toBe(1);
  expect(stderr).toBe(
    'turnwise: package.json and package-lock.json do not agree. Run `npm install`, then start again.\n',
  );
});

describe('livekit-server', () => {
  let releases: Releases;
  beforeEach(async () => {
    releases = await Releases.open(folder.path);
  });
  afterEach(() => releases.close());
  const env = () => ({ ...WITH_KEY, LIVEKIT_SERVER_RELEASES: releases.url, PATH: join(folder.path, 'path') });
  /** npm needs its own PATH, so packages come first. */
  const prepared = () => setup('check');

  it('is taken from LIVEKIT_SERVER_BIN and from PATH before anything is fetched', async () => {
    await prepared();
    const bin = releases.program;
    expect(await setup('start', { ...env(), LIVEKIT_SERVER_BIN: bin })).toMatchObject({ code: 0, stdout: '' });
    symlinkSync(bin, join(folder.path, 'path/livekit-server'));
    expect(await setup('start', env())).toMatchObject({ code: 0, stdout: '' });
    expect(releases.asked).toEqual([]);
  });

  it('is not replaced in silence when LIVEKIT_SERVER_BIN is wrong', async () => {
    const { code, stderr } = await setup('start', { ...env(), LIVEKIT_SERVER_BIN: '/no/such/program' });
    expect(code).toBe(1);
    expect(stderr).toBe(
      'turnwise: LIVEKIT_SERVER_BIN (/no/such/program) is not a program. Correct or remove it, then start again.\n',
    );
  });

  it('is fetched once as the official release, and checked', async () => {
    await prepared();
    expect((await setup('start', env())).stdout).toContain('fetching the official release v1.13.5');
    expect(existsSync(join(cache, SERVER))).toBe(true);
    const asked = releases.asked.length;
    expect(await setup('start', env())).toEqual({ code: 0, stdout: '', stderr: '' });
    expect(releases.asked.length).toBe(asked);
    expect(leftovers(cache)).toEqual([]);
  });

  it('is not kept when it is not the file that the checksums promise; each further way is named', async () => {
    await prepared();
    releases.corrupt = true;
    const { code, stdout, stderr } = await setup('start', env());
    expect(code).toBe(1);
    expect(stdout).toMatch(/release v1\.13\.5: .* is not the file it should be .*; next: compiling it with go/);
    expect(stdout).toMatch(/go install: Go was not found on PATH .*; next: a Docker image/);
    expect(stdout).toContain('Docker image: Docker was not found on PATH');
    expect(stderr).toMatch(/^turnwise: livekit-server v1\.13\.5 could not be had .*set LIVEKIT_URL.*\n$/);
    expect(readdirSync(join(cache, 'bin'))).toEqual([]);
  });

  it('says so when there is no network at all', async () => {
    await prepared();
    const { code, stdout, stderr } = await setup('start', { ...env(), LIVEKIT_SERVER_RELEASES: nowhere });
    expect(code).toBe(1);
    expect(stdout).toContain('release v1.13.5: no connection (ECONNREFUSED); next: compiling it with go');
    expect(stderr.trim().split('\n')).toHaveLength(1);
  });

  it('comes whole after a setup that was killed in the middle', async () => {
    await prepared();
    releases.stallAfterBytes = 100;
    const first = new Script([SETUP, '--for', 'start'], environment(env()));
    await releases.whenStalled;
    await first.kill();
    expect(leftovers(cache).length).toBeGreaterThan(0);
    releases.stallAfterBytes = undefined;
    expect((await setup('start', env())).code).toBe(0);
    expect(existsSync(join(cache, SERVER))).toBe(true);
    expect(leftovers(cache)).toEqual([]);
  });

  it('leaves nothing half-done when a person stops it', async () => {
    await prepared();
    releases.stallAfterBytes = 100;
    const first = new Script([SETUP, '--for', 'start'], environment(env()));
    await releases.whenStalled;
    first.child.kill('SIGINT');
    expect(await first.whenEnded).toBe(130);
    expect(leftovers(cache)).toEqual([]);
    expect(readdirSync(join(cache, 'bin'))).toEqual([]);
  });

  it('is fetched once by two setups at the same time', async () => {
    await prepared();
    const [one, two] = await Promise.all([setup('start', env()), setup('start', env())]);
    expect([one.code, two.code]).toEqual([0, 0]);
    expect(releases.asked.filter((url) => url.endsWith('.tar.gz'))).toHaveLength(1);
  });

  it('is compiled with go where the release cannot be had', async () => {
    await prepared();
    const go = `#!/bin/sh
if [ "$1" = version ]; then echo 'go version go1.26.0 linux/amd64'; exit; fi
echo "go: downloading github.com/livekit/protocol v1" >&2
echo "github.com/livekit/livekit-server/pkg/rtc" >&2
/bin/cp ${releases.program} "$GOBIN/server"
`;
    writeFileSync(join(folder.path, 'path/go'), go, { mode: 0o755 });
    const { code, stdout } = await setup('start', { ...env(), LIVEKIT_SERVER_RELEASES: nowhere });
    expect(code).toBe(0);
    expect(stdout).toContain('compiling it with go, once (4 to 5 minutes on two cores)');
    expect(existsSync(join(cache, SERVER))).toBe(true);
  });

  const mountPoint = () => join(folder.path, 'full-disk');
  it.skipIf(!canMount())('gives one line on a full disk, and leaves nothing', async () => {
    await prepared();
    mkdirSync(mountPoint());
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', mountPoint()]);
    try {
      const { code, stderr } = await setup('start', { ...env(), TURNWISE_CACHE_DIR: mountPoint() });
      expect(code).toBe(1);
      expect(stderr).toMatch(
        /^turnwise: livekit-server: .*the disk is full; free some space, or set TURNWISE_CACHE_DIR .*\n$/,
      );
      expect(readdirSync(mountPoint(), { recursive: true })).toEqual(['bin']);
    } finally {
      execFileSync('umount', [mountPoint()]);
    }
  });
});

describe('speech engines', () => {
  let python: string;
  beforeEach(async () => {
    await setup('check');
    python = execFileSync('python3', ['-c', 'import sys; print(sys.executable)'], { encoding: 'utf8' }).trim();
  });
  const env = (more: NodeJS.ProcessEnv = {}) => ({ ...WITH_SFU, PYTHON: python, ...more });

  it('say in one line that the index is out of reach, and leave nothing', async () => {
    const { code, stderr } = await setup('start', env({ PIP_INDEX_URL: `${nowhere}/simple`, PIP_NO_CACHE_DIR: '1' }));
    expect(code).toBe(1);
    expect(stderr).toMatch(/^turnwise: The speech engines could not be installed: .*then start again\.\n$/);
    expect(readdirSync(cache)).toEqual([]);
  });

  it('are refused when the file is not the one that is pinned, with pip and without it', async () => {
    const index = await SpeechIndex.open(SMALL_PROJECT['scripts/speech-requirements.txt']);
    try {
      const withPip = await setup('start', env({ PIP_INDEX_URL: index.url, PIP_NO_CACHE_DIR: '1' }));
      expect(withPip.code).toBe(1);
      expect(withPip.stderr).toMatch(
        /turnwise: The speech engines that were downloaded are not the files they should be/,
      );
      execFileSync(python, ['-m', 'venv', '--without-pip', join(folder.path, 'bare')]);
      const bare = join(folder.path, 'bare/bin/python');
      const withoutPip = await setup('start', env({ PIP_INDEX_URL: index.url, PYTHON: bare }));
      expect(withoutPip.code).toBe(1);
      expect(withoutPip.stderr).toMatch(
        /^turnwise: The speech engines could not be installed: .* is not the file it should be .*\n$/,
      );
      expect(readdirSync(cache)).toEqual([]);
    } finally {
      index.close();
    }
  });

  it('name what to install when there is no Python', async () => {
    const { code, stderr } = await setup('start', { ...WITH_SFU, PATH: join(folder.path, 'path') });
    expect(code).toBe(1);
    expect(stderr).toMatch(/^turnwise: The speech engines need Python 3\.10 to 3\.13 .*apt-get install python3.*\n$/);
  });

  it('are not needed with a recogniser named in the environment', async () => {
    expect(await setup('start', { ...WITH_SFU, ...WITH_KEY })).toEqual({ code: 0, stdout: '', stderr: '' });
  });
});

describe('the build', () => {
  const page = '<!doctype html><title>page</title>';
  beforeEach(async () => {
    await rm(folder.path, { recursive: true });
    mkdirSync(folder.path);
    for (const name of ['package.json', 'package-lock.json', 'tsconfig.json']) {
      writeFileSync(join(folder.path, name), readFileSync(join(PROJECT, name)));
    }
    symlinkSync(join(PROJECT, 'node_modules'), join(folder.path, 'node_modules'));
    write('agent/main.ts', 'export const answer: number = 42;\n');
    write('agent/old.ts', 'export const old = true;\n');
    write(
      'agent/export-vocabulary.ts',
      "import { writeFileSync } from 'node:fs';\nwriteFileSync(process.argv[2] ?? '', '{}');\n",
    );
    write('token-server/main.ts', 'export {};\n');
    write('local-providers/main.ts', 'export {};\n');
    write('web-client/index.html', page);
    write(
      'web-client/vite.config.ts',
      "const here = (path: string) => new URL(path, import.meta.url).pathname;\nexport default { root: here('.'), build: { outDir: here('../dist/web-client'), emptyOutDir: true } };\n",
    );
  });
  const write = (name: string, content: string) => {
    mkdirSync(join(folder.path, name, '..'), { recursive: true });
    writeFileSync(join(folder.path, name), content);
  };
  const built = (name: string) => existsSync(join(folder.path, 'dist', name));

  it('makes what is missing, and nothing twice', async () => {
    expect(await setup('call')).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('programs, vocabulary, web client'),
    });
    expect(['agent/main.js', 'vocabulary.json', 'web-client/index.html'].map(built)).toEqual([true, true, true]);
    utimesSync(join(folder.path, 'agent/main.ts'), new Date(), new Date());
    expect(await setup('call')).toEqual({ code: 0, stdout: '', stderr: '' });
  });

  it('makes anew only what changed, and takes away what has no source any more', async () => {
    await setup('call');
    write('web-client/index.html', page.replace('page', 'new page'));
    expect((await setup('call')).stdout).toMatch(/^Build: web client\n/);
    await rm(join(folder.path, 'agent/old.ts'));
    expect((await setup('call')).stdout).toMatch(/^Build: programs, vocabulary\n/);
    expect(built('agent/old.js')).toBe(false);
    expect(built('agent/main.js')).toBe(true);
  });

  it('shows what the compiler says, and tries again the next time', async () => {
    write('agent/main.ts', "export const answer: number = 'forty-two';\n");
    const { code, stderr } = await setup('call');
    expect(code).toBe(1);
    expect(stderr).toContain('agent/main.ts(1,14): error TS2322');
    expect(stderr).toMatch(/turnwise: The programs could not be built; .*then start again\.\n$/);
    write('agent/main.ts', 'export const answer: number = 42;\n');
    expect((await setup('call')).code).toBe(0);
  });
});

function canMount(): boolean {
  return process.platform === 'linux' && process.getuid?.() === 0 && mountWorks();
}

function mountWorks(): boolean {
  try {
    execFileSync('unshare', ['-m', 'mount', '-t', 'tmpfs', '-o', 'size=4k', 'tmpfs', '/mnt'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
