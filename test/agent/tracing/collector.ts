/** A collector of OpenTelemetry's over real HTTP, which reads what it is sent by the protobuf encoding itself. */
import { once } from 'node:events';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface ReceivedSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentId: string;
  readonly name: string;
  /** 1 internal, 3 client. */
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly events: readonly { readonly name: string; readonly atNs: bigint }[];
  /** 2 is an error. */
  readonly status: number;
}

export interface Collector {
  readonly url: string;
  readonly spans: readonly ReceivedSpan[];
  /** Of the last request's. */
  readonly resource: ReceivedSpan['attributes'];
  readonly requests: readonly { readonly path: string; readonly headers: IncomingHttpHeaders }[];
  /** Status of answers to come; undefined: none comes at all. */
  status: number | undefined;
  close(): Promise<void>;
}

export async function startCollector(): Promise<Collector> {
  const spans: ReceivedSpan[] = [];
  const requests: { path: string; headers: IncomingHttpHeaders }[] = [];
  let resource: ReceivedSpan['attributes'] = {};
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk);
    requests.push({ path: request.url ?? '', headers: request.headers });
    if (collector.status === undefined) return;
    if (collector.status === 200) {
      const told = readRequest(Buffer.concat(chunks));
      spans.push(...told.spans);
      resource = told.resource;
    }
    response.writeHead(collector.status).end();
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const collector: Collector = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    spans,
    get resource() {
      return resource;
    },
    requests,
    status: 200,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return collector;
}

/** One field of a message: its number, and its value bytes where it has a length. */
type Field = readonly [number: number, value: bigint | Buffer];

function fieldsOf(message: Buffer): Field[] {
  const fields: Field[] = [];
  let offset = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = message.readUInt8(offset++);
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  const take = (length: number): Buffer => {
    offset += length;
    return message.subarray(offset - length, offset);
  };
  while (offset < message.length) {
    const tag = Number(varint());
    const wireType = tag & 7;
    if (wireType === 0) fields.push([tag >> 3, varint()]);
    else if (wireType === 1) fields.push([tag >> 3, take(8).readBigUInt64LE()]);
    else if (wireType === 2) fields.push([tag >> 3, take(Number(varint()))]);
    else if (wireType === 5) fields.push([tag >> 3, BigInt(take(4).readUInt32LE())]);
    else throw new Error(`Wire type ${wireType} is none of OTLP's.`);
  }
  return fields;
}

const bytes = (fields: readonly Field[], wanted: number): Buffer[] =>
  fields.flatMap(([number, value]) => (number === wanted && Buffer.isBuffer(value) ? [value] : []));
const number = (fields: readonly Field[], wanted: number): bigint =>
  fields.flatMap(([field, value]) => (field === wanted && !Buffer.isBuffer(value) ? [value] : []))[0] ?? 0n;
const text = (fields: readonly Field[], wanted: number): string => bytes(fields, wanted)[0]?.toString() ?? '';
const hex = (fields: readonly Field[], wanted: number): string => bytes(fields, wanted)[0]?.toString('hex') ?? '';

/** Field numbers of opentelemetry-proto's `trace/v1/trace.proto`, `common.proto` and `resource.proto`. */
function readRequest(body: Buffer): { spans: ReceivedSpan[]; resource: ReceivedSpan['attributes'] } {
  const resourceSpans = bytes(fieldsOf(body), 1).map(fieldsOf);
  const [resource] = resourceSpans.flatMap((fields) => bytes(fields, 1).map(fieldsOf));
  const scopes = resourceSpans.flatMap((fields) => bytes(fields, 2).map(fieldsOf));
  const spans = scopes.flatMap((fields) => bytes(fields, 2).map(fieldsOf));
  return {
    resource: attributesOf(resource ?? [], 1),
    spans: spans.map((fields) => ({
      traceId: hex(fields, 1),
      spanId: hex(fields, 2),
      parentId: hex(fields, 4),
      name: text(fields, 5),
      kind: Number(number(fields, 6)),
      startNs: number(fields, 7),
      endNs: number(fields, 8),
      attributes: attributesOf(fields, 9),
      events: bytes(fields, 11)
        .map(fieldsOf)
        .map((event) => ({ atNs: number(event, 1), name: text(event, 2) })),
      status: Number(number(fieldsOf(bytes(fields, 15)[0] ?? Buffer.alloc(0)), 3)),
    })),
  };
}

function attributesOf(fields: readonly Field[], wanted: number): ReceivedSpan['attributes'] {
  const pairs = bytes(fields, wanted).map((pair) => {
    const [value = Buffer.alloc(0)] = bytes(fieldsOf(pair), 2);
    return [text(fieldsOf(pair), 1), anyValue(value)] as const;
  });
  return Object.fromEntries(pairs);
}

function anyValue(value: Buffer): string | number | boolean {
  const [field] = fieldsOf(value);
  if (field === undefined) return '';
  const [kind, content] = field;
  if (Buffer.isBuffer(content)) return content.toString();
  if (kind === 2) return content === 1n;
  if (kind === 3) return Number(BigInt.asIntN(64, content));
  const double = Buffer.alloc(8);
  double.writeBigUInt64LE(content);
  return double.readDoubleLE();
}
