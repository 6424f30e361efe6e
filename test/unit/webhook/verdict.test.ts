import { expect } from 'chai';
import type { DialOutcome } from '../../../workers/webhook/dial.js';
import {
  createResponseOf,
  failureOf,
  nextOf,
  retryAfterMs,
} from '../../../workers/webhook/verdict.js';

const answered = (
  status: number,
  more: Partial<Extract<DialOutcome, { kind: 'answered' }>> = {},
): DialOutcome => ({
  kind: 'answered',
  ...{ status, headers: {}, body: Buffer.alloc(0), truncated: false, milliseconds: 1 },
  ...more,
});
const failed = (code: string): DialOutcome => ({
  kind: 'failed',
  ...{ code, reason: 'it did', sent: true, milliseconds: 1 },
});

describe('the verdict on an attempt', () => {
  it('is that it arrived by any 2xx and by nothing else', () => {
    for (const status of [200, 201, 202, 204, 299]) {
      expect(failureOf(answered(status))).to.equal(null);
    }
    const codes = [301, 302, 400, 404, 410, 429, 500, 503].map(
      (status) => failureOf(answered(status))?.code,
    );
    expect(codes).to.deep.equal(['redirect', 'redirect', ...Array<string>(6).fill('status')]);
  });

  it('names how it failed', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['DEADLINE', 'timeout'],
      ['ENOTFOUND', 'dns'],
      ['ECONNREFUSED', 'connect'],
      ['UND_ERR_CONNECT_TIMEOUT', 'connect'],
      ['CERT_HAS_EXPIRED', 'tls'],
      ['SELF_SIGNED_CERT_IN_CHAIN', 'tls'],
      ['ECONNRESET', 'closed'],
      ['UND_ERR_SOCKET', 'closed'],
    ];
    for (const [code, named] of cases) expect(failureOf(failed(code))?.code, code).to.equal(named);
    const told = {
      kind: 'failed',
      code: 'ECONNREFUSED',
      reason: 'connect ECONNREFUSED ::1',
    } as const;
    const said = failureOf({ ...told, sent: false, milliseconds: 1 });
    expect(said?.text).to.equal('connect ECONNREFUSED ::1');
    const refused: DialOutcome = { kind: 'refused', reason: '10.0.0.1 may not', milliseconds: 0 };
    expect(failureOf(refused)).to.deep.equal({ code: 'refused-address', text: '10.0.0.1 may not' });
  });

  it('obeys Retry-After of a 429 or 503, in seconds or as a date, and of nothing else', () => {
    const now = Date.parse('2026-03-01T12:00:00Z');
    expect(retryAfterMs('120', now)).to.equal(120_000);
    expect(retryAfterMs('Sun, 01 Mar 2026 12:01:00 GMT', now)).to.equal(60_000);
    expect(retryAfterMs('Sun, 01 Mar 2026 11:00:00 GMT', now)).to.equal(0);
    expect(retryAfterMs('soon', now)).to.equal(null);
    const asking = { headers: { 'retry-after': '60' } };
    const asked = { next: now + 60_000, notBefore: now + 60_000 };
    expect(nextOf(answered(429, asking), 5_000, now)).to.deep.equal(asked);
    expect(nextOf(answered(503, asking), 90_000, now)).to.deep.equal({
      ...{ next: now + 90_000, notBefore: now + 60_000 },
    });
    expect(nextOf(answered(500, asking), 5_000, now)).to.deep.equal({ next: now + 5_000 });
  });

  it('keeps what was answered, text as text, without cookies', () => {
    const headers = { 'content-type': 'text/plain', 'set-cookie': 'secret', date: 'x' };
    const text = answered(500, { headers, body: Buffer.from('нет') });
    expect(createResponseOf()(text)).to.deep.equal({
      ...{ headers: { 'content-type': 'text/plain', date: 'x' }, body: 'нет' },
    });
    const bytes = answered(200, { body: Buffer.from([0, 255, 254]) });
    expect(createResponseOf()(bytes)).to.deep.equal({
      ...{ headers: {}, body: 'AP/+', encoding: 'base64' },
    });
    // A character may be cut in two at the end of what is kept.
    const long = Buffer.from('ж'.repeat(10_240)).subarray(1, 20_001);
    expect(
      createResponseOf()(answered(200, { body: long.subarray(1), truncated: true })),
    ).not.to.have.property('encoding');
    const many = Object.fromEntries(
      Array.from({ length: 90 }, (_, index) => [`header-${index}`, 'x'.repeat(40)]),
    );
    const kept = createResponseOf()(answered(200, { headers: many }))?.headers ?? {};
    expect(JSON.stringify(kept).length).to.be.lessThan(3_000);
    expect(createResponseOf()(failed('ECONNRESET'))).to.equal(undefined);
  });
});
