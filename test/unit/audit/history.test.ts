import type { TObject } from '@sinclair/typebox';
import { expect } from 'chai';
import { filterOf } from '../../../api/audit/events.js';
import { shown } from '../../../api/audit/eventShown.js';
import { type History, matches } from '../../../api/audit/history.js';
import { whyOf } from '../../../api/audit/why.js';
import type { Fact } from '../../../domain/fact.js';
import { eventDefinitions } from '../../../domain/registry.js';
import type { TenantId } from '../../../domain/ids.js';

const demo = 'demo' as TenantId;

const fact = (type: string, data: unknown, changes: Partial<Fact> = {}): Fact => ({
  id: '6f1d3f0c-6c5e-5d0f-9d0a-1c5b8a7e2f43',
  type,
  data,
  stream: 'account-demo.1',
  revision: 0,
  position: 1n,
  recordedAt: Date.UTC(2026, 2, 1),
  metadata: {
    tenant: demo,
    actor: { kind: 'till', id: 'till1' },
    correlationId: 'c-1',
    causationId: 'c-1',
    commandId: 'd-1',
    occurredAt: '2026-03-01T00:00:00.000Z',
    schemaVersion: 1,
    fingerprint: '',
  },
  ...changes,
});

describe('the history', () => {
  it('is of one tenant, whatever else is asked', () => {
    const foreign = fact('TillRevoked', {});
    expect(matches(foreign, { tenant: 'other' as TenantId })).to.equal(false);
    expect(matches(foreign, { tenant: demo })).to.equal(true);
  });

  it('is searched by type, actor, correlation and time', () => {
    const till = fact('TillRevoked', {});
    const found = (query: Parameters<typeof filterOf>[1]) => matches(till, filterOf(demo, query));
    expect(found({ type: ['TillRevoked', 'TillRegistered'] })).to.equal(true);
    expect(found({ type: ['TillRegistered'] })).to.equal(false);
    expect(found({ actor: 'till' })).to.equal(true);
    expect(found({ actor: 'till:till1' })).to.equal(true);
    expect(found({ actor: 'till:till2' })).to.equal(false);
    expect(found({ actor: 'till1' })).to.equal(true);
    expect(found({ actor: 'till2' })).to.equal(false);
    expect(found({ actor: 'operator' })).to.equal(false);
    expect(found({ correlation: 'c-1' })).to.equal(true);
    expect(found({ correlation: 'c-2' })).to.equal(false);
    expect(found({ since: '2026-03-01T00:00:00Z', until: '2026-03-01T00:00:00Z' })).to.equal(true);
    expect(found({ since: '2026-03-01T00:00:01Z' })).to.equal(false);
    expect(found({ until: '2026-02-28T23:59:59Z' })).to.equal(false);
  });

  it('names secrets and persons without showing them', () => {
    const { data } = shown(
      fact('CustomerEnrolled', {
        userId: '1',
        person: 'AAAA',
        birthday: 'BBBB',
        phoneHash: 'ffff',
        emailHash: null,
      }),
    );
    expect(data).to.deep.equal({
      userId: '1',
      person: '(encrypted, not shown)',
      birthday: '(encrypted, not shown)',
      phoneHash: '(hash, not shown)',
      emailHash: null,
    });
  });

  it('shows no hash of an address, wherever it stands', () => {
    const hash = 'a1'.repeat(32);
    const addr = `addr_${hash.slice(0, 40)}`;
    const facts = [
      fact('MessageAccepted', {
        recipient: { userId: null, subject: addr, addresses: { email: hash, phone: hash } },
        words: [hash.slice(0, 16)],
        steps: [{ channel: 'sms' }],
      }),
      fact('AttemptsStarted', { attempts: [{ attempt: 1, address: hash }] }),
      fact('ConsentGiven', { subject: addr }, { stream: `consent-demo.${addr}` }),
      fact('AddressReleased', {}, { stream: `suppression-demo.sms_${hash}` }),
      fact('ContactReleased', {}, { stream: `contact-demo.phone_${hash}` }),
    ];
    const told = facts.map(shown);
    expect(JSON.stringify(told)).not.to.match(/(a1){8}/);
    expect(told[0]?.data).to.deep.include({ steps: [{ channel: 'sms' }] });
    expect(told[3]?.stream).to.equal('suppression-demo.sms_(hash, not shown)');
  });

  it('shows what is no hash of an address as it is', () => {
    const data = {
      seedHash: 'b2'.repeat(32),
      data: { address: { street: 'Main St' }, subject: 'Hello', words: ['a', 'b'] },
      subject: '3000000000000000000000017',
    };
    expect(shown(fact('Published', data)).data).to.deep.equal(data);
  });

  it('shows no field of any event that holds a hash or a ciphertext', () => {
    const kept = [...eventDefinitions].flatMap(([type, { schema }]) =>
      Object.keys((schema as TObject).properties)
        .filter((name) =>
          /^(password|secret|code|phone|email)Hash$|^address$|^sealed|^person$/.test(name),
        )
        .filter((name) => !/not shown/.test(String(shown(fact(type, { [name]: 'AA' })).data[name])))
        .map((name) => `${type}: ${name}`),
    );
    expect(kept).to.deep.equal([]);
  });
});

describe('why', () => {
  const historyOf = (facts: readonly Fact[]): History => ({
    search: () => Promise.reject(new Error('not asked')),
    stream: async (_name, { from, limit }) => {
      const start = from ?? 0;
      const end = start + Math.min(limit, 2);
      return { facts: facts.slice(start, end), next: end < facts.length ? end : null };
    },
  });
  const confirmed = fact('PurchaseConfirmed', {
    purchaseId: 'p1',
    merchantId: 3,
    currency: 'GBP',
    total: 1000,
    why: [{ code: 'account-is-closed', figures: {} }],
  });
  const returned = fact('PurchaseReturned', { purchaseId: 'p1', complete: false, why: [] });

  it('gathers every fact of the purchase over the pages of its stream', async () => {
    const facts = [
      fact('CustomerEnrolled', { userId: '1' }),
      confirmed,
      fact('PurchaseConfirmed', { ...(confirmed.data as object), purchaseId: 'p2' }),
      fact('PointsEarned', { purchaseId: 'p1', points: 5 }),
      returned,
    ];
    const why = await whyOf(historyOf(facts), 'account-demo.1', 'p1');
    expect(why).to.include({ status: 'partlyReturned', total: 1000, merchantId: 3 });
    expect(why?.steps.map(({ type }) => type)).to.deep.equal([
      'PurchaseConfirmed',
      'PointsEarned',
      'PurchaseReturned',
    ]);
    expect(why?.steps[0]?.reasons[0]?.sentence).to.equal(
      'The account is closed: no points move any more.',
    );
  });

  it('tells what became of the purchase', async () => {
    const status = async (...more: Fact[]) =>
      (await whyOf(historyOf([confirmed, ...more]), 'account-demo.1', 'p1'))?.status;
    expect(await status()).to.equal('confirmed');
    expect(
      await status(returned, fact('PurchaseReturned', { purchaseId: 'p1', complete: true })),
    ).to.equal('returned');
    expect(await status(fact('PurchaseCancelled', { purchaseId: 'p1' }))).to.equal('cancelled');
  });

  it('has no answer for a purchase that is not there', async () => {
    expect(await whyOf(historyOf([confirmed]), 'account-demo.1', 'p9')).to.equal(null);
  });
});
