import type { CallRecord } from './call-record.js';

/** A record as it may leave its call when texts are not kept: what was said and answered is empty. */
export function withoutTexts(record: CallRecord): CallRecord {
  return record.type === 'turn' ? { ...record, turn: { ...record.turn, said: '', reply: '' } } : record;
}
