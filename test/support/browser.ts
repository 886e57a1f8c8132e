/** A real Chromium for tests, without a window, with a recording or a tone as its microphone. */
import { type Browser, chromium } from 'playwright-core';
import { chromiumPath } from '../../bench/accounting/browser-chromium.js';

export interface BrowserOptions {
  /** A WAV file that plays as the microphone, over and over; without one it beeps. */
  readonly microphoneFile?: string;
  /** What the browser says when asked for the microphone; `none` has no microphone at all. */
  readonly microphone?: 'allowed' | 'refused' | 'none';
}

/** The caller closes it. */
export function openBrowser({ microphoneFile, microphone = 'allowed' }: BrowserOptions = {}): Promise<Browser> {
  return chromium.launch({
    executablePath: chromiumPath(),
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
