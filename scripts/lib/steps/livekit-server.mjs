import { chmodSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { download, fetchText } from '../download.mjs';
import { findOnPath, isExecutable, run } from '../exec.mjs';
import { explain, explainOutput, Failure } from '../failure.mjs';
import { temporaryBeside, withTemporary } from '../temporary.mjs';

export const LIVEKIT_SERVER_VERSION = '1.13.5';
const RELEASES = 'https://github.com/livekit/livekit/releases/download';
const GO_PACKAGE = `github.com/livekit/livekit-server/cmd/server@v${LIVEKIT_SERVER_VERSION}`;
const IMAGE = `livekit/livekit-server:v${LIVEKIT_SERVER_VERSION}`;
/** Older ones cannot fetch the toolchain that livekit-server asks for. */
const GO_MINOR_MIN = 21;
const EXE = process.platform === 'win32' ? '.exe' : '';

/**
 * Where livekit-server is on this machine, or undefined: LIVEKIT_SERVER_BIN, then PATH, then the cache.
 * @returns {{ kind: 'binary', path: string } | { kind: 'image', docker: string, image: string } | undefined}
 * @throws {Failure} when LIVEKIT_SERVER_BIN names no program: what was asked for is not silently replaced.
 */
export function findLivekitServer(env, cache) {
  const named = env.LIVEKIT_SERVER_BIN;
  if (named !== undefined) {
    if (isExecutable(named)) return { kind: 'binary', path: named };
    throw new Failure(`LIVEKIT_SERVER_BIN (${named}) is not a program. Correct or remove it, then start again.`);
  }
  const onPath = findOnPath('livekit-server', env);
  if (onPath !== undefined) return { kind: 'binary', path: onPath };
  const { binary, imageMark } = cachePaths(cache);
  if (isExecutable(binary)) return { kind: 'binary', path: binary };
  if (!existsSync(imageMark)) return undefined;
  const docker = findOnPath('docker', env);
  return docker === undefined ? undefined : { kind: 'image', docker, image: readFileSync(imageMark, 'utf8').trim() };
}

function cachePaths(cache) {
  const base = join(cache, 'bin', `livekit-server-v${LIVEKIT_SERVER_VERSION}`);
  return { binary: `${base}${EXE}`, imageMark: `${base}.image` };
}

/** The SFU: the official release, else compiled from its sources, else an image. */
export function livekitServerStep({ env, cache, say }) {
  return {
    name: 'livekit-server',
    isDone: () => findLivekitServer(env, cache) !== undefined,
    async make() {
      mkdirSync(join(cache, 'bin'), { recursive: true });
      const tried = [];
      for (const [what, way, next] of [
        [`release v${LIVEKIT_SERVER_VERSION}`, fromRelease, 'compiling it with go'],
        ['go install', fromSources, 'a Docker image'],
        ['Docker image', fromImage, undefined],
      ]) {
        try {
          await way({ env, say, ...cachePaths(cache) });
          return;
        } catch (error) {
          const why = error instanceof Failure ? error.message : explain(error);
          if (why === undefined) throw error;
          // A full disk is no reason to try a larger thing.
          if (/disk|may not write|read-only/.test(why)) throw new Failure(`livekit-server: ${why}.`, { cause: error });
          for (const line of error.details ?? []) say(`  | ${line}`);
          say(`livekit-server: ${what}: ${why}${next === undefined ? '' : `; next: ${next}`}`);
          tried.push(what);
        }
      }
      throw new Failure(
        `livekit-server v${LIVEKIT_SERVER_VERSION} could not be had (tried: ${tried.join(', ')}; reasons above). ` +
          'Put it on PATH or set LIVEKIT_SERVER_BIN, install Go (https://go.dev/dl), or set LIVEKIT_URL in .env to a running SFU; then start again.',
      );
    },
  };
}

async function fromRelease({ env, say, binary }) {
  const system = { linux: 'linux', win32: 'windows' }[process.platform];
  const machine = { x64: 'amd64', arm64: 'arm64', arm: 'armv7' }[process.arch];
  if (system === undefined || machine === undefined) {
    throw new Failure(
      `there is none for ${process.platform} ${process.arch} (on a Mac, \`brew install livekit\` is quicker)`,
    );
  }
  // LIVEKIT_SERVER_RELEASES names a mirror with the same folders.
  const base = `${env.LIVEKIT_SERVER_RELEASES ?? RELEASES}/v${LIVEKIT_SERVER_VERSION}`;
  const file = `livekit_${LIVEKIT_SERVER_VERSION}_${system}_${machine}.${system === 'windows' ? 'zip' : 'tar.gz'}`;
  say(`livekit-server: fetching the official release v${LIVEKIT_SERVER_VERSION}`);
  const sums = await fetchText(`${base}/checksums.txt`);
  const sha256 = sums
    .split('\n')
    .map((line) => line.trim().split(/\s+\*?/))
    .find(([, name]) => name === file)?.[0];
  if (!/^[0-9a-f]{64}$/.test(sha256 ?? '')) throw new Failure(`checksums.txt has no SHA-256 for ${file}`);
  await withTemporary(`${binary}-release`, async (folder) => {
    mkdirSync(folder);
    const archive = join(folder, file);
    await download(`${base}/${file}`, { path: archive, sha256, label: 'livekit-server', say });
    const { code, lines } = await run('tar', ['-xf', archive, '-C', folder], { env });
    if (code !== 0) throw new Failure(explainOutput(lines) ?? `${file} could not be unpacked`, { details: lines });
    await keep(join(folder, `livekit-server${EXE}`), binary, env);
  });
}

async function fromSources({ env, say, binary }) {
  const version = await run('go', ['version'], { env, timeoutMs: 20_000 });
  const [, minor] = /go1\.(\d+)/.exec(version.stdout) ?? [];
  if (version.code !== 0 || minor === undefined) {
    throw new Failure('Go was not found on PATH (https://go.dev/dl; 1.21 or newer, no root needed)');
  }
  if (Number(minor) < GO_MINOR_MIN) throw new Failure(`Go 1.${minor} is too old; 1.${GO_MINOR_MIN} or newer is needed`);
  say('livekit-server: compiling it with go, once (4 to 5 minutes on two cores)');
  let fetched = 0;
  let compiled = 0;
  await withTemporary(`${binary}-go`, async (folder) => {
    mkdirSync(folder);
    const { code, lines } = await run('go', ['install', '-v', GO_PACKAGE], {
      cwd: folder,
      env: { ...env, GOBIN: folder, GOWORK: 'off', CGO_ENABLED: '0' },
      label: 'livekit-server',
      onLine: (line) => {
        if (line.startsWith('go: downloading')) fetched += 1;
        else if (/^[a-z0-9./_-]+$/i.test(line)) compiled += 1;
      },
      phase: () => (compiled === 0 ? `fetching sources (${fetched} modules)` : `compiling (${compiled} packages done)`),
      say,
    });
    if (code !== 0) {
      const why = explainOutput(lines);
      throw new Failure(why ?? 'go could not build it', { details: why === undefined ? lines : [] });
    }
    await keep(join(folder, `server${EXE}`), binary, env);
  });
}

async function fromImage({ env, say, imageMark }) {
  const docker = findOnPath('docker', env);
  if (docker === undefined) throw new Failure('Docker was not found on PATH');
  say(`livekit-server: pulling ${IMAGE}`);
  const { code, lines } = await run(docker, ['pull', IMAGE], { env, label: 'livekit-server', say });
  if (code !== 0) throw new Failure(`the image could not be pulled (${lines.at(-1) ?? `code ${code}`})`);
  const temporary = temporaryBeside(imageMark);
  writeFileSync(temporary, `${IMAGE}\n`);
  renameSync(temporary, imageMark);
}

/** Takes a fresh binary into the cache once it has shown that it runs here and is the version that it should be. */
async function keep(fresh, binary, env) {
  chmodSync(fresh, 0o755);
  const { code, stdout, lines } = await run(fresh, ['--version'], { env, timeoutMs: 20_000 });
  if (code !== 0 || !stdout.includes(LIVEKIT_SERVER_VERSION)) {
    throw new Failure(`the program does not run here (${lines.at(-1) ?? `code ${code}`})`);
  }
  rmSync(binary, { force: true });
  renameSync(fresh, binary);
}
