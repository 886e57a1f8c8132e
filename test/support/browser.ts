/** A real Chromium for tests, without a window, with a recording or a tone as its microphone. */
import type { Browser } from 'playwright-core';
import { launchChromium } from '../../bench/accounting/browser-chromium.js';

export interface BrowserOptions {
  /** A WAV file that plays as the microphone, over and over; without one it beeps. */
  readonly microphoneFile?: string;
  /** What the browser says when asked for the microphone; `none` has no microphone at all. */
  readonly microphone?: 'allowed' | 'refused' | 'none';
}

/** The caller closes it. */
export function openBrowser({ microphoneFile, microphone = 'allowed' }: BrowserOptions = {}): Promise<Browser> {
  return launchChromium([
    '--hide-scrollbars', // As on phones; a bar would take 15 px of a narrow page.
    '--host-resolver-rules=MAP *.test 127.0.0.1', // Names that are not localhost, for what browsers allow there only.
    ...(microphone === 'allowed' ? ['--use-fake-ui-for-media-stream'] : []),
    ...(microphone === 'refused' ? ['--deny-permission-prompts'] : []),
    ...(microphone === 'none' ? [] : ['--use-fake-device-for-media-stream']),
    ...(microphoneFile === undefined ? [] : [`--use-file-for-fake-audio-capture=${microphoneFile}`]),
  ]);
}
