/** Standing orders over HTTP: partners with their own, operators with all, endpoints that agree and endpoints that do not. */
import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import request from 'supertest';
import { subscriptionsMax } from '../../../commands/subscription/createSubscription.js';
import { disableSubscription } from '../../../commands/subscription/disableSubscription.js';
import type { Outcome } from '../../../commands/subscription/handshake.js';
import type { TenantId } from '../../../domain/ids.js';
import { isGenuine, signatureHeaders } from '../../../workers/webhook/signature.js';
import { now } from '../api/testApi.js';
import type { TestShop } from '../api/testShop.js';
import {
  answered,
  type Method,
  openSubscriptionShop,
  origin,
  type SubscriptionShop,
} from './subscriptionShop.js';
import { quickPasswords } from '../commands/quickPasswords.js';

const hook = 'https://bank.example/hooks/cars';
const base = '/exchange/v1/subscriptions';

type Body = Record<string, unknown> & {
  readonly subscriptionId: string;
  readonly status: string;
  readonly why: { readonly reason: string; readonly explanation: string } | null;
};

const agreed = answered(200, { 'webhook-allowed-origin': origin, 'webhook-allowed-rate': '120' });

describe('subscriptions', () => {
  quickPasswords();
  let endpoint: Outcome;
  let open: SubscriptionShop;
  let shop: TestShop;
  let bank = '';
  let dealer = '';
  let calls: SubscriptionShop['calls'];
  let send: SubscriptionShop['send'];
  let admin: SubscriptionShop['admin'];
  let join: SubscriptionShop['join'];
  let publish: SubscriptionShop['publish'];

  const order = (more: object = {}) => ({
    topicId: 'cars_chosen',
    endpoint: { url: hook },
    ...more,
  });
  const subscribe = async (more: object = {}, token = bank): Promise<Body> => {
    const { body } = await send('post', base, order(more), token).expect(201);
    return body as Body;
  };
  const shown = async (id: string): Promise<Body> =>
    (await send('get', `${base}/${id}`).expect(200)).body as Body;
  beforeEach(async () => {
    endpoint = agreed;
    open = await openSubscriptionShop(() => endpoint);
    ({ shop, bank, dealer, calls, send, admin, join, publish } = open);
  });
  afterEach(() => shop.close());

  it('are active at once where the endpoint agrees', async () => {
    const body = await subscribe({ ratePerSecond: 5 });
    expect(body).to.deep.include({
      ...{
        partnerId: 'city_bank',
        topicId: 'cars_chosen',
        status: 'active',
        delivers: true,
        why: null,
      },
      ...{ mode: 'structured', signing: ['v1'], order: { by: 'none' }, concurrency: 8 },
      ...{ filter: null, batch: null, headers: [], secretVersion: 1, ratePerSecond: 5 },
      from: { kind: 'now', after: null },
      verification: {
        ...{ kind: 'handshake', verifiedAt: new Date(now).toISOString(), allowedRate: 120 },
        ...{ failedAt: null, reason: null },
      },
    });
    expect(calls).to.have.length(1);
    expect(calls[0]).to.deep.include({
      method: 'OPTIONS',
      url: hook,
      headers: { 'webhook-request-origin': origin, 'webhook-request-rate': '300' },
    });
    expect(await shown(body.subscriptionId)).to.deep.equal(body);
  });

  it('stand unverified with what the endpoint answered, until it agrees', async () => {
    endpoint = answered(404);
    const body = await subscribe();
    expect(body).to.include({ status: 'unverified', delivers: false });
    expect(body.why?.explanation).to.match(/answered 404 .* WebHook-Allowed-Origin: kopilka/);
    const path = `${base}/${body.subscriptionId}/verify`;
    // Another question within the second is not asked: the same is told.
    const refused = await send('post', path).expect(409);
    expect(refused.body).to.include({ code: 'endpoint-not-verified', url: hook });
    expect(calls).to.have.length(1);
    endpoint = answered(200, { 'webhook-allowed-origin': '*' });
    const moved = { endpoint: { url: `${hook}/2` } };
    const after = await send('patch', `${base}/${body.subscriptionId}`, moved).expect(200);
    expect(after.body).to.include({ status: 'active', why: null });
    expect((after.body as Body)['verification']).to.include({ allowedRate: null, reason: null });
    await send('post', path).expect(200);
  });

  it('have a host asked no more often than a person needs, whoever it is of', async () => {
    for (let i = 0; i < 20; i += 1) await subscribe();
    const body = await subscribe({ endpoint: { url: 'https://bank.example/other' } }, dealer);
    expect(calls).to.have.length(20);
    expect(body.why?.explanation).to.contain('asked too often');
    expect(await subscribe({ endpoint: { url: 'https://a.example/' } })).to.include({
      status: 'active',
    });
    open.passMs(1_000);
    const path = `${base}/${body.subscriptionId}/verify`;
    expect((await send('post', path, undefined, dealer)).body).to.include({ status: 'active' });
  });

  it('are one order under one key, also when it comes again and the topic has moved on', async () => {
    const key = randomUUID();
    const more = { headers: { 'x-a': 'one' } };
    const first = await send('post', base, order(more), bank, key).expect(201);
    await publish(2);
    const again = await send('post', base, order(more), bank, key).expect(200);
    expect(again.body).to.deep.equal(first.body);
    const other = await send('post', base, order({ concurrency: 2 }), bank, key).expect(409);
    expect(other.body).to.include({ code: 'idempotency-key-reused' });
    const named = order({ subscriptionId: 'sub_cars1' });
    await send('post', base, named).expect(201);
    await send('post', base, named).expect(200);
    const taken = await send('post', base, named, dealer).expect(409);
    expect(taken.body).to.include({ code: 'already-registered' });
  });

  it('begin now, at a place, or with everything', async () => {
    const from = async (given: object) => (await subscribe({ from: given }))['from'];
    expect(await from({ kind: 'now' })).to.deep.equal({ kind: 'now', after: null });
    await publish(3);
    expect(await from({ kind: 'now' })).to.deep.equal({ kind: 'now', after: 2 });
    for (const after of [null, 1]) {
      expect(await from({ kind: 'place', after })).to.deep.equal({ kind: 'place', after });
    }
    const beyond = order({ from: { kind: 'place', after: 3 } });
    const { body } = await send('post', base, beyond).expect(400);
    expect((body as { faults: object[] }).faults[0]).to.deep.include({
      pointer: '/from/after',
      reason: 'must not lie beyond the last place, 2',
    });
  });

  it('are for topics that the partner may see, and for its own', async () => {
    const stranger = await join('stranger');
    const hidden = await send('post', base, order(), stranger).expect(404);
    expect(hidden.body).to.include({ code: 'topic-not-found' });
    expect(calls).to.deep.equal([]);
    expect(await subscribe({}, dealer)).to.include({ partnerId: 'motor_house', delivers: true });
    await admin('post', '/topics/cars_chosen/archival', { reason: 'over' }).expect(200);
    const late = await send('post', base, order()).expect(409);
    expect(late.body).to.include({ code: 'topic-archived' });
  });

  it("are nobody else's to see or to touch", async () => {
    const { subscriptionId } = await subscribe();
    const path = `${base}/${subscriptionId}`;
    const touched: readonly (readonly [Method, string, object?])[] = [
      ['get', ''],
      ['get', '/secret'],
      ['patch', '', { concurrency: 1 }],
      ['delete', ''],
      ['post', '/pause', { reason: 'x' }],
      ['post', '/resume'],
      ['post', '/enable'],
      ['post', '/verify'],
      ['post', '/rotate-secret', {}],
    ];
    for (const [method, at, body] of touched) {
      const reply = await send(method, path + at, body, dealer).expect(404);
      expect(reply.body, at).to.include({ code: 'subscription-not-found' });
      await send(method, path + at, body, shop.owner).expect(403);
    }
    const { body } = await send('get', base, undefined, dealer).expect(200);
    expect(body).to.deep.include({ items: [] });
    expect(await shown(subscriptionId)).to.include({ status: 'active', concurrency: 8 });
  });

  it('refuse what cannot be called or sent, with a pointer at each fault', async () => {
    const wrong: readonly (readonly [object, string])[] = [
      [{ endpoint: { url: 'http://bank.example/' } }, '/endpoint/url'],
      [{ endpoint: { url: 'https://10.0.0.1/' } }, '/endpoint/url'],
      [{ endpoint: { url: 'https://u:p@bank.example/' } }, '/endpoint/url'],
      [{ headers: { Host: 'x' } }, '/headers/Host'],
      [{ headers: { 'webhook-id': 'x' } }, '/headers/webhook-id'],
      [{ headers: { 'x-a': 'x\r\nx-b: y' } }, '/headers/x-a'],
      [{ headers: { 'x a': 'x' } }, '/headers/x a'],
      [{ headers: { 'x-a': 'x', 'X-A': 'y' } }, '/headers/X-A'],
      [{ headers: { 'x-a': 'x'.repeat(8_001) } }, '/headers'],
      [{ verification: 'none' }, '/verification'],
      [{ concurrency: 51 }, '/concurrency'],
      [{ batch: { max: 101, waitMs: 0 } }, '/batch/max'],
      [{ filter: { not: { not: { not: { not: { not: { exact: { a: 'b' } } } } } } } }, '/filter'],
    ];
    for (const [more, pointer] of wrong) {
      const { body } = await send('post', base, order(more)).expect(400);
      const { faults } = body as { faults: { pointer: string }[] };
      expect(
        faults.map((fault) => fault.pointer),
        JSON.stringify(more),
      ).to.include(pointer);
    }
    expect(calls).to.deep.equal([]);
  });

  it('keep the headers of their endpoint to themselves', async () => {
    const { subscriptionId } = await subscribe({ headers: { Authorization: 'Bearer secret-1' } });
    expect(calls[0]?.headers).to.include({ authorization: 'Bearer secret-1' });
    const path = `${base}/${subscriptionId}`;
    const { body, text } = await send('get', path).expect(200);
    expect((body as Body)['headers']).to.deep.equal(['authorization']);
    await send('patch', path, { headers: { 'x-key': 'secret-2' } }).expect(200);
    expect((await shown(subscriptionId))['headers']).to.deep.equal(['x-key']);
    const facts = await shop.log.read(`subscription-demo.${subscriptionId}`, 0, 9);
    const recorded = JSON.stringify(facts.map(({ data }) => data));
    for (const told of [text, recorded, JSON.stringify(shop.lines)]) {
      expect(told).to.not.match(/secret-[12]/);
    }
    await send('patch', path, { headers: null }).expect(200);
    expect((await shown(subscriptionId))['headers']).to.deep.equal([]);
  });

  it('change what is named and leave the rest', async () => {
    const { subscriptionId } = await subscribe({ ratePerSecond: 5, filter: { exact: { a: 'b' } } });
    const path = `${base}/${subscriptionId}`;
    const { body } = await send('patch', path, { filter: null, concurrency: 2 }).expect(200);
    expect(body).to.include({ filter: null, concurrency: 2, ratePerSecond: 5, status: 'active' });
    expect(calls).to.have.length(1);
    await send('patch', path, {}).expect(400);
    await send('patch', path, { topicId: 'cars_chosen' }).expect(400);
  });

  it('show secrets that verify, and rotate them with both in force for a day', async () => {
    const { subscriptionId } = await subscribe({ signing: ['v1', 'v1a'] });
    const path = `${base}/${subscriptionId}`;
    type Shown = { secrets: { version: number; until: string | null; v1: string; v1a: string }[] };
    const secretsOf = async () => {
      const reply = await send('get', `${path}/secret`).expect(200);
      expect(reply.headers['cache-control']).to.equal('no-store');
      return (reply.body as Shown).secrets;
    };
    const [first] = await secretsOf();
    const key = randomUUID();
    const rotate = () => send('post', `${path}/rotate-secret`, {}, bank, key);
    const { body } = await rotate().expect(200);
    const until = new Date(now + 24 * 3_600_000).toISOString();
    expect(body).to.deep.include({ secretVersion: 2, secretOverlap: { version: 1, until } });
    expect((await rotate().expect(200)).body).to.deep.equal(body);
    const [second, old] = await secretsOf();
    expect(old).to.deep.equal({ ...first, until });
    expect(second?.v1).to.not.equal(first?.v1);
    const signed = { id: 'msg_1', timestamp: 1, body: '{}' };
    const { 'webhook-signature': signature } = signatureHeaders([second?.v1 ?? ''], signed);
    expect(isGenuine([second?.v1 ?? ''], signature, signed, 1)).to.equal(true);
    const soon = await send('post', `${path}/rotate-secret`, {}).expect(409);
    expect(soon.body).to.include({ code: 'secret-rotating', until });
    await send('post', `${path}/rotate-secret`, { overlapHours: 0 }).expect(200);
    expect((await secretsOf()).map(({ version }) => version)).to.deep.equal([3]);
    await request(shop.app)
      .post(`${path}/rotate-secret`)
      .set('authorization', `Bearer ${bank}`)
      .send({})
      .expect(400);
  });

  it('are paused, resumed and ended by their partner', async () => {
    const { subscriptionId } = await subscribe();
    const path = `${base}/${subscriptionId}`;
    const paused = await send('post', `${path}/pause`, { reason: 'maintenance' }).expect(200);
    expect(paused.body).to.include({ status: 'paused', delivers: false });
    expect((paused.body as Body).why).to.include({ explanation: 'maintenance' });
    const resumed = await send('post', `${path}/resume`).expect(200);
    expect(resumed.body).to.include({ status: 'active' });
    const ended = await send('delete', path).expect(200);
    expect(ended.body).to.include({ status: 'ended', delivers: false });
    await send('delete', path).expect(200);
    for (const at of ['/verify', '/resume']) {
      const late = await send('post', path + at).expect(409);
      expect(late.body).to.include({ code: 'subscription-ended' });
    }
    const { body } = await send('get', base).expect(200);
    expect((body as { items: Body[] }).items.map(({ status }) => status)).to.deep.equal(['ended']);
  });

  it('that an operator disabled only an operator enables', async () => {
    const { subscriptionId } = await subscribe();
    const disable = `/subscriptions/${subscriptionId}/disable`;
    const { body } = await admin('post', disable, { reason: 'complaints' }).expect(200);
    expect(body).to.include({ status: 'disabled' });
    const refused = await send('post', `${base}/${subscriptionId}/enable`).expect(409);
    expect(refused.body).to.include({ code: 'disabled-by-operator', explanation: 'complaints' });
    await admin('post', `/subscriptions/${subscriptionId}/enable`).expect(200);
    expect(await shown(subscriptionId)).to.include({ status: 'active' });
  });

  it('that failed come back by their partner, once the endpoint agrees', async () => {
    const { subscriptionId } = await subscribe();
    const worker = { kind: 'worker', id: 'webhooks' } as const;
    await shop.handler.handle(
      disableSubscription,
      {
        ...{ subscriptionId: subscriptionId as never, partnerId: null, reason: 'gone' },
        ...{ since: new Date(now).toISOString(), explanation: 'It answered 410.' },
      },
      {
        ...{ tenant: 'demo' as TenantId, actor: worker, now },
        ...{ idempotencyKey: 'gone-1', correlationId: 'test' },
      },
    );
    expect((await shown(subscriptionId)).why).to.include({ explanation: 'It answered 410.' });
    open.passMs(1_000);
    endpoint = { kind: 'failed', reason: 'connect ECONNREFUSED' };
    const path = `${base}/${subscriptionId}/enable`;
    const refused = await send('post', path).expect(409);
    expect(refused.body).to.include({ code: 'endpoint-not-verified' });
    expect((refused.body as { reason: string }).reason).to.contain('ECONNREFUSED');
    expect(await shown(subscriptionId)).to.include({ status: 'disabled' });
    open.passMs(1_000);
    endpoint = agreed;
    expect((await send('post', path).expect(200)).body).to.include({ status: 'active' });
  });

  it('stop with the access they stand on, and say so', async () => {
    const { subscriptionId } = await subscribe();
    await admin('post', '/topics/cars_chosen/grants/city_bank/revocation', {
      reason: 'over',
    }).expect(200);
    const stopped = await shown(subscriptionId);
    expect(stopped).to.include({ status: 'active', delivers: false });
    expect(stopped.why).to.include({ reason: 'access-revoked' });
    const refused = await send('post', `${base}/${subscriptionId}/enable`).expect(404);
    expect(refused.body).to.include({ code: 'topic-not-found' });
    await admin('put', '/topics/cars_chosen/grants/city_bank', { history: 'all' }).expect(200);
    expect(await shown(subscriptionId)).to.include({ delivers: true, why: null });
    await admin('post', '/topics/cars_chosen/archival', { reason: 'over' }).expect(200);
    expect(await shown(subscriptionId)).to.include({ delivers: true });
    await admin('post', '/partners/city_bank/revocation', { reason: 'left' }).expect(200);
    const { body } = await admin('get', `/subscriptions/${subscriptionId}`).expect(200);
    expect((body as Body).why).to.include({ reason: 'partner-revoked' });
  });

  it('outlive the credential that they were made with: they belong to the company', async () => {
    const path = '/partners/city_bank/credentials';
    const { subscriptionId } = await subscribe();
    const { body } = await admin('get', path).expect(200);
    const [{ credentialId }] = (body as { items: [{ credentialId: string }] }).items;
    await admin('post', `${path}/${credentialId}/revocation`, { reason: 'leaked' }).expect(200);
    await send('get', base).expect(401);
    const { body: after } = await admin('get', `/subscriptions/${subscriptionId}`).expect(200);
    expect(after).to.include({ status: 'active', delivers: true });
  });

  it('are listed for operators by partner, topic and status', async () => {
    const mine = await subscribe();
    const other = await subscribe({}, dealer);
    endpoint = answered(500);
    const third = await subscribe();
    const listed = async (query: string) => {
      const { body } = await admin('get', `/subscriptions?${query}`).expect(200);
      return (body as { items: Body[] }).items.map(({ subscriptionId }) => subscriptionId);
    };
    expect(await listed('')).to.have.members(
      [mine, other, third].map(({ subscriptionId }) => subscriptionId),
    );
    expect(await listed('partnerId=motor_house')).to.deep.equal([other.subscriptionId]);
    expect(await listed('status=unverified&topicId=cars_chosen')).to.deep.equal([
      third.subscriptionId,
    ]);
    expect(await listed('limit=2')).to.have.length(2);
    await admin('get', '/subscriptions/sub_nowhere').expect(404);
  });

  it(`are at most ${subscriptionsMax} of a partner, not counting those that ended`, async () => {
    const first = await subscribe();
    for (let i = 1; i < subscriptionsMax; i += 1) {
      open.passMs(100);
      await subscribe();
    }
    const { body } = await send('post', base, order()).expect(409);
    expect(body).to.include({ code: 'too-many-subscriptions', most: subscriptionsMax });
    await send('delete', `${base}/${first.subscriptionId}`).expect(200);
    await subscribe();
  });
});
