/** A real Chromium without a window, with a file as its microphone. */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { type Browser, chromium, type LaunchOptions } from 'playwright-core';
import { CallError } from '../caller/errors.js';
import { cacheFolder } from '../installed.js';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const IN_CACHE = ['chrome-linux/chrome', 'chrome-linux64/chrome', 'chrome-mac/Chromium.app/Contents/MacOS/Chromium'];

/**
 * Where setup finds Chromium or puts it: CHROMIUM_BIN, then PATH, then the cache.
 * @throws CallError `NOTHING_RUNS` saying what to install.
 */
export function chromiumPath(env: NodeJS.ProcessEnv = process.env): string {
  const named = env.CHROMIUM_BIN ?? '';
  if (named !== '' && !existsSync(named)) {
    throw new CallError(
      'NOTHING_RUNS',
      `CHROMIUM_BIN (${named}) is not there. Correct or remove it, then start again.`,
    );
  }
  const onPath = (env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const browsers = join(cacheFolder(env), 'browsers');
  const fetched = existsSync(browsers)
    ? readdirSync(browsers)
        // Playwright writes the marker once a browser is whole.
        .filter((folder) => existsSync(join(browsers, folder, 'INSTALLATION_COMPLETE')))
        .flatMap((folder) => IN_CACHE.map((path) => join(browsers, folder, path)))
    : [];
  const found = [named, ...onPath, ...fetched].find((path) => path !== '' && existsSync(path));
  if (found !== undefined) return found;
  throw new CallError(
    'NOTHING_RUNS',
    'No Chromium here. Install one (Debian, Ubuntu: apt-get install chromium), run npm run setup -- --for test, ' +
      'or set CHROMIUM_BIN; the other parts of the bench, named with --parts, need none.',
  );
}

/** @param args - Flags beside those that every call from a browser needs. The caller closes it. */
export function launchChromium(args: readonly string[], options: LaunchOptions = {}): Promise<Browser> {
  return chromium.launch({
    ...options,
    executablePath: chromiumPath(),
    headless: false, // Playwright's own flag means another binary; the flag below means this one, without a window.
    args: [
      '--headless=new',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      // Local addresses stay addresses; names like x.local are looked up by multicast, which test machines lack.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...args,
    ],
  });
}

/** @param microphoneFile - A WAV file, said once from its beginning when the page opens the microphone; silence follows. */
export function openChromium(microphoneFile: string): Promise<Browser> {
  return launchChromium(
    [
      '--use-fake-ui-for-media-stream',
      '--use-fake-device-for-media-stream',
      `--use-file-for-fake-audio-capture=${microphoneFile}%noloop`,
    ],
    // An interrupted bench closes the browser itself; Playwright would end the process before the rest is closed.
    { handleSIGINT: false, handleSIGTERM: false, handleSIGHUP: false },
  );
}
