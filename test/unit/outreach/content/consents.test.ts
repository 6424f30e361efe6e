import { expect } from 'chai';
import { createEnrolCustomer } from '../../../../commands/customer/enrolCustomer.js';
import { claimContact } from '../../../../commands/customer/contactOwnership.js';
import { createPersonalData } from '../../../../commands/personalData.js';
import { issueCredential } from '../../../../commands/partner/issueCredential.js';
import { registerPartner } from '../../../../commands/partner/registerPartner.js';
import { linkKey, unsubscribeUrl } from '../../../../commands/consent/unsubscribe.js';
import { addressHash } from '../../../../commands/message/addresses.js';
import { consentStream, consentSubject } from '../../../../domain/consent/consent.js';
import type { PartnerId, TenantId } from '../../../../domain/ids.js';
import { now } from '../../api/testApi.js';
import { ofMerchant } from './boundOperator.js';
import { type Desk, openDesk } from './desk.js';
import { quickPasswords } from '../../commands/quickPasswords.js';

const demo = 'demo' as TenantId;
const source = { kind: 'form', detail: 'Registration' };
const email = { email: 'Ada@Example.com' };
const termsOf = (channel: 'email' | 'sms', ...subjects: [string, ...string[]]) =>
  ({ tenant: demo, subjects, channel, class: 'marketing' }) as const;

