/** JSON over HTTP, against a server on loopback. */
import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import type { ProviderId, TenantId } from '../../../domain/ids.js';
import { http } from '../../../workers/outreach/providers/http/kind.js';
import type { CallbackResult, SendResult } from '../../../workers/outreach/providers/port.js';
import { keepsTheContract } from './contract.js';
import { type Asked, openHttpPeer, type Told } from './httpPeer.js';
import { openTo, outgoing, type Peer } from './peer.js';

const settingsFor = (url: string) => ({
  request: {
    url: `${url}/v1/{{secrets.account}}/messages?ref={{clientReference}}`,
    headers: { Authorization: 'Bearer {{secrets.token}}', 'X-Class': '{{class}}' },
    body: {
      to: '{{to}}',
      text: '{{text}}',
      ref: '{{clientReference}}',
      ttl: '{{ttlSeconds}}',
      link: '{{link}}',
    },
  },
  answer: {
    ...{ reference: '/id', code: '/error/code', text: '/error/message' },
    errors: [
      { code: 'no-such-number', class: 'recipientPermanent' },
      { code: 'busy', class: 'throttled', retryAfterMs: 2_500 },
    ],
    statuses: [{ status: 409, class: 'transient' }],
  },
  reconcile: {
    url: `${url}/v1/lookup/{{clientReference}}`,
    never: { statuses: [404], at: '/state', is: ['unknown'] },
    reference: '/id',
  },
});
const secrets = {
  token: 'token of the account',
  account: 'acc/42',
  callback: 'secret of the callback',
};

const usual = ({ headers, body }: Asked, refusesUs: boolean): Told => {
  const given = JSON.parse(body.toString()) as { to: string; ref: string };
  if (refusesUs || headers.authorization !== `Bearer ${secrets.token}`) {
    const message = `Nobody has ${String(headers.authorization)}`;
    return { status: 401, body: { error: { code: 'who', message } } };
  }
  if (given.to === '+4900000000') {
    const message = `No number ${given.to}`;
    return { status: 200, body: { error: { code: 'no-such-number', message } } };
  }
  return { status: 201, body: { id: `p-${given.ref}`, to: given.to } };
};

const openPeer = async (): Promise<Peer & { asked: Asked[]; url: string }> => {
  const peer = await openHttpPeer((asked, mode) => usual(asked, mode === 'account'));
  return {
    ...peer,
    ...{ kind: 'http', channel: 'sms', garbage: 'unknownOutcome', secrets },
    settings: settingsFor(peer.url),
    good: (n) => ({ kind: 'phone', phone: `+4915112345${String(n).padStart(3, '0')}` }),
    bad: { kind: 'phone', phone: '+4900000000' },
    taken: () =>
      peer.asked
        .map(({ body }) => JSON.parse(body.toString()) as { ref: string; to: string })
        .filter(({ to }) => to !== '+4900000000')
        .map(({ ref }) => ref),
  };
};

