import { describe, expect, it } from 'vitest';
import { describeError } from '../../../agent/telemetry/logger.js';

describe('an error in a log', () => {
  it('keeps to itself what a vendor said, and with it what was said to the vendor', () => {
    const vendors = Object.assign(new Error('400 Invalid message "my card number is 4111"'), {
      status: 400,
      error: { message: 'my card number is 4111' },
      headers: { authorization: 'Bearer sk-secret' },
    });
    const told = JSON.stringify(describeError(vendors));
    expect(told).toContain('400');
    expect(told).not.toMatch(/4111|sk-secret|Invalid/);
  });

  it('tells what our own and the system’s errors say', () => {
    const refused = Object.assign(new Error('connect ECONNREFUSED 127.0.0.1:1'), { code: 'ECONNREFUSED' });
    expect(describeError(refused)).toMatchObject({ code: 'ECONNREFUSED', message: 'connect ECONNREFUSED 127.0.0.1:1' });
  });

  it('survives what is no error', () => {
    expect(describeError('text that may be private')).toEqual({ type: 'string' });
    expect(describeError(undefined)).toEqual({ type: 'undefined' });
  });
});
