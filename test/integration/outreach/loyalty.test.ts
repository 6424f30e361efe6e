/** Loyalty messages in the whole product: the guide as it is written, with customers who buy, have points that expire, and a birthday. */
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { type Cleanup, createCleanup } from '../../../bench/cleanup.js';
import { type Product, startProduct } from '../../../bench/product/product.js';
import { stepsOf } from '../../unit/exchange/guide.js';
import { eventually } from '../../unit/workers/eventually.js';
import { openHttpPeer } from '../providers/httpPeer.js';

type Json = Record<string, unknown>;
type Listed = { readonly items: readonly Json[] };

describe('loyalty messages in the product', function () {
  this.timeout(180_000);
  const faults: unknown[] = [];
  let cleanup: Cleanup;
  let product: Product;
  let owner = '';
  let ada = '';

  const send = async (method: string, path: string, token: string, body?: unknown) => {
    const response = await fetch(`${product.url}${path}`, {
      method,
      headers: {
        ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
        'idempotency-key': randomUUID(),
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
      },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(20_000),
    });
    const answer = (await response.json()) as Json;
    expect(response.ok, `${method} ${path}: ${JSON.stringify(answer)}`).to.equal(true);
    return answer;
  };
  const admin = (method: string, path: string, body?: unknown) =>
    send(method, `/admin/v1${path}`, owner, body);
  const till = (path: string, body: object) =>
    send('POST', `/pos/v1${path}`, product.tillToken, body);
  const enrol = async (person: object): Promise<string> =>
    String((await till('/users/', person))['userId']);
  const buy = (userId: string, price: number) =>
    till(`/users/${userId}/purchases/`, {
      purchaseId: randomUUID(),
      lines: [{ productId: 'tea', quantity: 1, price }],
    });
  const messagesOf = async (policyId: string): Promise<readonly Json[]> => {
    const found = await admin('GET', `/outreach/messages?policyId=${policyId}`);
    return (found as unknown as Listed).items;
  };
  /** Asked ten times a second, so that asking takes nothing away from what is waited for. */
  const inTime = (assertion: () => Promise<unknown>): Promise<void> =>
    eventually(
      () =>
        assertion().catch(async (error: unknown) => {
          await sleep(100);
          throw error;
        }),
      60_000,
    );

  before(async () => {
    cleanup = createCleanup((error) => faults.push(error));
    product = await startProduct({
      ...{ dataDir: cleanup.folder('loyalty'), cleanup },
      env: { KOPILKA_WEBHOOK_PRIVATE_NETWORKS: '127.0.0.0/8' },
    });
    const logon = { tenant: 'demo', ...product.operator };
    owner = String((await send('POST', '/pos/v1/logon', '', logon))['token']);
    const { rule } = (await admin('GET', '/programme')) as { rule: Json };
    await admin('PUT', '/programme', {
      rule: { ...rule, activationDelayDays: 0, lifetimeDays: 30 },
    });
    await admin('POST', '/outreach/providers', {
      ...{ providerId: 'sms_try', kind: 'sandbox', channel: 'sms' },
      settings: { receipts: { afterMs: 20, status: 'delivered' } },
    });
    const bornOn = (day: number): string => {
      const date = new Date(Date.now() + day * 86_400_000).toISOString().slice(5, 10);
      return `1984-${date}`;
    };
    ada = await enrol({ name: 'Ada', phone: '+442079460018', birthDate: bornOn(0) });
    // Where midnight comes before birthdays are looked for, it is his.
    await enrol({ name: 'Ben', phone: '+442079460019', birthDate: bornOn(1) });
    await buy(ada, 2_000);
    await inTime(async () => {
      const balances = await send('GET', `/pos/v1/users/${ada}/balance`, product.tillToken);
      expect(JSON.stringify(balances)).to.match(/"active":[1-9]/);
    });
  });
  after(async () => {
    await cleanup?.run();
    expect(faults, 'faults of the clean-up').to.deep.equal([]);
  });

  it('leave addresses alone, and wait for nothing, before there was any', async () => {
    expect(await admin('GET', '/outreach/queue')).to.containSubset({ items: [] });
    expect(await admin('GET', '/outreach/suppressions')).to.deep.equal({ items: [], next: null });
    const place = { channel: 'sms', address: { phone: '+442079460020' } };
    await admin('POST', '/outreach/suppressions', place);
    await inTime(async () => {
      const { items } = (await admin('GET', '/outreach/suppressions')) as unknown as Listed;
      expect(items).to.have.length(1);
      expect(items[0]).to.include({ channel: 'sms', reason: 'operator' });
    });
  });

  it('go as the guide says: one of each fact, delivered, and none of what was before', async () => {
    const steps = stepsOf('loyalty-messages.md');
    expect(steps).to.have.length(7);
    for (const { method, path, body, answers } of steps) {
      if (method === 'get') await buy(ada, 4_000);
      const given = body === '' ? undefined : (JSON.parse(body) as Json);
      await inTime(async () => {
        const answer = await send(method.toUpperCase(), path, owner, given);
        expect(answer, path).to.containSubset(answers[0]);
      });
    }
    await inTime(async () => {
      const [thanks, ...more] = await messagesOf('thanks');
      expect(more).to.deep.equal([]);
      expect(thanks).to.include({ status: 'delivered' });
    });
  });

  it('tell of points that expire, and of a birthday unless nobody agreed to it', async () => {
    await inTime(async () => {
      const [expiring, ...more] = await messagesOf('expiring');
      expect(more).to.deep.equal([]);
      expect(expiring).to.containSubset({ status: 'delivered' });
    });
    await inTime(async () => {
      const [birthday] = await messagesOf('birthday');
      expect(birthday).to.include({ status: 'suppressed' });
    });
  });

  it('tell of a coupon that was granted, and only of the series that they name', async () => {
    for (const seriesId of ['tea', 'cake']) {
      await admin('POST', '/coupon-series', {
        seriesId,
        name: `Free ${seriesId}`,
        kind: 'personal',
      });
    }
    await admin('PUT', '/outreach/templates/coupon', {
      ...{ name: 'A coupon', defaultLocale: 'en' },
      variables: [{ name: 'series', kind: 'text' }],
      bodies: { en: { sms: { text: '{{ series }}: yours.' } } },
    });
    await admin('PUT', '/outreach/policies/coupon', {
      ...{ name: 'A coupon', enabled: true, class: 'transactional' },
      trigger: { kind: 'couponGranted', seriesId: 'tea' },
      ...{ template: { templateId: 'coupon' }, via: { channel: 'sms' } },
    });
    for (const series of ['cake', 'tea']) {
      await admin('POST', `/users/${ada}/coupons`, { series });
    }
    await inTime(async () => {
      const [coupon, ...more] = await messagesOf('coupon');
      expect(more).to.deep.equal([]);
      expect(coupon).to.include({ status: 'delivered', userId: ada });
    });
  });

  it('tells together what was asked to be told together', async () => {
    const variables = [{ name: 'shop', kind: 'text' }];
    const text =
      '{{ count }}: {% for item in items %}{{ item.shop }}{% unless forloop.last %}, {% endunless %}{% endfor %}';
    const content = {
      name: 'Parcels',
      defaultLocale: 'en',
      variables,
      bodies: { en: { sms: { text } } },
    };
    await admin('PUT', '/outreach/templates/parcels', content);
    // All three are to be asked for before it.
    const until = new Date(Date.now() + 6_000).toISOString();
    const ids: string[] = [];
    for (const shop of ['Riga', 'Cesis', 'Valka']) {
      const answer = await send('POST', '/outreach/v1/messages', owner, {
        ...{ class: 'transactional', recipient: { userId: ada }, channel: 'sms' },
        ...{ template: { templateId: 'parcels' }, variables: { shop } },
        digest: { key: 'parcels', until },
      });
      ids.push(String(answer['messageId']));
    }
    const stateOf = (id: string | undefined) => send('GET', `/outreach/v1/messages/${id}`, owner);
    await inTime(async () => {
      const [first, ...others] = await Promise.all(ids.map(stateOf));
      expect(first).to.containSubset({ status: 'delivered', digestedInto: null });
      for (const other of others)
        expect(other).to.containSubset({
          ...{ status: 'digested', digestedInto: ids[0], attempts: [] },
          fate: { messageId: ids[0], status: 'delivered' },
        });
    });
    await inTime(async () => {
      const { items } = (await send(
        'GET',
        '/outreach/v1/messages?status=digested',
        owner,
      )) as unknown as Listed;
      expect(items.map(({ messageId }) => messageId)).to.have.members(ids.slice(1));
      for (const item of items) {
        expect(item).to.containSubset({ fate: { messageId: ids[0], status: 'delivered' } });
      }
      const part = await admin('GET', `/outreach/messages/${ids[1]}`);
      expect(part).to.containSubset({ status: 'digested', fate: { status: 'delivered' } });
    });
    await inTime(async () => {
      const timeline = await send('GET', `/outreach/v1/messages/${ids[1]}/timeline`, owner);
      expect(timeline).to.containSubset({
        status: 'digested',
        fate: { messageId: ids[0], status: 'delivered' },
      });
    });
  });

  it('speak the language that a customer chose, and tell that it was their wish', async () => {
    const peer = await openHttpPeer(() => ({ status: 200, body: {} }));
    try {
      await admin('POST', '/outreach/providers', {
        ...{ providerId: 'sms_words', kind: 'http', channel: 'sms' },
        settings: {
          request: { url: `${peer.url}/send`, body: { to: '{{to}}', text: '{{text}}' } },
        },
      });
      const step = { channel: 'sms', until: 'accepted', waitSeconds: 60, providerId: 'sms_words' };
      await admin('PUT', '/outreach/strategies/words', { name: 'Words', steps: [step] });
      await admin('PUT', '/outreach/policies/words', {
        ...{ name: 'Words', enabled: true, class: 'transactional' },
        ...{ trigger: { kind: 'purchase' }, template: { templateId: 'thanks' } },
        via: { strategyId: 'words' },
      });
      const eva = await enrol({ name: 'Eva', phone: '+442079460021', language: 'de-AT' });
      await inTime(async () => {
        const found = await send('GET', `/pos/v1/users/${eva}`, product.tillToken);
        expect(found).to.include({ language: 'de-AT' });
      });
      await buy(eva, 3_000);
      await buy(ada, 3_000);
      const saidTo = (phone: string): string | undefined => {
        const bodies = peer.asked.map(({ body }) => JSON.parse(String(body)) as Json);
        const text = bodies.find(({ to }) => String(to).endsWith(phone))?.['text'];
        return text === undefined ? undefined : String(text);
      };
      await inTime(async () => {
        expect(saidTo('21')).to.match(/^Danke! 30,00.*£ bei .*, dafür/);
        expect(saidTo('18')).to.match(/You paid £30\.00 at/);
        const toEva = (await messagesOf('words')).find(({ userId }) => userId === eva);
        const path = `/outreach/messages/${String(toEva?.['messageId'])}`;
        const shown = await admin('GET', path);
        const language = { locale: 'de', basis: 'customer' };
        expect(shown).to.containSubset({ tried: [{ language }] });
        const timeline = await admin('GET', `${path}/timeline`);
        expect(JSON.stringify(timeline)).to.include('Said in de, which the customer prefers.');
      });
    } finally {
      await peer.close();
    }
  });
});
