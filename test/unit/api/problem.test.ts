import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'chai';
import { renderErrorReference } from '../../../api/errorReference.js';
import { problemOf } from '../../../api/problem.js';
import { problemStatuses, problemTitles } from '../../../api/problemCodes.js';
import { refused } from '../../../api/refused.js';
import { DeadlineExceeded } from '../../../commands/directory.js';
import { LogRefused, LogUnavailable, VersionConflict } from '../../../commands/log.js';
import { PasswordsBusy } from '../../../commands/passwords.js';
import { KeyDestroyed } from '../../../commands/personalData.js';
import { InvalidInput } from '../../../commands/validation.js';
import { Rejected, rejections, type RejectionCode } from '../../../domain/rejected.js';
import { DocumentsNotReady } from '../../../projections/documents/reading.js';
import { ProjectionBehind } from '../../../projections/waiting.js';
import { packageRoot } from '../../../platform/packageRoot.js';

const told = (error: unknown) => {
  const { status, code, headers, unexpected } = problemOf(error, 'c1');
  return { status, code, retryAfter: headers['retry-after'], unexpected };
};

describe('the table of problems', () => {
  it('has a status and a title for every code, and nothing else', () => {
    expect(Object.keys(problemStatuses).sort()).to.deep.equal(Object.keys(problemTitles).sort());
    for (const status of Object.values(problemStatuses)) expect(status).to.be.within(400, 599);
  });

  it('answers every rejection with its own code, title and details', () => {
    for (const code of Object.keys(rejections) as RejectionCode[]) {
      const { status, body, unexpected } = problemOf(new Rejected(code, { left: 3 }), 'c1');
      expect(status).to.equal(problemStatuses[code]);
      expect(status).to.be.below(500);
      expect(unexpected).to.equal(false);
      expect(body).to.include({ code, title: rejections[code], left: 3, correlationId: 'c1' });
      expect(body['detail']).to.match(/^[A-Z].{10,}\. [A-Z].{10,}\.$/);
    }
  });

  it('lets no detail of an error stand in for what a problem says itself', () => {
    const error = new Rejected('card-taken', { status: 200, code: 'fine', type: 'x', detail: 'x' });
    expect(problemOf(error, 'c1').body).to.include({ status: 409, code: 'card-taken' });
  });

  it('tells what to repeat from what to mend', () => {
    const unavailable = { unexpected: true, retryAfter: '1' };
    expect(told(new LogUnavailable('gone'))).to.deep.equal({
      status: 503,
      code: 'log-unavailable',
      ...unavailable,
    });
    const behind = {
      status: 503,
      code: 'position-not-reached',
      unexpected: false,
      retryAfter: '1',
    };
    expect(told(new DeadlineExceeded(7n, 100))).to.deep.equal(behind);
    expect(told(new ProjectionBehind('balances', 7n, 100))).to.deep.equal(behind);
    const beyond = new ProjectionBehind('balances', 7n, 100, 'the log ends at 5.');
    expect(told(beyond)).to.deep.equal(behind);
    expect(problemOf(beyond, 'c1').body.detail).to.match(/within 100 ms: the log ends at 5\.$/);
    expect(told(new VersionConflict('account-demo.1'))).to.include({
      status: 409,
      code: 'version-conflict',
    });
    expect(told(new LogRefused('too-large', 'account-demo.1'))).to.include({
      status: 413,
      unexpected: false,
    });
    expect(told(new LogRefused('access-denied', 'account-demo.1'))).to.include({
      status: 500,
      unexpected: true,
    });
    expect(told(new InvalidInput([]))).to.include({ status: 400, code: 'invalid-input' });
    expect(told(new PasswordsBusy())).to.include({
      status: 429,
      code: 'rate-limited',
      retryAfter: '3',
    });
    expect(told(new KeyDestroyed())).to.include({ status: 409, code: 'account-closed' });
    expect(told(refused('forbidden', 'x'))).to.include({ status: 403, unexpected: false });
  });

  it('tells how far a read model is that is being filled', () => {
    const known = new DocumentsNotReady('messages', 45n, { percent: 45, retryAfterSeconds: 7 });
    const { body, headers, unexpected } = problemOf(known, 'c1');
    expect(headers).to.deep.equal({ 'retry-after': '7' });
    expect(body).to.include({ status: 503, code: 'read-model-unavailable', percent: 45 });
    expect(body).to.include({
      readModel: 'messages',
      detail: 'messages is being filled from the log (45 % so far): ask again in 7 s.',
    });
    expect(unexpected).to.equal(false);
    expect(told(new DocumentsNotReady('messages')).retryAfter).to.equal('1');
  });

  it('takes a database that is away for an outage, and whatever else for a bug', () => {
    const away = [
      Object.assign(new Error('x'), { code: 'ECONNREFUSED' }),
      Object.assign(new Error('x'), { code: '57P01' }),
      new Error('Connection terminated unexpectedly'),
      new Error('timeout exceeded when trying to connect'),
    ];
    for (const error of away)
      expect(told(error)).to.include({ status: 503, code: 'read-model-unavailable' });
    const bugs = [
      new TypeError('x'),
      Object.assign(new Error('x'), { code: '42P01' }),
      'text',
      null,
      undefined,
    ];
    for (const error of bugs) {
      expect(told(error)).to.include({ status: 500, code: 'internal-error', unexpected: true });
    }
  });

  it('says nothing of a bug', () => {
    const { body } = problemOf(new Error('select * from secrets'), 'c1');
    expect(JSON.stringify(body)).not.to.contain('secrets');
  });

  it('challenges whoever has no valid credentials', () => {
    const { headers } = problemOf(refused('credentials-missing', 'x'), 'c1');
    expect(headers['www-authenticate']).to.equal('Bearer realm="kopilka"');
  });

  it('is written down as it is', () => {
    const file = join(packageRoot, 'docs/reference/errors.md');
    expect(readFileSync(file, 'utf8')).to.equal(renderErrorReference());
  });
});
