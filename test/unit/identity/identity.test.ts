/** Who is let in and until when, over HTTP: what the guide does not show. */
import { expect } from 'chai';
import jwt from 'jsonwebtoken';
import { type IdentityShop, openIdentityShop } from './shop.js';
import { quickPasswords } from '../commands/quickPasswords.js';

const password = 'seven quiet otters';
let tries = 0;

interface Person {
  readonly userId: string;
  readonly email: string;
}

describe('the identity of partners', () => {
  quickPasswords();
  let shop: IdentityShop;
  // Each test has companies of its own in a shop that they share.
  let bank: string;
  let dealer: string;
  let users: string;
  let anna: Person;
  before(async () => void (shop = await openIdentityShop()));
  after(() => shop.close());
  beforeEach(async () => {
    tries += 1;
    [bank, dealer] = [`bank${tries}`, `dealer${tries}`];
    users = `/admin/v1/partners/${bank}/users`;
    for (const partnerId of [bank, dealer]) {
      const partner = { partnerId, name: partnerId };
      await shop.send('post', '/admin/v1/partners', partner, shop.owner).expect(201);
    }
    anna = await joined('anna@bank.example', ['administrator']);
  });

  const invite = (email: string, roles: string[], path = users) =>
    shop.send('post', path, { name: email, email, roles }, shop.owner);
  const joined = async (email: string, roles: string[], path = users): Promise<Person> => {
    const { body } = await invite(email, roles, path).expect(201);
    const { code, userId } = body as { code: string; userId: string };
    await shop.send('post', '/auth/password', { code, password }).expect(200);
    return { userId, email };
  };
  const logon = (email: string, said = password, partnerId = bank, tenant = 'demo') =>
    shop.send('post', '/auth/logon', { tenant, partnerId, email, password: said });
  const tokenOf = async ({ email }: Person): Promise<string> =>
    ((await logon(email).expect(200)).body as { token: string }).token;
  const me = (token: string) => shop.send('get', '/exchange/v1/me', undefined, token);
  const program = async (roles?: string[]) => {
    const { body } = await shop.send(
      'post',
      `/admin/v1/partners/${bank}/credentials`,
      { label: 'shop', ...(roles ? { roles } : {}) },
      shop.owner,
    );
    const { clientId, credentialId, token } = body as Record<string, string>;
    return { clientId, credentialId, secret: token?.split('.').at(-1) };
  };
  const trade = (form: Record<string, string | undefined>) =>
    shop.send(
      'post',
      '/auth/token',
      new URLSearchParams({ grant_type: 'client_credentials', ...form } as never).toString(),
    );
  const refusedAs = async (token: string, code: string) =>
    expect((await me(token).expect(401)).body).to.include({ code });

  it('keeps names and addresses out of the log', async () => {
    const log = JSON.stringify(shop.log.facts.map(({ data, metadata }) => [data, metadata]));
    for (const word of ['anna@bank', password, 'kpu.']) expect(log).not.to.include(word);
    expect(shop.types()).to.include('PartnerUserInvited');
  });

  it('lets nobody on with a wrong password, address, partner or programme, and tells none apart', async () => {
    for (const attempt of [
      logon(anna.email, 'another password'),
      logon('nobody@bank.example'),
      logon('no address'),
      logon(anna.email, password, dealer),
      logon(anna.email, password, 'nobody'),
      logon(anna.email, password, bank, 'nowhere'),
      logon(anna.email, password, bank, 'strange'),
    ]) {
      const { body } = await attempt.expect(401);
      expect(body).to.include({ code: 'credentials-refused' });
    }
    await logon(' ANNA@bank.example').expect(200);
  });

  it('stops tokens at once: blocked, reset, removed, logged off, a new password', async () => {
    const boss = await tokenOf(anna);
    const ends: readonly (readonly [string, object?])[] = [
      ['block', { reason: 'x' }],
      ['reset'],
      ['removal', { reason: 'x' }],
    ];
    for (const [what, body] of ends) {
      const person = await joined(`${what}@bank.example`, ['reader']);
      const token = await tokenOf(person);
      await me(token).expect(200);
      await shop
        .send('post', `/exchange/v1/users/${person.userId}/${what}`, body, boss)
        .expect(200);
      await refusedAs(token, 'token-revoked');
      await logon(person.email).expect(401);
    }
    await shop.send('post', '/exchange/v1/me/logoff', undefined, boss).expect(200);
    await refusedAs(boss, 'token-revoked');
    const again = await tokenOf(anna);
    const change = { currentPassword: password, password: 'eight quiet otters' };
    await shop.send('post', '/exchange/v1/me/password', change, again).expect(200);
    await refusedAs(again, 'token-revoked');
    await logon(anna.email).expect(401);
    await logon(anna.email, change.password).expect(200);
  });

  it('does not bring tokens back with who was blocked', async () => {
    const token = await tokenOf(anna);
    await shop.send('post', `${users}/${anna.userId}/block`, { reason: 'x' }, shop.owner);
    await shop.send('post', `${users}/${anna.userId}/unblock`, undefined, shop.owner).expect(200);
    await refusedAs(token, 'token-revoked');
    await me(await tokenOf(anna)).expect(200);
  });

  it('takes a code once, and only the last one', async () => {
    const { body } = await invite('ben@bank.example', ['reader']);
    const { code, userId } = body as { code: string; userId: string };
    const reset = await shop.send('post', `${users}/${userId}/reset`, undefined, shop.owner);
    const latest = (reset.body as { code: string }).code;
    const set = (by: string) => shop.send('post', '/auth/password', { code: by, password });
    expect((await set(code).expect(401)).body).to.include({ code: 'invitation-refused' });
    await set(latest).expect(200);
    await set(latest).expect(401);
    await set(latest.replace('.demo.', '.strange.')).expect(401);
  });

  it('shows a code in one answer', async () => {
    const first = (await invite('ben@bank.example', ['reader']).expect(201)).body as object;
    const again = (await invite('ben@bank.example', ['reader']).expect(200)).body as object;
    expect(first).to.have.property('code').that.is.a('string');
    expect(again).to.deep.include({ code: null });
    await invite('ben@bank.example', ['publisher']).expect(409);
  });

  it('knows the same address at two partners as two users', async () => {
    const other = await joined(anna.email, ['reader'], `/admin/v1/partners/${dealer}/users`);
    expect(other.userId).not.to.equal(anna.userId);
    const boss = await tokenOf(anna);
    for (const [method, what, body] of [
      ['get', '', undefined],
      ['post', '/block', { reason: 'x' }],
      ['post', '/reset', undefined],
      ['post', '/removal', { reason: 'x' }],
      ['put', '/roles', { roles: ['reader'] }],
    ] as const) {
      const path = `/exchange/v1/users/${other.userId}${what}`;
      const { body: problem } = await shop.send(method, path, body, boss).expect(404);
      expect(problem).to.include({ code: 'partner-user-not-found' });
    }
    await logon(anna.email, password, dealer).expect(200);
  });

  it('begins anew with whoever comes back, and has forgotten who they were', async () => {
    await shop.send('post', `${users}/${anna.userId}/removal`, { reason: 'x' }, shop.owner);
    await shop.send('get', `${users}/${anna.userId}`, undefined, shop.owner).expect(404);
    const again = await joined(anna.email, ['reader']);
    expect(again.userId).to.equal(anna.userId);
    const { body } = await shop.send('get', `${users}/${again.userId}`, undefined, shop.owner);
    expect(body).to.include({ email: anna.email, status: 'active' });
  });

  it('lets no administrator lock themself out, nor anybody rise by themself', async () => {
    const boss = await tokenOf(anna);
    const own = `/exchange/v1/users/${anna.userId}`;
    await shop.send('put', `${own}/roles`, { roles: ['reader'] }, boss).expect(403);
    await shop.send('post', `${own}/block`, { reason: 'x' }, boss).expect(403);
    await shop.send('post', `${own}/removal`, { reason: 'x' }, boss).expect(403);
    const reader = await tokenOf(await joined('ben@bank.example', ['reader']));
    await shop.send('put', `${own}/roles`, { roles: ['reader'] }, reader).expect(403);
    await shop.send('get', '/exchange/v1/users', undefined, reader).expect(403);
    const { clientId, secret } = await program();
    const { body } = await trade({ client_id: clientId, client_secret: secret }).expect(200);
    const { access_token: jwtOfProgram } = body as { access_token: string };
    await shop.send('get', '/exchange/v1/users', undefined, jwtOfProgram).expect(403);
    const change = { currentPassword: password, password: 'eight quiet otters' };
    await shop.send('post', '/exchange/v1/me/password', change, jwtOfProgram).expect(403);
  });

  it('names user and partner in a token, and its actor in the log', async () => {
    const token = await tokenOf(anna);
    expect(jwt.decode(token)).to.deep.include({ user_id: anna.userId, partner_id: bank });
    const label = { label: 'mine', roles: ['reader'] };
    await shop.send('post', '/exchange/v1/credentials', label, token).expect(201);
    const actor = { kind: 'partner', id: `${bank}/${anna.userId}` };
    expect(shop.log.facts.at(-1)?.metadata.actor).to.deep.equal(actor);
  });

  describe('trades the secret of a program for a token', () => {
    it('in the form or by HTTP Basic, and in no other way', async () => {
      const { clientId = '', secret = '' } = await program(['publisher']);
      const inForm = await trade({ client_id: clientId, client_secret: secret }).expect(200);
      expect(inForm.body).to.include({ token_type: 'Bearer', expires_in: 900, scope: 'publisher' });
      expect(inForm.headers['cache-control']).to.equal('no-store');
      await trade({}).auth(clientId, secret).expect(200);
      const { body } = await trade({}).expect(401);
      expect(body).to.include({ error: 'invalid_client' });
      await trade({ client_id: clientId, client_secret: secret })
        .auth(clientId, secret)
        .expect(401);
      const wrong = await trade({ client_id: clientId, client_secret: 'x'.repeat(43) });
      expect(wrong.status).to.equal(401);
      expect(wrong.headers['www-authenticate']).to.match(/^Basic /);
      const grant = await trade({ grant_type: 'password' }).expect(400);
      expect(grant.body).to.include({ error: 'unsupported_grant_type' });
      const twice = 'grant_type=client_credentials&grant_type=password';
      const invalid = await shop.send('post', '/auth/token', twice).expect(400);
      expect(invalid.body).to.include({ error: 'invalid_request' });
    });

    it('which ends with the credential, and with the partner', async () => {
      const { clientId, credentialId, secret } = await program();
      const client = { client_id: clientId, client_secret: secret };
      const { access_token: token } = (await trade(client).expect(200)).body as Record<
        string,
        string
      >;
      expect((await me(token ?? '').expect(200)).body).to.include({ credentialId });
      const path = `/admin/v1/partners/${bank}/credentials/${credentialId}/revocation`;
      await shop.send('post', path, { reason: 'leaked' }, shop.owner).expect(200);
      await refusedAs(token ?? '', 'token-revoked');
      await trade(client).expect(401);
      const person = await tokenOf(anna);
      const reason = { reason: 'left' };
      await shop
        .send('post', `/admin/v1/partners/${bank}/revocation`, reason, shop.owner)
        .expect(200);
      await refusedAs(person, 'token-revoked');
      await logon(anna.email).expect(401);
    });
  });

  it('can be forgotten after the partner was taken out, and not invited again', async () => {
    const left = { reason: 'left' };
    await shop.send('post', `/admin/v1/partners/${bank}/revocation`, left, shop.owner).expect(200);
    const { body } = await shop.send('get', users, undefined, shop.owner).expect(200);
    expect((body as { items: object[] }).items).to.have.length(1);
    await shop.send('post', `${users}/${anna.userId}/removal`, left, shop.owner).expect(200);
    expect((await invite('ben@bank.example', ['reader']).expect(409)).body).to.include({
      code: 'revoked',
    });
  });

  describe('is told to a gateway', () => {
    const verify = (token?: string) => shop.send('get', '/auth/verify', undefined, token);

    it('in headers, for a token of any kind', async () => {
      const person = await verify(await tokenOf(anna)).expect(204);
      expect(person.headers).to.include({
        ...{ 'x-user-id': anna.userId, 'x-partner-id': bank, 'x-tenant-id': 'demo' },
        ...{ 'x-caller-kind': 'partner', 'cache-control': 'no-store' },
      });
      const owner = await verify(shop.owner).expect(204);
      expect(owner.headers).to.include({ 'x-user-id': 'owner', 'x-caller-kind': 'operator' });
      expect(owner.headers).not.to.have.property('x-partner-id');
      const till = await verify(shop.tokens.till).expect(204);
      expect(till.headers).to.include({ 'x-user-id': 'till1', 'x-caller-kind': 'till' });
    });

    it('as 401 for everything else, with the reason in the one header that it hands on', async () => {
      const nobody = await verify().expect(401);
      expect(nobody.headers).not.to.have.property('x-user-id');
      const token = await tokenOf(anna);
      await shop.send('post', `${users}/${anna.userId}/block`, { reason: 'x' }, shop.owner);
      const { headers } = await verify(token).expect(401);
      expect(headers['www-authenticate']).to.include('error_description="The token was revoked"');
    });

    it('and headers that say otherwise are refused, whoever sent them', async () => {
      const token = await tokenOf(anna);
      await me(token).set('x-user-id', anna.userId).set('x-partner-id', bank).expect(200);
      const { body } = await me(token).set('x-partner-id', dealer).expect(403);
      expect(body).to.include({ code: 'identity-mismatch', header: 'x-partner-id' });
    });
  });

  describe('changes its keys', () => {
    const keys = '/admin/v1/signing-keys';

    it('by one word of an owner, and a key that is given up is good for nothing', async () => {
      const token = await tokenOf(anna);
      await me(token).expect(200);
      const { kid } = jwt.decode(token, { complete: true })?.header ?? {};
      const reason = { reason: 'lost' };
      await shop.send('post', `${keys}/${kid}/revocation`, reason, shop.owner).expect(200);
      await refusedAs(token, 'token-revoked');
      expect(JSON.stringify(shop.signing.publicKeys())).not.to.include(kid);
      const fresh = await tokenOf(anna);
      await me(fresh).expect(200);
      expect(jwt.decode(fresh, { complete: true })?.header.kid).not.to.equal(kid);
      await shop.send('post', `${keys}/${kid}/revocation`, reason, shop.owner).expect(200);
    });

    it('but none that is not there, and only at home', async () => {
      const unknown = `${keys}/${'x'.repeat(43)}/revocation`;
      await shop.send('post', unknown, { reason: 'x' }, shop.owner).expect(404);
      await shop.send('get', keys, undefined, await tokenOf(anna)).expect(403);
    });
  });
});

describe('guessing the password of a user of a partner', () => {
  quickPasswords();
  let shop: IdentityShop;
  before(async () => void (shop = await openIdentityShop()));
  after(() => shop.close());
  const logon = (email: string, said: string) =>
    shop.send('post', '/auth/logon', { tenant: 'demo', partnerId: 'bank', email, password: said });

  it('has to wait, however the name is spelt', async () => {
    // The last begins with a letter of full width, which stands for the plain one.
    const spellings = ['anna@bank.example', ' ANNA@bank.example', '\uff41nna@bank.example'];
    for (let i = 0; i < 6; i += 1)
      await logon(spellings[i % 3] as string, `wrong password ${i}`).expect(401);
    const { body, headers } = await logon('anna@bank.example', password).expect(429);
    expect(body).to.include({ code: 'rate-limited' });
    expect(headers['retry-after']).to.equal('1');
  });
});
