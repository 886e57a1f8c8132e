import { createHash } from 'node:crypto';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { download, fetchText } from '../../scripts/lib/download.mjs';

const CONTENT = Buffer.from('the right file');
const sha256 = createHash('sha256').update(CONTENT).digest('hex');

describe('a download', () => {
  let server: Server;
  let base: string;
  let folder: string;
  beforeEach(async () => {
    server = createServer((request, response) => {
      if (request.url === '/right') response.end(CONTENT);
      else if (request.url === '/wrong') response.end('another file');
      else response.writeHead(404).end();
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    folder = await mkdtemp(join(tmpdir(), 'turnwise-download-'));
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await rm(folder, { recursive: true });
  });
  const fetchTo = (path: string) => download(`${base}${path}`, { path: join(folder, 'file'), sha256, label: 'file' });

  it('is kept when its checksum is right', async () => {
    await fetchTo('/right');
    expect(await readFile(join(folder, 'file'))).toEqual(CONTENT);
  });

  it('is refused when its checksum is not', async () => {
    await expect(fetchTo('/wrong')).rejects.toThrow(`expected ${sha256}`);
  });

  it('says the status of a server that has no such file', async () => {
    await expect(fetchTo('/none')).rejects.toThrow('/none answered with status 404');
    await expect(fetchText(`${base}/none`)).rejects.toThrow('status 404');
  });
});
