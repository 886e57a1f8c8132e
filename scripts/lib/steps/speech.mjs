import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { download, fetchText } from '../download.mjs';
import { findOnPath, run } from '../exec.mjs';
import { explain, explainOutput, Failure, withNext } from '../failure.mjs';
import { fingerprint, readIfThere } from '../fingerprint.mjs';
import { temporaryBeside, withTemporary } from '../temporary.mjs';

const REQUIREMENTS = 'scripts/speech-requirements.txt';
const PROBE = `import importlib.util, json, platform, sys
print(json.dumps({"minor": sys.version_info[1] if sys.version_info[0] == 3 else 0, "path": sys.executable,
  "pip": importlib.util.find_spec("pip") is not None, "machine": platform.machine().lower(), "libc": platform.libc_ver()[0]}))`;
const PYTHON_MINOR_MIN = 9;

/**
 * The recogniser (pocketsphinx with its English model) as a folder of Python modules, and the Python it was installed for.
 * `engines.json` beside it is the record: `{"schema":1,"python":"/usr/bin/python3","requirementsSha256":"..."}`.
 * The synthesiser is an npm package and needs nothing.
 */
export function speechStep({ root, env, folder, say }) {
  const wanted = () => fingerprint(root, [REQUIREMENTS]);
  return {
    name: 'speech engines',
    isDone: () => {
      const record = readEngines(folder);
      return (
        record !== undefined &&
        record.requirementsSha256 === wanted() &&
        (env.PYTHON === undefined || env.PYTHON === record.python || env.PYTHON === record.askedFor) &&
        existsSync(record.python) &&
        existsSync(join(folder, 'python', 'pocketsphinx'))
      );
    },
    async make() {
      const python = await findPython(env);
      say(`Speech engines: pocketsphinx (30 MB) for Python 3.${python.minor}`);
      mkdirSync(dirname(folder), { recursive: true });
      await withTemporary(folder, async (fresh) => {
        mkdirSync(fresh);
        const target = join(fresh, 'python');
        if (python.pip) await withPip({ root, env, python, target, say });
        else await withoutPip({ root, env, python, target, say });
        const check = await run(
          python.path,
          ['-c', 'import pocketsphinx; pocketsphinx.Decoder; pocketsphinx.get_model_path()'],
          {
            env: { ...env, PYTHONPATH: target },
            timeoutMs: 60_000,
          },
        );
        if (check.code !== 0) {
          throw new Failure(
            'The recogniser does not run on this machine; see above. Name another Python in PYTHON, then start again.',
            {
              details: check.lines,
            },
          );
        }
        const record = { schema: 1, python: python.path, askedFor: env.PYTHON, requirementsSha256: wanted() };
        writeFileSync(join(fresh, 'engines.json'), `${JSON.stringify(record)}\n`);
        const old = temporaryBeside(folder);
        if (existsSync(folder)) renameSync(folder, old);
        renameSync(fresh, folder);
        rmSync(old, { recursive: true, force: true });
      });
    },
  };
}

/** What setup installed, or undefined. */
export function readEngines(folder) {
  const text = readIfThere(join(folder, 'engines.json'));
  return text === undefined ? undefined : JSON.parse(text);
}

/** The first Python that has a ready-made wheel; else any new enough one, for which the source is compiled. */
async function findPython(env) {
  const names =
    env.PYTHON === undefined
      ? ['python3', 'python3.13', 'python3.11', 'python3.12', 'python3.10', 'python']
      : [env.PYTHON];
  const found = [];
  for (const name of names) {
    if (name !== env.PYTHON && findOnPath(name, env) === undefined) continue;
    const { code, stdout } = await run(name, ['-c', PROBE], { env, timeoutMs: 20_000 });
    if (code !== 0) continue;
    const python = JSON.parse(stdout);
    if (python.minor < PYTHON_MINOR_MIN) continue;
    if (hasWheel(python)) return python;
    found.push(python);
  }
  const compiles = found.find(({ pip }) => pip);
  if (compiles !== undefined) return compiles;
  throw new Failure(
    `The speech engines need Python 3.10 to 3.13 (python3 on PATH, or its path in PYTHON)${found.length > 0 ? '; the one here is another version and has no pip' : ''}. ` +
      'Install it (Debian, Ubuntu: `apt-get install python3 python3-pip`), or set DEEPGRAM_API_KEY in .env; then start again.',
  );
}

