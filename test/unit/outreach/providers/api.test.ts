/** What operators keep of providers over HTTP, and what providers call. */
import { expect } from 'chai';
import request from 'supertest';
import { now, openProviderShop, type ProviderShop } from './shop.js';

describe('providers over HTTP', () => {
  let shop: ProviderShop;
  beforeEach(async () => void (shop = await openProviderShop()));
  afterEach(() => shop.close());

  const call = (
    method: 'get' | 'post' | 'patch' | 'put',
    path: string,
    body?: object,
    who = 'owner',
  ) => shop.send(method, `/admin/v1/outreach/${path}`, body, who);
  const order = {
    ...{ providerId: 'try_out', kind: 'sandbox', channel: 'sms', settings: { delayMs: 1 } },
    secrets: { callbackToken: 'open sesame, please' },
  };
  const report = (headers: Record<string, string>, path = 'demo/try_out', query = '') =>
    request(shop.app)
      .post(`/outreach/v1/callbacks/${path}${query}`)
      .set({ 'content-type': 'application/json', ...headers })
      .send(JSON.stringify({ receipts: [{ providerReference: 'x', status: 'delivered', at: 1 }] }));

  it('describe their kinds for forms', async () => {
    const { body } = await call('get', 'provider-kinds', undefined, 'analyst').expect(200);
    const sandbox = body.items.find(({ kind }: { kind: string }) => kind === 'sandbox');
    expect(sandbox.settings.properties).to.have.property('delayMs');
    expect(sandbox.channels).to.include('sms');
    const kinds = body.items as { kind: string; reconciles: boolean }[];
    const asked = kinds.filter(({ reconciles }) => reconciles).map(({ kind }) => kind);
    expect(asked).to.deep.equal(['sandbox', 'http']);
  });

  it('are registered, and their secrets shown to nobody', async () => {
    const { body } = await call('post', 'providers', order).expect(201);
    expect(body).to.include({
      providerId: 'try_out',
      status: 'active',
      hasSecrets: true,
      concurrency: 4,
    });
    const listed = await call('get', 'providers', undefined, 'analyst').expect(200);
    expect(listed.body.items).to.have.length(1);
    const shown = JSON.stringify([body, listed.body, shop.house.log.facts.map(({ data }) => data)]);
    expect(shown).to.not.include('sesame');
    await call('post', 'providers', order).expect(200);
    await call('post', 'providers', { ...order, channel: 'email' }).expect(409);
    await call('post', 'providers', order, 'analyst').expect(403);
  });

  it('are refused with every fault where their kind does not know what they are given', async () => {
    const wrong = { ...order, settings: { delayMs: -1 }, secrets: { callbackToken: 'short' } };
    const { body } = await call('post', 'providers', wrong).expect(400);
    expect(body.faults.map(({ pointer }: { pointer: string }) => pointer)).to.have.members([
      '/settings/delayMs',
      '/secrets/callbackToken',
    ]);
    expect(JSON.stringify(body)).to.not.include('short');
    const unknown = await call('post', 'providers', { ...order, kind: 'pigeon' }).expect(422);
    expect(unknown.body.code).to.equal('provider-kind-unknown');
  });

  it('are refused with places that nothing fills, also where only one side is changed', async () => {
    const settings = {
      request: {
        url: 'https://api.example.com/',
        body: { key: '{{secrets.key}}', text: '{{text}}' },
      },
    };
    const json = { providerId: 'json_one', kind: 'http', channel: 'sms', settings };
    const missing = await call('post', 'providers', json).expect(400);
    expect(missing.body.faults[0]).to.include({ pointer: '/settings' });
    await call('post', 'providers', { ...json, secrets: { key: 'x'.repeat(4_000) } }).expect(201);
    const without = await call('patch', 'providers/json_one', { secrets: { other: 'x' } });
    expect(without.status).to.equal(400);
    await call('patch', 'providers/json_one', { settings }).expect(200);
    const long = Object.fromEntries(['key', 'b', 'c'].map((name) => [name, 'ж'.repeat(2_000)]));
    const refused = await call('patch', 'providers/json_one', { secrets: long }).expect(400);
    expect(refused.body.faults[0]).to.include({ pointer: '/secrets' });
  });

  it('send their secrets nowhere else unless these are given anew', async () => {
    const from = { address: 'shop@example.com' };
    const smtp = { host: 'smtp.example.com', port: 465, security: 'tls', from };
    const request = { url: 'https://api.example.com/', body: { key: '{{secrets.key}}' } };
    const login = { user: 'shop', password: 'open sesame' };
    const kinds = [
      ['smtp', 'email', smtp, login, { host: 'evil.example' }],
      ['smtp', 'email', smtp, login, { port: 25 }],
      ['smtp', 'email', smtp, login, { security: 'none' }],
      ['http', 'sms', { request }, { key: 'x' }, { request: { ...request, url: 'https://evil' } }],
      ['telegram', 'telegram', {}, { token: `123456:${'a'.repeat(35)}` }, { baseUrl: 'https://e' }],
    ] as const;
    for (const [i, [kind, channel, settings, secrets, change]] of kinds.entries()) {
      const providerId = `moved_${i}`;
      await call('post', 'providers', { providerId, kind, channel, settings, secrets }).expect(201);
      const moved = { settings: { ...settings, ...change } };
      const { body } = await call('patch', `providers/${providerId}`, moved).expect(400);
      expect(body.faults[0]).to.include({ pointer: '/secrets' });
      await call('patch', `providers/${providerId}`, { settings }).expect(200);
      await call('patch', `providers/${providerId}`, { ...moved, secrets }).expect(200);
    }
    const open = { providerId: 'open', kind: 'smtp', channel: 'email', settings: smtp };
    await call('post', 'providers', open).expect(201);
    const elsewhere = { settings: { ...smtp, host: 'other.example.com' } };
    await call('patch', 'providers/open', elsewhere).expect(200);
  });

  it('are changed, disabled and enabled', async () => {
    await call('post', 'providers', order).expect(201);
    const pace = { perSecond: 20, burst: 5 };
    const changed = await call('patch', 'providers/try_out', { pace }).expect(200);
    expect(changed.body).to.deep.include({ pace, hasSecrets: true });
    await call('patch', 'providers/try_out', { settings: { delay: 1 } }).expect(400);
    await call('patch', 'providers/nobody', { pace: null }).expect(404);
    await call('post', 'providers/try_out/disable', { reason: 'over' }).expect(200);
    const shown = await call('get', 'providers/try_out').expect(200);
    expect(shown.body).to.deep.include({
      ...{ status: 'disabled', disabled: { reason: 'over', since: new Date(now).toISOString() } },
    });
    await call('post', 'providers/try_out/enable').expect(200);
    expect((await call('get', 'providers/try_out')).body.status).to.equal('active');
  });

  it('send one message to find out whether they were registered rightly', async () => {
    await call('post', 'providers', order).expect(201);
    const phone = { to: { kind: 'phone', phone: '+4915112345678' }, content: { text: 'A test.' } };
    const { body } = await call('post', 'providers/try_out/test', phone).expect(200);
    expect(body).to.include({ outcome: 'submitted' });
    expect(body.clientReference).to.match(/^test\./);
    const mail = { to: { kind: 'email', email: 'a@example.com' }, content: { text: 'A test.' } };
    const refused = await call('post', 'providers/try_out/test', mail).expect(400);
    expect(refused.body.faults[0]).to.include({ pointer: '/to/kind', reason: 'must be phone' });
    const faults = [{ outcome: 'recipientPermanent', code: 'gone' }];
    await call('patch', 'providers/try_out', { settings: { faults } }).expect(200);
    const gone = await call('post', 'providers/try_out/test', phone).expect(200);
    expect(gone.body).to.include({ errorClass: 'recipientPermanent', code: 'gone' });
  });

  it('reach nobody within our own networks, also for a test', async () => {
    const from = { address: 'shop@example.com' };
    const settings = { host: '127.0.0.1', port: 25, security: 'none', from };
    await call('post', 'providers', {
      providerId: 'inside',
      kind: 'smtp',
      channel: 'email',
      settings,
    });
    const mail = { to: { kind: 'email', email: 'a@example.com' }, content: { text: 'A test.' } };
    const { body } = await call('post', 'providers/inside/test', mail).expect(200);
    expect(body).to.include({ errorClass: 'accountPermanent', code: 'ADDRESS_REFUSED' });
  });

  it('are chosen by rules that are set as a whole and asked without sending', async () => {
    await call('post', 'providers', order).expect(201);
    const rule = (changes: object) => ({
      ...{ ruleId: 'all_sms', channel: 'sms', by: 'weight' },
      ...{ providers: [{ providerId: 'try_out', weight: 100 }], ...changes },
    });
    const set = await call('put', 'routing', { rules: [rule({})] }).expect(200);
    expect(set.body).to.include({ version: 1 });
    expect((await call('get', 'routing')).body.rules).to.have.length(1);
    await call('put', 'routing', { rules: [], expectedVersion: 0 }).expect(409);
    const question = { channel: 'sms', class: 'otp', destination: '+77011234567' };
    const decided = await call('post', 'routing/decide', question, 'analyst').expect(200);
    expect(decided.body).to.include({ chosen: 'try_out', rule: 'all_sms', version: 1 });
    const nobody = await call('post', 'routing/decide', { channel: 'email', class: 'otp' });
    expect(nobody.body).to.include({ chosen: null, reason: 'no-provider' });
    for (const wrong of [
      [rule({ channel: 'email' })],
      [rule({ domains: ['example.com'] })],
      [rule({}), rule({})],
      [rule({ providers: [{ providerId: 'nobody', weight: 1 }] })],
      [rule({ providers: [1, 2].map((weight) => ({ providerId: 'try_out', weight })) })],
    ]) {
      const { body } = await call('put', 'routing', { rules: wrong }).expect(422);
      expect(body).to.include({ code: 'routing-wrong' });
    }
  });

  it('report by calls that are judged, and told that they are taken once they are', async () => {
    await call('post', 'providers', order).expect(201);
    const good = { authorization: 'Bearer open sesame, please' };
    const { body } = await report(good).expect(200);
    expect(body).to.deep.equal({ taken: 1 });
    expect(shop.taken).to.deep.equal([{ providerReference: 'x', status: 'delivered', at: 1 }]);
    shop.log.isDown = true;
    await report(good).expect(500);
    shop.log.isDown = false;
    const refused = await report({ authorization: 'Bearer guess guess' }).expect(401);
    expect(JSON.stringify(refused.body)).to.not.match(/token|guess/i);
    await report(good, 'demo/nobody').expect(404);
    await report(good, 'other/try_out').expect(404);
    await report({ ...good, 'content-type': 'image/png' }).expect(415);
    expect(shop.taken).to.have.length(1);
  });

  it('have guesses slowed down by address', async () => {
    await call('post', 'providers', order).expect(201);
    const statuses = new Set<number>();
    for (let i = 0; i < 25; i += 1) {
      statuses.add((await report({ authorization: `Bearer guess${i}xx` })).status);
    }
    expect([...statuses]).to.deep.equal([401, 429]);
    // A right guess among them is none.
    await report({ authorization: 'Bearer open sesame, please' }).expect(429);
    expect(shop.taken).to.deep.equal([]);
  });

  it('agree on a secret for their calls that nobody guesses', async () => {
    const settings = { request: { url: 'https://api.example.com/', body: {} } };
    const json = { providerId: 'json_one', kind: 'http', channel: 'sms', settings };
    const short = { ...json, secrets: { callback: 'a'.repeat(15) } };
    const { body } = await call('post', 'providers', short).expect(400);
    expect(body.faults[0]).to.include({ pointer: '/secrets/callback' });
    await call('post', 'providers', { ...json, secrets: { callback: 'a'.repeat(16) } }).expect(201);
  });
});
