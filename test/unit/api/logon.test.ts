import { expect } from 'chai';
import request from 'supertest';
import { createBackOff } from '../../../api/auth/backOff.js';
import type { Refused } from '../../../api/refused.js';
import { openTestShop, password, type TestShop } from './testShop.js';
import { quickPasswords } from '../commands/quickPasswords.js';

describe('logging on', () => {
  quickPasswords();
  let shop: TestShop;
  before(async () => (shop = await openTestShop()));
  after(() => shop.close());
  const logon = (body: object) => request(shop.app).post('/pos/v1/logon').send(body);

  it('gives a token that works', async () => {
    const { body } = await logon({ tenant: 'demo', login: 'owner', password }).expect(200);
    expect(body).to.include({ tokenType: 'Bearer', expiresAt: '2026-03-01T12:01:00.000Z' });
    const who = await request(shop.app)
      .get('/pos/v1/logon')
      .set('authorization', `Bearer ${body.token}`)
      .expect(200);
    expect(who.body).to.deep.equal({
      kind: 'operator',
      tenant: 'demo',
      id: 'owner',
      merchantId: null,
      currency: 'GBP',
      roles: ['owner'],
    });
  });

  it('says the same of a wrong password, an unknown login and an unknown tenant', async () => {
    const wrong = { tenant: 'demo', login: 'owner', password: 'wrong' };
    const tried = [wrong, { ...wrong, login: 'nobody' }, { ...wrong, tenant: 'nowhere' }];
    for (const body of tried) {
      const answer = await logon(body).expect(401);
      expect(answer.body.code).to.equal('credentials-refused');
      expect(answer.headers['www-authenticate']).to.equal('Bearer realm="kopilka"');
    }
  });

  it('must wait after a few failures, without checking the password', async () => {
    const wrong = { tenant: 'demo', login: 'owner', password: 'wrong' };
    let answer = await logon(wrong);
    for (let i = 0; i < 8 && answer.status === 401; i += 1) answer = await logon(wrong);
    expect([answer.status, answer.body.code]).to.deep.equal([429, 'rate-limited']);
    expect(answer.headers['retry-after']).to.equal('1');
    const right = await logon({ tenant: 'demo', login: 'owner', password });
    expect(right.status).to.equal(429);
  });

  it('never logs a password', () => {
    expect(JSON.stringify(shop.lines)).not.to.contain(password);
  });
});

describe('the back-off of guesses', () => {
  const backOff = () => createBackOff({ free: 2, secondsMax: 60 });
  const waitOf = (act: () => void): string | null => {
    try {
      act();
      return null;
    } catch (error) {
      return (error as Refused).headers['retry-after'] ?? '';
    }
  };

  it('waits twice as long each time, up to its limit', () => {
    const slow = backOff();
    const waits: (string | null)[] = [];
    let now = 0;
    for (let i = 0; i < 12; i += 1) {
      expect(waitOf(() => slow.begin('a', now))).to.equal(null);
      const wait = waitOf(() => slow.begin('a', now));
      if (wait === null) continue;
      waits.push(wait);
      now += Number(wait) * 1000;
    }
    expect(waits).to.deep.equal(['1', '2', '4', '8', '16', '32', '60', '60', '60', '60', '60']);
  });

  it('counts attempts that are still going on', () => {
    const slow = backOff();
    for (let i = 0; i < 3; i += 1) slow.begin('a', 0);
    expect(waitOf(() => slow.begin('a', 0))).to.equal('1');
  });

  it('forgets the failures of whoever gets it right', () => {
    const slow = backOff();
    for (let i = 0; i < 3; i += 1) slow.begin('a', 0);
    slow.succeeded('a');
    expect(waitOf(() => slow.begin('a', 0))).to.equal(null);
  });

  it('takes one attempt back without forgetting those before it', () => {
    const slow = backOff();
    for (let i = 0; i < 3; i += 1) slow.begin('a', 0);
    slow.takeBack('a');
    expect(waitOf(() => slow.begin('a', 0))).to.equal(null);
    expect(waitOf(() => slow.begin('a', 0))).to.equal('1');
  });

  it('keeps keys apart', () => {
    const slow = backOff();
    for (let i = 0; i < 3; i += 1) slow.begin('a', 0);
    expect(waitOf(() => slow.begin('b', 0))).to.equal(null);
  });
});