describe('consents', () => {
  quickPasswords();
  let desk: Desk;
  let userId = '';
  const send: Desk['send'] = (...asked) => desk.send(...asked);
  const say = (recipient: object, state: string, channels = ['email']) =>
    send('post', '/outreach/v1/consents', {
      ...{ recipient, state, channels, classes: ['marketing'], source },
    });
  const wordOf = async (recipient: object) =>
    (await send('post', '/outreach/v1/consents/search', { recipient })).body.inForce.map(
      ({ channel, state }: { channel: string; state: string }) => `${channel} ${state}`,
    );

  const subjectOf = async (address: string) => {
    const key = await desk.keys.indexKey(demo);
    return consentSubject(null, addressHash(key, { kind: 'email', email: address }));
  };

  before(async () => {
    desk = await openDesk();
    const { handler } = desk.shop;
    const context = (key: string) => ({
      ...{ tenant: demo, actor: { kind: 'operator' as const, id: 'owner' }, now },
      ...{ idempotencyKey: key, correlationId: 'spec' },
    });
    const personalData = createPersonalData(desk.keys);
    const enrol = createEnrolCustomer(handler, personalData);
    const person = { name: 'Ada', email: 'ada@example.com' };
    const enrolled = await enrol(person, context('enrol'));
    userId = enrolled.answer.userId;
    const hash = await personalData.hash(demo, 'email', 'ada@example.com');
    const claim = { kind: 'email' as const, hash, userId: enrolled.answer.userId };
    await handler.handle(claimContact, claim, context('claim'));
  });
  after(() => desk.close());

  it('are given by an address, which speaks for the account that it belongs to', async () => {
    const { status, body } = await say(email, 'given', ['email', 'sms']);
    expect(status).to.equal(200);
    expect(body.inForce).to.have.length(2);
    expect(await wordOf({ userId })).to.have.members(['email given', 'sms given']);
    expect(await wordOf(email)).to.have.members(['email given', 'sms given']);
    const said = JSON.stringify(desk.shop.log.facts.map(({ data }) => data)).toLowerCase();
    expect(said).not.to.contain('ada@example.com');
    const address = desk.shop.log.facts.filter(({ stream }) => /^consent-demo\.addr_/.test(stream));
    expect(address.map(({ type }) => type)).to.deep.equal(['ConsentGiven', 'ConsentGiven']);
  });

  it('are known as of any moment, each word with its source', async () => {
    await say({ userId }, 'withdrawn');
    const history = await send('get', `/outreach/v1/consents/${userId}`);
    expect(history.body.history.map(({ state }: { state: string }) => state)).to.deep.equal([
      ...['withdrawn', 'given', 'given'],
    ]);
    expect(history.body.history[0].source).to.deep.equal(source);
    const before = new Date(now - 1).toISOString();
    const { body } = await send('get', `/outreach/v1/consents/${userId}?asOf=${before}`);
    expect(body).to.deep.equal({ inForce: [], history: [] });
  });

  it('are of somebody who is there, and of one recipient at a time', async () => {
    const stranger = { userId: '8018000010999999999999995' };
    expect((await say(stranger, 'given')).body.code).to.match(/account-not-found|invalid-input/);
    expect((await say({ email: 'nobody' }, 'given')).body.code).to.equal('invalid-contact');
    expect((await say({ userId, ...email }, 'given')).status).to.equal(400);
    expect((await say({}, 'given')).status).to.equal(400);
  });

  it('are nothing to whoever has to do with one merchant alone', async () => {
    const recipient = { userId };
    for (const role of ['manager', 'analyst', 'auditor'] as const) {
      const token = await ofMerchant(desk.shop, `bound_${role}`, role);
      const as = { authorization: `Bearer ${token}` };
      const facts = desk.shop.log.facts.length;
      const order = {
        recipient,
        state: 'given',
        channels: ['sms'],
        classes: ['marketing'],
        source,
      };
      const given = await send('post', '/outreach/v1/consents', order, as);
      const read = await send('get', `/outreach/v1/consents/${userId}`, undefined, as);
      const found = await send('post', '/outreach/v1/consents/search', { recipient }, as);
      expect([given.status, read.status, found.status], role).to.deep.equal([403, 403, 403]);
      expect(desk.shop.log.facts).to.have.length(facts);
    }
  });

  it('are told to partners as they hold, and not who recorded them and when before', async () => {
    const { handler } = desk.shop;
    const context = (key: string) => ({
      ...{ tenant: demo, actor: { kind: 'operator' as const, id: 'owner' }, now },
      ...{ idempotencyKey: key, correlationId: 'spec' },
    });
    const partnerId = 'bank' as PartnerId;
    await handler.handle(registerPartner, { partnerId, name: 'Bank' }, context('bank'));
    const credential = { partnerId, label: 'x', roles: ['messenger' as const] };
    const { answer } = await handler.handle(issueCredential, credential, context('credential'));
    const as = { authorization: `Bearer ${answer.token}` };
    await say({ userId }, 'given');
    const order = { recipient: email, state: 'given', channels: ['sms'], classes: ['service'] };
    const answers = [
      await send('post', '/outreach/v1/consents', { ...order, source }, as),
      await send('get', `/outreach/v1/consents/${userId}`, undefined, as),
      await send('post', '/outreach/v1/consents/search', { recipient: email }, as),
    ];
    for (const { status, body } of answers) {
      expect(status).to.equal(200);
      expect(body.history).to.deep.equal([]);
      expect(body.inForce[0]).to.include({ channel: 'email', state: 'given' });
      expect(JSON.stringify(body)).not.to.contain('Registration');
    }
  });

  it('end at one click on a link that says nothing of the recipient', async () => {
    await say({ userId }, 'given');
    const key = linkKey(await desk.keys.indexKey(demo));
    const address = await subjectOf('ada@example.com');
    const terms = termsOf('email', address, userId);
    const { pathname } = new URL(unsubscribeUrl('https://example.com', key, terms));
    expect(pathname).not.to.contain(userId);
    const asked = await send('get', pathname);
    expect(asked.text).to.contain('advertising messages by email').and.contain('method="post"');
    expect(await wordOf({ userId })).to.include('email given');
    const click = () =>
      send(
        'post',
        pathname,
        { 'List-Unsubscribe': 'One-Click' },
        {
          'content-type': 'application/x-www-form-urlencoded',
        },
      );
    expect((await click()).status).to.equal(200);
    expect((await click()).status).to.equal(200);
    expect(await wordOf({ userId })).to.include('email withdrawn');
    expect(await wordOf(email)).to.include('email withdrawn');
    const ofAddress = desk.shop.log.facts.filter(({ stream }) => stream.endsWith(address));
    expect(ofAddress.at(-1)?.type).to.equal('ConsentWithdrawn');
    // Whoever agreed again and thinks better of it is heard by the same old link.
    await say({ userId }, 'given');
    await click();
    expect(await wordOf({ userId })).to.include('email withdrawn');
    const { source: of } = (await send('get', `/outreach/v1/consents/${userId}`)).body.history[0];
    expect(of).to.deep.equal({ kind: 'unsubscribe-link' });
  });

  it('are not moved by a link that was made up, cut off, or is of another programme', async () => {
    const key = linkKey(await desk.keys.indexKey(demo));
    const terms = termsOf('sms', userId);
    const good = new URL(unsubscribeUrl('https://example.com', key, terms)).pathname;
    const foreign = linkKey(await desk.keys.indexKey('strange' as TenantId));
    const moved = new URL(unsubscribeUrl('https://example.com', foreign, terms)).pathname;
    for (const path of [
      good.slice(0, -3),
      good.replace('/demo.', '/strange.'),
      good.replace('/demo.', '/nowhere.'),
      moved,
      '/outreach/v1/unsubscribe/demo.AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
      '/outreach/v1/unsubscribe/xxxxxxxxxxxxxxxx',
    ]) {
      const { status, body } = await send('get', path);
      expect(status, path).to.equal(404);
      expect(body.code).to.equal('unsubscribe-link-refused');
    }
    const streams = desk.shop.log.facts.map(({ stream }) => stream);
    expect(streams).not.to.include(consentStream('nowhere' as TenantId, userId));
  });
});

describe('addresses that are left alone', () => {
  let desk: Desk;
  before(async () => {
    desk = await openDesk();
  });
  after(() => desk.close());

  it('are named once, kept by their hash, and released', async () => {
    const path = '/admin/v1/outreach/suppressions';
    const place = { channel: 'sms', address: { phone: '+44 20 7946 0018' } };
    const { body } = await desk.send('post', path, { ...place, detail: 'Called us' });
    expect(body.suppressed).to.include({ reason: 'operator', detail: 'Called us' });
    const found = await desk.send('post', `${path}/search`, place);
    expect(found.body).to.deep.equal(body);
    expect(JSON.stringify(desk.shop.log.facts.at(-1)?.data)).not.to.contain('7946');
    const spelt = { channel: 'sms', address: { phone: '+442079460018' } };
    expect((await desk.send('post', `${path}/release`, spelt)).body.suppressed).to.equal(null);
    expect((await desk.send('post', `${path}/search`, place)).body.suppressed).to.equal(null);
  });

  it('are of the kind that the channel needs', async () => {
    const path = '/admin/v1/outreach/suppressions';
    const { status, body } = await desk.send('post', path, { channel: 'sms', address: email });
    expect(status).to.equal(400);
    expect(JSON.stringify(body)).to.contain('must be of kind phone');
  });
});
