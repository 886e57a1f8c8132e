/**
 * Every data stream and data packet that reaches this process' rooms, by topic, whether or not anybody listens for it. The
 * room library tells only of topics with a handler, so this hears the events beneath it.
 */
import { EventEmitter } from 'node:events';
import { z } from 'zod';

const Stream = z.object({
  message: z.object({
    case: z.literal('roomEvent'),
    value: z.object({
      message: z.union([
        z.object({
          case: z.enum(['byteStreamOpened', 'textStreamOpened']),
          value: z.object({ reader: z.object({ info: z.object({ topic: z.string() }) }) }),
        }),
        z.object({
          case: z.literal('dataPacketReceived'),
          value: z.object({ value: z.object({ value: z.object({ topic: z.string().optional() }) }) }),
        }),
      ]),
    }),
  }),
});

export interface TopicLog {
  readonly topics: ReadonlySet<string>;
  stop(): void;
}

/** Begins to listen; a room must have been made in this process before. @throws when the library hides its events. */
export function listenForTopics(): TopicLog {
  const client = Reflect.get(globalThis, '_ffiClientInstance');
  if (!(client instanceof EventEmitter)) throw new Error('The room library does not show its events where it did.');
  const topics = new Set<string>();
  const onEvent = (event: unknown): void => {
    const parsed = Stream.safeParse(event);
    if (!parsed.success) return;
    const { message } = parsed.data.message.value;
    topics.add(
      message.case === 'dataPacketReceived' ? (message.value.value.value.topic ?? '') : message.value.reader.info.topic,
    );
  };
  client.on('ffi_event', onEvent);
  return { topics, stop: () => client.off('ffi_event', onEvent) };
}