describe('JSON over HTTP', () => {
  keepsTheContract(openPeer);

  const opened: { close(): Promise<void> }[] = [];
  const open = async (answer: (asked: Asked) => Told, changes: object = {}) => {
    const peer = await openHttpPeer(answer);
    const settings = { ...settingsFor(peer.url), ...changes };
    const provider = openTo({ kind: 'http', channel: 'sms', settings, secrets });
    opened.push(provider, peer);
    return { peer, ...provider };
  };
  afterEach(async () => {
    for (const each of opened.splice(0)) await each.close();
  });
  const soon = () => AbortSignal.timeout(10_000);
  const sms = (n: number, text = 'Hello') =>
    outgoing({ kind: 'phone', phone: `+491511234500${n}` }, n, { content: { text } });
  const classOf = (result: SendResult | undefined) =>
    result?.outcome === 'refused' ? `${result.errorClass} ${result.code}` : result?.outcome;

  it('sends what its settings say, with every value where it belongs', async () => {
    const { provider, peer } = await open((asked) => usual(asked, false));
    const [result] = await provider.send([sms(1, 'Say "hi" {{secrets.token}} \n')], soon());
    expect(result).to.include({ outcome: 'submitted', providerReference: 'p-ref1' });
    const [asked] = peer.asked;
    expect(asked).to.include({ method: 'POST', path: '/v1/acc%2F42/messages?ref=ref1' });
    expect(asked?.headers).to.include({ 'x-class': 'transactional' });
    const body = JSON.parse(String(asked?.body)) as Record<string, unknown>;
    expect(body).to.include({ to: '+4915112345001', text: 'Say "hi" {{secrets.token}} \n' });
    expect(body['ttl']).to.be.a('number');
    expect(body).to.not.have.property('link');
    expect(JSON.stringify(result)).to.not.include('4915112345001');
  });

  it('takes statuses and codes for what they usually mean, or for what its table says', async () => {
    const answers: Told[] = [
      { status: 200, body: { error: { code: 'busy' } } },
      { status: 429, headers: { 'retry-after': '7' } },
      { status: 503 },
      { status: 504 },
      { status: 400, body: { error: { code: 'bad-text', message: 'No emoji' } } },
      { status: 409 },
      { status: 200, body: { error: { code: 'odd' } } },
      { status: 302, headers: { location: 'https://example.com/' } },
    ];
    const results: SendResult[] = [];
    const { provider } = await open(() => answers.shift() as Told);
    while (answers.length > 0) results.push(...(await provider.send([sms(1)], soon())));
    expect(results.map(classOf)).to.deep.equal([
      'throttled busy',
      'throttled 429',
      'transient 503',
      'unknownOutcome 504',
      'contentPermanent bad-text',
      'transient 409',
      'transient odd',
      'accountPermanent 302',
    ]);
    expect(results[0]).to.include({ retryAfterMs: 2_500 });
    expect(results[1]).to.include({ retryAfterMs: 7_000 });
  });

  describe('in batches', () => {
    const batch = {
      batch: { max: 100, item: { phone: '{{to}}', body: '{{text}}', id: '{{clientReference}}' } },
      request: { url: '', body: { account: '{{secrets.account}}', messages: '{{items}}' } },
      answer: {
        ...{ items: '/results', itemReference: '/id', code: '/status', reference: '/number' },
        ...{ fine: ['OK'], errors: [{ code: 'BAD', class: 'recipientPermanent' }] },
      },
    };
    const openBatch = async (answer: (asked: Asked) => Told) => {
      const peer = await openHttpPeer(answer);
      const request = { ...batch.request, url: `${peer.url}/bulk` };
      const provider = openTo({
        ...{ kind: 'http', channel: 'sms', secrets, settings: { ...batch, request } },
      });
      opened.push(provider, peer);
      return { peer, ...provider };
    };

    it('takes what is said of each by its reference, in whatever order', async () => {
      const { provider, peer, batchMax } = await openBatch(() => ({
        status: 200,
        body: {
          results: [
            { id: 'ref3', status: 'OK', number: 33 },
            { id: 'ref1', status: 'BAD', phone: '+4915112345001' },
          ],
        },
      }));
      const results = await provider.send([sms(1), sms(2), sms(3)], soon());
      expect(results.map(classOf)).to.deep.equal([
        'recipientPermanent BAD',
        'unknownOutcome not-understood',
        'submitted',
      ]);
      expect(results[2]).to.include({ providerReference: '33' });
      expect(JSON.stringify(results)).to.not.include('15112345001');
      expect(peer.asked).to.have.length(1);
      expect(JSON.parse(String(peer.asked[0]?.body))).to.deep.equal({
        account: 'acc/42',
        messages: [1, 2, 3].map((n) => ({
          phone: `+491511234500${n}`,
          body: 'Hello',
          id: `ref${n}`,
        })),
      });
      expect(batchMax).to.equal(100);
    });

    it('understands a long answer about many', async () => {
      const many = Array.from({ length: 100 }, (_, n) =>
        outgoing({ kind: 'phone', phone: '+491511234500' }, n, { content: { text: 'Hello' } }),
      );
      const { provider } = await openBatch(() => ({
        status: 200,
        body: {
          results: many.map(({ clientReference: id }) => ({
            ...{ id, status: 'OK', number: `n-${id}`, note: 'x'.repeat(1_000) },
          })),
        },
      }));
      const results = await provider.send(many, soon());
      expect(new Set(results.map(classOf))).to.deep.equal(new Set(['submitted']));
      expect(results[99]).to.include({ providerReference: 'n-ref99' });
    });

    it('tells nobody what was said of another', async () => {
      const { provider } = await openBatch(() => ({
        status: 422,
        body: { status: 'BAD', message: 'The number +4915112345002 is wrong' },
      }));
      const results = await provider.send([sms(1), sms(2)], soon());
      expect(results.map(classOf)).to.deep.equal([
        'recipientPermanent BAD',
        'recipientPermanent BAD',
      ]);
      expect(JSON.stringify(results)).to.not.include('4915112345002');
    });
  });

  it('asks what became of a request that nothing came back of', async () => {
    const answers: Record<string, Told> = {
      '/v1/lookup/ref1': { status: 200, body: { state: 'sent', id: 'p1' } },
      '/v1/lookup/ref2': { status: 404 },
      '/v1/lookup/ref3': { status: 200, body: { state: 'unknown' } },
      '/v1/lookup/ref4': { status: 500 },
    };
    const { provider } = await open(({ path }) => answers[path] as Told);
    const ask = (n: number) => provider.reconcile(`ref${n}`, soon());
    expect(await ask(1)).to.deep.equal({ outcome: 'submitted', providerReference: 'p1' });
    expect(await ask(2)).to.deep.equal({ outcome: 'never-arrived' });
    expect(await ask(3)).to.deep.equal({ outcome: 'never-arrived' });
    expect(await ask(4)).to.deep.equal({ outcome: 'unknown' });
  });

  it('is not opened with places that nothing fills', () => {
    const request = {
      url: 'https://api.example.com/',
      body: { to: '{{phone}}', key: '{{secrets.key}}' },
    };
    const settings = { request, batch: { max: 10, item: '{{to}}' } };
    expect(() => openTo({ kind: 'http', channel: 'sms', settings, secrets })).to.throw(
      /\{\{phone\}\}.*\{\{secrets.key\}\}.*no \{\{items\}\}/,
    );
  });

  describe('is called back', () => {
    const now = Date.parse('2026-03-01T12:00:00Z');
    const callback = {
      proof: {
        kind: 'hmac',
        header: 'x-signature',
        algorithm: 'sha256',
        encoding: 'hex',
        prefix: 'v1=',
      },
      ...{ receipts: '/events', clientReference: '/ref', providerReference: '/id' },
      ...{ status: '/state', code: '/reason', at: '/when' },
      statuses: [
        { is: 'DELIVERED', means: 'delivered' },
        { is: 'FAILED', means: 'undelivered', class: 'recipientPermanent' },
        { is: '3', means: 'read' },
      ],
    };
    const base = { request: { url: 'https://api.example.com/', body: {} } };
    const call = (
      body: string,
      headers: Record<string, string>,
      {
        proof = callback.proof as object,
        query = {},
        receipts = '/events' as string | undefined,
      } = {},
    ): CallbackResult | undefined =>
      http.callback?.(
        { headers, query, body: Buffer.from(body) },
        {
          ...{ tenant: 'demo' as TenantId, providerId: 'json' as ProviderId, secrets, now },
          settings: { ...base, callback: { ...callback, proof, receipts } },
        },
      );
    const signed = (body: string, key = secrets.callback) => ({
      'x-signature': `v1=${createHmac('sha256', key).update(body).digest('hex')}`,
    });
    const events = JSON.stringify({
      events: [
        { ref: 'ref1', state: 'DELIVERED', when: '2026-03-01T11:59:00Z' },
        { id: 'p2', state: 'FAILED', reason: 27, when: now / 1_000 - 60 },
        { ref: 'ref3', state: 3, when: now + 5_000 },
        { ref: 'ref4', state: 'QUEUED' },
        { state: 'DELIVERED' },
      ],
    });

    it('by a signature over its bytes, and read by its settings', () => {
      expect(call(events, signed(events))).to.deep.equal({
        kind: 'receipts',
        receipts: [
          { clientReference: 'ref1', status: 'delivered', at: now - 60_000 },
          {
            ...{ providerReference: 'p2', status: 'undelivered', at: now - 60_000 },
            ...{ errorClass: 'recipientPermanent', code: '27' },
          },
          { clientReference: 'ref3', status: 'read', at: now },
        ],
      });
    });

    it('and believes no other signature', () => {
      for (const headers of [
        {},
        signed(`${events} `),
        signed(events, 'guess'),
        { 'x-signature': '' },
      ]) {
        expect(call(events, headers)).to.include({ kind: 'refused' });
      }
      expect(call('{}', signed('{}'))).to.include({ kind: 'refused' });
      expect(call('Zebra', signed('Zebra'))).to.include({ kind: 'refused' });
    });

    it('by a token in a header or in the address, also with a form', () => {
      const form = 'ref=ref1&state=DELIVERED';
      const type = { 'content-type': 'application/x-www-form-urlencoded' };
      const inHeader = { proof: { kind: 'token', header: 'authorization' }, receipts: '' };
      const good = call(form, { ...type, authorization: `Bearer ${secrets.callback}` }, inHeader);
      expect(good).to.have.nested.property('receipts[0].clientReference', 'ref1');
      expect(call(form, { ...type, authorization: 'Bearer other' }, inHeader)).to.include({
        kind: 'refused',
      });
      const inAddress = { proof: { kind: 'token' }, receipts: '' };
      const query = { token: secrets.callback };
      expect(call(form, type, { ...inAddress, query })).to.include({ kind: 'receipts' });
      expect(call(form, type, inAddress)).to.include({ kind: 'refused' });
    });
  });
});
