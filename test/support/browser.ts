/** A real Chromium for tests, without a window, with a recording or a tone as its microphone. */
import { existsSync, readdirSync } from 'node:fs';
import { delimiter, join, resolve } from 'node:path';
import { type Browser, chromium } from 'playwright-core';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const IN_CACHE = ['chrome-linux/chrome', 'chrome-linux64/chrome', 'chrome-mac/Chromium.app/Contents/MacOS/Chromium'];

export interface BrowserOptions {
  /** A WAV file that plays as the microphone, over and over; without one it beeps. */
  readonly microphoneFile?: string;
  /** What the browser says when asked for the microphone; `none` has no microphone at all. */
  readonly microphone?: 'allowed' | 'refused' | 'none';
}

/** The caller closes it. */
export function openBrowser({ microphoneFile, microphone = 'allowed' }: BrowserOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: findChromium(),
    headless: false, // Playwright's own flag means another binary; the flag below means this one, without a window.
    args: [
      '--headless=new',
      '--no-sandbox',
      '--hide-scrollbars', // As on phones; a bar would take 15 px of a narrow page.
      '--host-resolver-rules=MAP *.test 127.0.0.1', // Names that are not localhost, for what browsers allow there only.
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--autoplay-policy=no-user-gesture-required',
      // Local addresses stay addresses; names like x.local are looked up by multicast, which test machines lack.
      '--disable-features=WebRtcHideLocalIpsWithMdns',
      ...(microphone === 'allowed' ? ['--use-fake-ui-for-media-stream'] : []),
      ...(microphone === 'refused' ? ['--deny-permission-prompts'] : []),
      ...(microphone === 'none' ? [] : ['--use-fake-device-for-media-stream']),
      ...(microphoneFile === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphoneFile}`]),
    ],
  });
}

/** Where setup finds Chromium or puts it: CHROMIUM_BIN, then PATH, then the cache. */
function findChromium(): string {
  const onPath = (process.env.PATH ?? '').split(delimiter).flatMap((folder) => NAMES.map((name) => join(folder, name)));
  const browsers = resolve('.cache/browsers');
  const fetched = existsSync(browsers)
    ? readdirSync(browsers).flatMap((folder) => IN_CACHE.map((path) => join(browsers, folder, path)))
    : [];
  const found = [process.env.CHROMIUM_BIN ?? '', ...onPath, ...fetched].find((path) => path !== '' && existsSync(path));
  if (found === undefined) throw new Error('No Chromium here. Run npm run setup -- --for test, or set CHROMIUM_BIN.');
  return found;
}
