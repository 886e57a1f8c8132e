/** Servers that setup fetches from, on loopback and as good or bad as a test wants them. */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';

/** Stands in for the release page: serves one archive with its checksums. */
export class Releases {
  readonly asked: string[] = [];
  readonly program: string;
  readonly whenStalled: Promise<void>;
  corrupt = false;
  stallAfterBytes: number | undefined;
  readonly #server: Server;
  readonly #archive: Buffer;
  #reportStall: () => void = () => {};

  static async open(folderPath: string): Promise<Releases> {
    const releases = new Releases(folderPath);
    await new Promise<void>((resolve) => releases.#server.listen(0, '127.0.0.1', resolve));
    return releases;
  }

  private constructor(folderPath: string) {
    const source = join(folderPath, 'release');
    mkdirSync(source);
    this.program = join(source, 'livekit-server');
    writeFileSync(this.program, '#!/bin/sh\necho "livekit-server version 1.13.5"\n', { mode: 0o755 });
    // Larger than the full disk of the test; random, or it would shrink in the archive.
    writeFileSync(join(source, 'LICENSE'), randomBytesOf(300_000));
    execFileSync('tar', ['-czf', join(folderPath, 'release.tar.gz'), '-C', source, '.']);
    this.#archive = readFileSync(join(folderPath, 'release.tar.gz'));
    this.whenStalled = new Promise((resolve) => {
      this.#reportStall = resolve;
    });
    this.#server = createServer((request, response) => this.#answer(request.url ?? '', response));
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }

  #answer(url: string, response: ServerResponse): void {
    this.asked.push(url);
    if (url === '/v1.13.5/checksums.txt') {
      const sum = createHash('sha256').update(this.#archive).digest('hex');
      const machines = ['linux_amd64', 'linux_arm64', 'linux_armv7'];
      response.end(machines.map((machine) => `${sum}  livekit_1.13.5_${machine}.tar.gz\n`).join(''));
      return;
    }
    if (this.stallAfterBytes !== undefined) {
      response.writeHead(200, { 'content-length': this.#archive.length });
      response.write(this.#archive.subarray(0, this.stallAfterBytes), () => this.#reportStall());
      return;
    }
    response.end(this.corrupt ? Buffer.concat([this.#archive, Buffer.from('x')]) : this.#archive);
  }
}

/** Stands in for a package index whose files are not what their hashes say. */
export class SpeechIndex {
  readonly #server: Server;

  static async open(requirements: string): Promise<SpeechIndex> {
    const index = new SpeechIndex(requirements);
    await new Promise<void>((resolve) => index.#server.listen(0, '127.0.0.1', resolve));
    return index;
  }

  private constructor(requirements: string) {
    const pinned = requirements.match(/[0-9a-f]{64}/g) ?? [];
    const tags = ['10', '11', '12', '13'].flatMap((minor) =>
      [
        'manylinux_2_17_x86_64.manylinux2014_x86_64',
        'manylinux_2_17_aarch64.manylinux2014_aarch64',
        'macosx_10_9_universal2',
      ].map(
        (system) =>
          `pocketsphinx-${minor === '10' || minor === '12' ? '5.0.4' : '5.1.1'}-cp3${minor}-cp3${minor}-${system}.whl`,
      ),
    );
    this.#server = createServer((request, response) => {
      if (request.url?.endsWith('.whl')) response.end('not a wheel');
      else {
        response.setHeader('content-type', 'text/html');
        // pip checks the link's hash as well, so it is told none.
        const isPip = request.headers['user-agent']?.startsWith('pip') === true;
        response.end(
          tags.map((tag) => `<a href="/files/${tag}${isPip ? '' : `#sha256=${pinned[0]}`}">${tag}</a>\n`).join(''),
        );
      }
    });
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}/simple`;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

function randomBytesOf(length: number): Buffer {
  // Seeded: a small generator is as good as chance here.
  let state = 1;
  return Buffer.from(
    Array.from({ length }, () => {
      state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
      return (state >> 16) & 0xff;
    }),
  );
}