function hasWheel({ minor, machine }) {
  if (minor < 10 || minor > 13) return false;
  if (process.platform === 'darwin') return true;
  if (machine === 'x86_64' || machine === 'amd64') return true;
  return process.platform === 'linux' && machine === 'aarch64' && (minor === 11 || minor === 13);
}

async function withPip({ root, env, python, target, say }) {
  const onlyWheels = hasWheel(python) ? ['--only-binary', ':all:'] : [];
  if (onlyWheels.length === 0)
    say('  there is no ready-made wheel for this Python: compiling the source (needs a C compiler)');
  const args = ['-m', 'pip', 'install', '--no-input', '--disable-pip-version-check', '--require-hashes', '--no-deps'];
  // pip lists every hash that would have been right, so the reason may be far above its last line.
  let isWrongFile = false;
  const { code, lines } = await run(
    python.path,
    [...args, ...onlyWheels, '--target', target, '-r', join(root, REQUIREMENTS)],
    {
      // Settings that make sense for other installs and stop this one.
      env: { ...env, PIP_USER: '0', PIP_REQUIRE_VIRTUALENV: '0', PIP_ROOT_USER_ACTION: 'ignore' },
      label: 'speech engines',
      onLine: (line) => {
        isWrongFile ||= line.includes('THESE PACKAGES DO NOT MATCH THE HASHES');
      },
      say,
    },
  );
  if (code === 0) return;
  if (isWrongFile) {
    throw new Failure(
      'The speech engines that were downloaded are not the files they should be; they were thrown away. Start again.',
    );
  }
  const network = lines.some((line) =>
    /Failed to establish a new connection|No matching distribution|Retrying|ProxyError/.test(line),
  );
  const why = explainOutput(lines) ?? (network ? 'the Python package index cannot be reached' : undefined);
  throw new Failure(
    why === undefined
      ? "The speech engines could not be installed; pip's last lines are above. Correct that, then start again."
      : `The speech engines could not be installed: ${withNext(why)}.`,
    { details: why === undefined ? lines : [] },
  );
}

/** A wheel is a zip: without pip it is fetched from the index, checked against the same hashes, and unpacked by Python. */
async function withoutPip({ root, env, python, target, say }) {
  const index = (env.PIP_INDEX_URL ?? 'https://pypi.org/simple').replace(/\/*$/, '/pocketsphinx/');
  const pinned = new Set(readFileSync(join(root, REQUIREMENTS), 'utf8').match(/[0-9a-f]{64}/g));
  const system = { linux: python.libc === 'glibc' ? 'manylinux' : 'musllinux', darwin: 'macosx', win32: 'win' }[
    process.platform
  ];
  const machine = { darwin: 'universal2', win32: 'amd64' }[process.platform] ?? python.machine;
  try {
    const page = await fetchText(index);
    const wheel = [...page.matchAll(/href="([^"#]+\.whl)#sha256=([0-9a-f]{64})"/g)].find(([, href, hash]) => {
      const name = href.slice(href.lastIndexOf('/') + 1);
      return (
        pinned.has(hash) && name.includes(`-cp3${python.minor}-`) && name.includes(system) && name.includes(machine)
      );
    });
    if (wheel === undefined) throw new Failure(`${index} has no wheel for Python 3.${python.minor} on this machine`);
    const [, href, sha256] = wheel;
    const file = `${target}.whl`;
    await download(new URL(href, index).href, { path: file, sha256, label: 'speech engines', say });
    const { code, lines } = await run(python.path, ['-m', 'zipfile', '-e', file, target], { env });
    rmSync(file);
    if (code !== 0) throw new Failure(explainOutput(lines) ?? 'the wheel could not be unpacked', { details: lines });
  } catch (error) {
    const why = error instanceof Failure ? error.message : explain(error);
    if (why === undefined) throw error;
    throw new Failure(
      `The speech engines could not be installed: ${why}. Install pip (\`apt-get install python3-pip\`), then start again.`,
      {
        cause: error,
      },
    );
  }
}
