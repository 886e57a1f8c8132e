/** The page against a real SFU and an agent of the test's own: what a person sees, and what they are told when it fails. */
import { RoomServiceClient } from 'livekit-server-sdk';
import type { Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { TurnDocument } from '../../wire/turn.js';
import { startPageAgent } from '../support/page-agent.js';
import { type Sfu, startSfu } from '../support/sfu.js';
import { turnDocument } from './documents.js';
import { faults, loudness, microphoneWith, openPage, picture, startWeb } from './support.js';

const turn = (number: number, said: string, stages: [number, number, number, number, number]): TurnDocument => {
  const [endpointingMs, llmMs, textAggregationMs, ttsMs, playoutMs] = stages;
  return turnDocument(number, {
    said,
    responseMs: stages.reduce((sum, durationMs) => sum + durationMs, 0),
    stages: {
      sttMs: 0,
      endpointingMs,
      llmMs,
      toolsMs: 0,
      textAggregationMs,
      ttsMs,
      playoutMs,
      unexplainedMs: 0,
    },
    hidden: { llmMs, textAggregationMs, ttsMs: 0 },
  });
};

const AGENT = {
  'lk.agent.state': 'listening',
  'turnwise.engine': 'pocketsphinx (this machine)',
  'turnwise.phrases': JSON.stringify([
    'can I have a large iced mocha with a bit of milk',
    'make it a small one',
    'what does a latte cost',
  ]),
};

/** What {@link grantLate} leaves in the page. */
interface Granting {
  readonly granted?: MediaStream;
  readonly refuse: (isGone: boolean) => void;
}

/** Somebody takes a while to answer the browser's question, and may pull the device out. */
function grantLate(page: Page, afterMs: number): Promise<void> {
  return page.evaluate((afterMs) => {
    const { mediaDevices } = navigator;
    const ask = mediaDevices.getUserMedia.bind(mediaDevices);
    let isGone = false;
    mediaDevices.getUserMedia = async (constraints) => {
      if (isGone) throw new DOMException('Requested device not found', 'NotFoundError');
      const granted = await ask(constraints);
      await new Promise((resolve) => setTimeout(resolve, afterMs));
      Object.assign(window, { granted });
      return granted;
    };
    Object.assign(window, {
      refuse: (gone: boolean) => {
        isGone = gone;
      },
    });
  }, afterMs);
}

describe('the page', () => {
  let sfu: Sfu;
  /** Leaves a call for the next one, in which an agent is. */
  const callAgain = async (page: Page, place: Awaited<ReturnType<typeof openPage>>['place']): Promise<void> => {
    const { roomName } = await place();
    await page.getByRole('button', { name: 'Call again' }).click();
    await expect.poll(async () => (await place()).roomName).not.toBe(roomName);
    const next = await startPageAgent(sfu, await place());
    onTestFinished(next.close);
    await next.attributes(AGENT);
  };
  beforeAll(async () => {
    sfu = await startSfu();
  });
  afterAll(() => sfu?.close());

  const web = () => startWeb({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret });

  it('carries a conversation: heard, written down, answered by voice, timed', async () => {
    const { url } = await web();
    const microphoneFile = await microphoneWith('7594182a.flac', { beforeMs: 200, afterMs: 200 });
    const { page, place, complaints } = await openPage(url, { microphoneFile, height: 860 });
    expect(await faults(page)).toEqual([]);
    await picture(page, 'start');
    await page.getByRole('button', { name: 'Start a call' }).click();
    const agent = await startPageAgent(sfu, await place());
    onTestFinished(agent.close);
    await agent.attributes(AGENT);

    await page.getByText('Listening', { exact: true }).waitFor();
    await page.getByText('pocketsphinx (this machine)').waitFor();
    await page.getByText('You are heard').waitFor();
    await page.getByRole('button', { name: 'make it a small one' }).waitFor();

    await agent.reply('a0', 'Good morning! What can I get you?');
    await agent.hear('u1', 'can I have a large');
    const entry = page.locator('.entry-you');
    await entry.getByText('still listening').waitFor();
    await agent.hear('u1', 'can I have a large iced mocha with a bit of milk', true);
    await entry.getByText('still listening').waitFor({ state: 'detached' });
    expect(await entry.count()).toBe(1);

    await agent.attributes({ ...AGENT, 'lk.agent.state': 'thinking' });
    await page.getByText('Thinking', { exact: true }).waitFor();
    await agent.attributes({ ...AGENT, 'lk.agent.state': 'speaking' });
    await page.getByText('Speaking', { exact: true }).waitFor();
    agent.sound(20_000);
    const reply = await agent.beginReply('a1');
    await reply.write('A large iced mocha with a bit of milk. ');
    await page.locator('.entry-agent').getByText('still speaking').waitFor();
    await reply.write('That is four eighty-five, ready in five minutes.');
    await reply.close();
    expect(await loudness(page)).toBeGreaterThan(0.05);

    await agent.turn(turn(1, 'can I have a large iced mocha with a bit of milk', [262, 148, 31, 122, 24]));
    await page.getByRole('img', { name: /^Answered after 587 milliseconds: knowing you were done 262/ }).waitFor();
    await page.getByText('Done meanwhile, at no cost: finding words 148, gathering a clause 31').waitFor();
    expect(await faults(page)).toEqual([]);

    await agent.hear('u2', 'and make it a small one please', true);
    await agent.reply('a2', 'A small iced mocha then. Four twenty-five.');
    await agent.turn(turn(2, 'and make it a small one please', [310, 96, 28, 131, 22]));
    await agent.hear('u3', 'does it come with sugar', true);
    await agent.reply('a3', 'No sugar so far. Shall I add some?');
    await agent.turn(turn(3, 'does it come with sugar', [188, 205, 40, 118, 25]));
    await agent.hear('u4', 'a little bit of brown sugar');
    await page.getByText('a little bit of brown sugar').waitFor();
    await page.locator('.bar.lit').first().waitFor();
    await picture(page, 'call');
    await page.emulateMedia({ colorScheme: 'dark' });
    await picture(page, 'call-dark');
    await page.emulateMedia({ colorScheme: 'light' });
    for (const width of [360, 320]) {
      await page.setViewportSize({ width, height: 740 });
      expect([width, await faults(page)]).toEqual([width, []]);
      await picture(page, `call-${width}`);
    }
    await page.setViewportSize({ width: 1_280, height: 860 });

    await page.getByRole('button', { name: 'End call' }).click();
    await page.getByRole('heading', { name: 'The call has ended' }).waitFor();
    await page.locator('.entry-agent').getByText('A large iced mocha with a bit of milk.').waitFor();
    await picture(page, 'ended');
    expect(complaints).toEqual([]);
  });

  it('can be used with the keyboard and in writing alone, without a microphone', async () => {
    const { url } = await web();
    const { page, place } = await openPage(url, { microphone: 'none' });
    await page.getByRole('button', { name: 'Type only, no microphone' }).focus();
    await page.keyboard.press('Enter');
    const agent = await startPageAgent(sfu, await place());
    onTestFinished(agent.close);
    await agent.attributes(AGENT);
    await page.getByText('Listening', { exact: true }).waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('');

    await page.keyboard.press('t');
    await page.keyboard.type('a latte, no milk');
    await page.keyboard.press('Enter');
    await page.getByText('You (typed)').waitFor();
    await expect.poll(() => agent.typed).toEqual(['a latte, no milk']);
    expect(await page.getByLabel('Type instead of talking').inputValue()).toBe('');

    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+E');
    await page.getByRole('heading', { name: 'The call has ended' }).waitFor();
  });

  it('mutes and unmutes with M, and says so', async () => {
    const { url } = await web();
    const { page } = await openPage(url, {
      microphoneFile: await microphoneWith('7594182a.flac', { beforeMs: 200, afterMs: 200 }),
    });
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('You are heard').waitFor();
    await page.keyboard.press('m');
    await page.getByText('You are muted').waitFor();
    await page.getByRole('button', { name: 'Unmute' }).waitFor();
    await page.keyboard.press('m');
    await page.getByText('You are heard').waitFor();
  });

  it('lets one choose microphone and speaker, and switch the shortcuts off', async () => {
    const { url } = await web();
    const { page } = await openPage(url, {
      microphoneFile: await microphoneWith('7594182a.flac', { beforeMs: 200, afterMs: 200 }),
    });
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('You are heard').waitFor();
    await page.getByText('Devices and keys').click();
    const microphones = page.getByLabel('Microphone', { exact: true });
    const second = (await microphones.locator('option').allTextContents()).at(-1) ?? '';
    await microphones.selectOption({ label: second });
    await expect.poll(() => microphones.locator('option:checked').textContent()).toBe(second);
    await page.getByLabel('Speaker').waitFor();
    await page.locator('.bar.lit').first().waitFor();
    await picture(page, 'devices');
    await page.getByLabel('Keyboard shortcuts').uncheck();
    await page.getByRole('button', { name: 'End call' }).focus();
    await page.keyboard.press('Shift+E');
    await page.keyboard.press('m');
    await page.getByRole('button', { name: 'Mute' }).waitFor();
  });

  it('offers typing once it was not understood twice', async () => {
    const { url } = await web();
    const { page, place } = await openPage(url, { width: 360, height: 740 });
    await page.getByRole('button', { name: 'Start a call' }).click();
    const agent = await startPageAgent(sfu, await place());
    onTestFinished(agent.close);
    await agent.attributes({ ...AGENT, 'turnwise.misses': '1' });
    await page.getByText('Things to say').waitFor();
    expect(await page.getByText('Typing always works').count()).toBe(0);
    await agent.attributes({ ...AGENT, 'turnwise.misses': '2' });
    await page.getByText('Typing always works').waitFor();
    await picture(page, 'misses-360');
    await page.getByRole('button', { name: 'Type it' }).click();
    expect(await page.evaluate(() => document.activeElement?.id)).toBe('type-box');
    await page.getByRole('button', { name: 'what does a latte cost' }).click();
    await page.keyboard.press('Enter');
    await expect.poll(() => agent.typed).toEqual(['what does a latte cost']);
  });

  it('says that no agent has come within 10 s, and goes on when one does', async () => {
    const { url } = await web();
    const { page, place } = await openPage(url);
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('Waiting', { exact: true }).waitFor();
    await page.getByText('No agent has answered within 10 seconds').waitFor({ timeout: 15_000 });
    await picture(page, 'no-agent');
    const agent = await startPageAgent(sfu, await place());
    onTestFinished(agent.close);
    await agent.attributes(AGENT);
    await page.getByText('Listening', { exact: true }).waitFor();
    expect(await page.getByRole('alert').textContent()).toBe('');
    await agent.close();
    await page.getByText('The agent has left the call').waitFor();
    await picture(page, 'agent-left');
    // From within the room: that one ends, and the next begins.
    await callAgain(page, place);
    await page.getByText('Listening', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'End call' }).waitFor();
  });

  it('lets nobody hear a microphone that was allowed after its call, nor the next call', async () => {
    const { url } = await web();
    const { page, place } = await openPage(url);
    const rooms = new RoomServiceClient(sfu.url.replace('ws', 'http'), sfu.apiKey, sfu.apiSecret);
    const published = async () => {
      const { roomName, callerIdentity } = await place();
      return (await rooms.getParticipant(roomName, callerIdentity)).tracks.length;
    };
    await grantLate(page, 1_500);
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('Waiting', { exact: true }).waitFor();
    await page.getByRole('button', { name: 'End call' }).click();
    await page.getByRole('button', { name: 'Type only' }).click();
    await page.getByText('Waiting', { exact: true }).waitFor();
    const isLive = () =>
      page.evaluate(() => {
        const { granted } = window as unknown as Granting;
        return granted?.getTracks().some(({ readyState }) => readyState === 'live');
      });
    await expect.poll(isLive).toBe(false);
    expect(await published()).toBe(0);
    await page.getByRole('button', { name: 'Use microphone' }).waitFor();
  });

  it('asks for a microphone anew where the one that was muted has gone', async () => {
    const { url } = await web();
    const { page } = await openPage(url);
    await grantLate(page, 0);
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('You are heard').waitFor();
    await page.getByRole('button', { name: 'Mute' }).click();
    await page.getByRole('button', { name: 'Unmute' }).waitFor();
    await page.evaluate(() => {
      const { granted, refuse } = window as unknown as Granting;
      for (const track of granted?.getTracks() ?? []) track.stop();
      refuse(true);
    });
    await page.getByRole('button', { name: 'Unmute' }).click();
    await page.getByText('No microphone was found').waitFor();
    await page.evaluate(() => (window as unknown as Granting).refuse(false));
    await page.getByRole('button', { name: 'Use microphone' }).click();
    await page.getByText('You are heard').waitFor();
  });

  it('is called again without the microphone by who chose to type only', async () => {
    const { url } = await web();
    const { page, place } = await openPage(url);
    await grantLate(page, 0);
    await page.getByRole('button', { name: 'Type only, no microphone' }).click();
    const agent = await startPageAgent(sfu, await place());
    await agent.attributes(AGENT);
    await agent.close();
    await page.getByText('The agent has left the call').waitFor();
    await callAgain(page, place);
    await page.getByRole('button', { name: 'Use microphone' }).waitFor();
    expect(await page.evaluate(() => (window as unknown as Granting).granted)).toBeUndefined();
  });

  it('says so when the microphone goes in mid-call', async () => {
    const { url } = await web();
    const { page } = await openPage(url);
    await grantLate(page, 0);
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('You are heard').waitFor();
    await page.evaluate(() => {
      const { granted, refuse } = window as unknown as Granting;
      refuse(true);
      for (const track of granted?.getTracks() ?? []) {
        track.stop();
        track.dispatchEvent(new Event('ended'));
      }
    });
    await page.getByText('Your microphone has gone').waitFor();
    await page.evaluate(() => (window as unknown as Granting).refuse(false));
    await page.getByRole('button', { name: 'Use microphone' }).click();
    await page.getByText('You are heard').waitFor();
  });

  it('says how to allow the microphone when it was refused, and takes typed text meanwhile', async () => {
    const { url } = await web();
    const { page, place } = await openPage(url, { microphone: 'refused', width: 360, height: 740 });
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('The browser may not use the microphone').waitFor();
    await picture(page, 'refused-360');
    const agent = await startPageAgent(sfu, await place());
    onTestFinished(agent.close);
    await agent.attributes(AGENT);
    await page.getByText('Waiting for text').waitFor();
    await page.getByRole('button', { name: 'Type instead' }).click();
    await page.keyboard.type('espresso');
    await page.keyboard.press('Enter');
    await expect.poll(() => agent.typed).toEqual(['espresso']);
  });

  it('says that there is no microphone', async () => {
    const { url } = await web();
    const { page } = await openPage(url, { microphone: 'none' });
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('No microphone was found').waitFor();
    await picture(page, 'no-microphone');
  });

  it('says that an address without https cannot use a microphone, and takes typed text', async () => {
    const accessKey = 'the-key-of-this-test-server';
    const { url } = await startWeb({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret, accessKey });
    const { page, place } = await openPage(url.replace('127.0.0.1', 'turnwise.test'));
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByLabel('Access key').fill(accessKey);
    await page.getByRole('button', { name: 'Call again' }).click();
    await page.getByText('This address cannot use a microphone').waitFor();
    await picture(page, 'insecure');
    const agent = await startPageAgent(sfu, await place());
    onTestFinished(agent.close);
    await agent.attributes(AGENT);
    await page.getByText('Waiting for text').waitFor();
  });

  it('says that the other side has ended the call', async () => {
    const { url } = await web();
    const { page, place } = await openPage(url);
    await page.getByRole('button', { name: 'Start a call' }).click();
    const { roomName } = await place();
    await page.getByText('Waiting', { exact: true }).waitFor();
    await new RoomServiceClient(sfu.url.replace('ws', 'http'), sfu.apiKey, sfu.apiSecret).deleteRoom(roomName);
    await page.getByText('The call was ended by the other side').waitFor();
  });

  it('says that the server is away', async () => {
    const { url, close } = await web();
    const { page } = await openPage(url);
    await close();
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('The Turnwise server does not answer').waitFor();
    await picture(page, 'server-away');
    await page.getByRole('button', { name: 'Call again' }).waitFor();
  });

  it('says that the call server is away', async () => {
    const { url } = await startWeb({ livekitUrl: 'ws://127.0.0.1:9', apiSecret: sfu.apiSecret });
    const { page } = await openPage(url);
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('The call server cannot be reached').waitFor({ timeout: 30_000 });
  });

  it('says that the call server refuses the key', async () => {
    const { url } = await startWeb({ livekitUrl: sfu.url, apiSecret: 'not-the-secret-of-this-server-at-all' });
    const { page } = await openPage(url);
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('The call server refused this call').waitFor({ timeout: 30_000 });
  });

  it('asks for the key of a server that wants one, and lets its owner in', async () => {
    const accessKey = 'the-key-of-this-test-server';
    const { url } = await startWeb({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret, accessKey });
    const { page } = await openPage(url, { width: 360, height: 740 });
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('This server did not let you in').waitFor();
    await picture(page, 'key-360');
    await page.getByLabel('Access key').fill('not-the-key-at-all');
    await page.getByRole('button', { name: 'Call again' }).click();
    await page.getByText('This server did not let you in').waitFor();
    await page.getByLabel('Access key').fill(accessKey);
    await page.getByRole('button', { name: 'Call again' }).click();
    await page.getByText('Waiting', { exact: true }).waitFor();
  });

  it('says that calls were started too often', async () => {
    const { url } = await startWeb({ livekitUrl: sfu.url, apiSecret: sfu.apiSecret, ratePerMinute: 1 });
    const { page } = await openPage(url, { width: 360, height: 740 });
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByRole('button', { name: 'End call' }).click();
    await page.getByRole('button', { name: 'Call again' }).click();
    await page.getByText('Too many calls were started from here').waitFor();
    await picture(page, 'too-many-360');
  });
});

describe('a line that drops', () => {
  it('is picked up again by itself, and the page says so', async () => {
    const first = await startSfu();
    onTestFinished(() => first.close());
    const { url } = await startWeb({ livekitUrl: first.url, apiSecret: first.apiSecret });
    const { page } = await openPage(url);
    await page.getByRole('button', { name: 'Start a call' }).click();
    await page.getByText('You are heard').waitFor();
    await first.close();
    await page.getByText('Reconnecting', { exact: true }).waitFor({ timeout: 30_000 });
    await picture(page, 'reconnecting');
    const second = await startSfu({ port: first.port, apiSecret: first.apiSecret });
    onTestFinished(() => second.close());
    await page.getByText('Waiting', { exact: true }).waitFor({ timeout: 60_000 });
    await page.getByText('You are heard').waitFor();
  });
});
