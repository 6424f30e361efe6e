import { expect } from 'chai';
import { createHmac, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { type AccessTokens, createAccessTokens } from '../../../commands/accessTokens.js';
import { createSigning, type Signing } from '../../../commands/signing.js';
import { type SigningKeys, tokenLifetimeMs } from '../../../commands/signingKeys.js';
import type {
  CredentialId,
  OperatorId,
  PartnerId,
  PartnerUserId,
  TenantId,
} from '../../../domain/ids.js';
import { createMemorySigningKeys } from '../../../platform/memory/signingKeys.js';
import { behavesAsSigningKeys } from '../../contract/signingKeys.js';

const minute = 60_000;
const start = Date.UTC(2026, 0, 1);
const ann = {
  tenant: 'demo' as TenantId,
  operatorId: 'ann' as OperatorId,
  roles: ['owner' as const],
  merchantId: null,
};
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const fail = (error: unknown) => {
  throw error;
};

describe('tokens', () => {
  let now: number;
  let keys: SigningKeys;
  let signing: Omit<Signing, 'verify'> & AccessTokens;
  let revoked: Set<string>;
  let token: string;
  const opened: Signing[] = [];
  const open = async () => {
    const isRevoked = (kid: string) => revoked.has(kid);
    const next = await createSigning({ keys, isRevoked, now: () => now, onFailed: fail });
    opened.push(next);
    return { ...next, ...createAccessTokens(next) };
  };
  beforeEach(async () => {
    now = start;
    keys = createMemorySigningKeys();
    revoked = new Set();
    signing = await open();
    token = (await signing.issue(ann, now)).token;
  });
  afterEach(() => opened.splice(0).forEach((one) => one.close()));

  const claims = () => jwt.decode(token) as jwt.JwtPayload;
  const header = () => jwt.decode(token, { complete: true })?.header as jwt.JwtHeader;
  const publicJwk = () => signing.publicKeys().keys[0] as JsonWebKey & { readonly kid: string };

  it('say who it is, for half an hour', () => {
    const expiresAt = start + tokenLifetimeMs;
    const verified = { kind: 'operator', ...ann, kid: header().kid, expiresAt };
    expect(signing.verify(token, now)).to.deep.equal(verified);
    expect(signing.verify(token, expiresAt - 1_000)).to.deep.equal(verified);
    expect(signing.verify(token, expiresAt)).to.equal('expired');
    expect(claims()).to.include({ iss: 'kopilka', aud: 'kopilka', sub: 'ann', tenant: 'demo' });
  });

  it('can be verified by anybody with the published key', () => {
    const key = createPublicKey({ key: publicJwk(), format: 'jwk' });
    const options = { algorithms: ['ES256' as const], clockTimestamp: now / 1000 };
    expect(jwt.verify(token, key, options)).to.include({ sub: 'ann' });
    expect(publicJwk()).to.include({ alg: 'ES256', use: 'sig', kid: header().kid });
    expect(publicJwk()).not.to.have.property('d');
  });

  describe('are refused', () => {
    const refuses = (forged: string) => expect(signing.verify(forged, now)).to.equal(null);

    it('without a signature, whatever the case of "none"', () => {
      for (const alg of ['none', 'None', 'NONE', '', undefined, null]) {
        const body = `${base64({ ...header(), alg })}.${base64(claims())}`;
        refuses(`${body}.`);
        refuses(`${body}.${token.split('.')[2]}`);
      }
    });

    it('signed with the public key as the secret of an HMAC', () => {
      const key = createPublicKey({ key: publicJwk(), format: 'jwk' });
      for (const secret of [
        key.export({ type: 'spki', format: 'pem' }),
        key.export({ type: 'spki', format: 'der' }),
        JSON.stringify(publicJwk()),
      ]) {
        const body = `${base64({ alg: 'HS256', typ: 'JWT', kid: header().kid })}.${base64(claims())}`;
        const signature = createHmac('sha256', secret).update(body).digest('base64url');
        refuses(`${body}.${signature}`);
        refuses(`${body.replace(/^[^.]+/, base64(header()))}.${signature}`);
      }
    });

    it('signed with a key that the token brings itself', () => {
      const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
      const jwk = publicKey.export({ format: 'jwk' });
      for (const kid of [header().kid, 'mine', '', '../../etc/passwd', '__proto__']) {
        const smuggled = { alg: 'ES256', typ: 'JWT', kid, jwk, jku: 'https://evil.example/jwks' };
        refuses(jwt.sign(claims(), privateKey, { header: smuggled as jwt.JwtHeader }));
      }
    });

    it('with another algorithm of the same family', () => {
      const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-384' });
      refuses(
        jwt.sign(claims(), privateKey, {
          algorithm: 'ES384',
          header: { ...header(), alg: 'ES384' },
        }),
      );
    });

    it('with changed claims', () => {
      const [head, , signature] = token.split('.');
      refuses(`${head}.${base64({ ...claims(), tenant: 'other' })}.${signature}`);
    });

    it('for another issuer or audience, or of another shape, although our key signed them', async () => {
      const [key] = await keys.list();
      const privateKey = { key: key?.privateJwk as JsonWebKey, format: 'jwk' as const };
      const sign = (changes: object) =>
        jwt.sign({ ...claims(), ...changes }, privateKey as unknown as jwt.PrivateKey, {
          algorithm: 'ES256',
          header: header(),
        });
      for (const changes of [
        { iss: 'somebody' },
        { aud: 'somebody' },
        { tenant: 'Not A Tenant' },
        { sub: '' },
        { roles: ['god'] },
        { merchantId: 'one' },
      ]) {
        refuses(sign(changes));
      }
      expect(signing.verify(sign({}), now)).to.include({ operatorId: 'ann' });
    });

    it('where they are of the future', async () => {
      const [key] = await keys.list();
      const privateKey = { key: key?.privateJwk as JsonWebKey, format: 'jwk' as const };
      const sign = (at: number) =>
        jwt.sign(
          { ...claims(), iat: at / 1000, exp: at / 1000 + 600 },
          privateKey as unknown as jwt.PrivateKey,
          { algorithm: 'ES256', header: header() },
        );
      refuses(sign(now + minute));
      expect(signing.verify(sign(now + 5_000), now)).to.include({ operatorId: 'ann' });
    });

    it('where they live longer than they may', async () => {
      const [key] = await keys.list();
      const privateKey = { key: key?.privateJwk as JsonWebKey, format: 'jwk' as const };
      const long = { ...claims(), exp: start / 1000 + 86_400 };
      const eternal = jwt.sign(long, privateKey as unknown as jwt.PrivateKey, {
        algorithm: 'ES256',
        header: header(),
      });
      expect(signing.verify(eternal, start + tokenLifetimeMs + minute)).to.equal('expired');
    });

    it('where they are not tokens at all', () => {
      for (const text of [
        '',
        '.',
        '..',
        'a.b.c',
        'x'.repeat(100_000),
        token.slice(0, -4),
        `${token}.x`,
      ]) {
        refuses(text);
      }
    });
  });

  describe('change their key', () => {
    const kidOf = (text: string) => jwt.decode(text, { complete: true })?.header.kid;

    it('a minute after the new one was published, and old tokens live to their end', async () => {
      now += minute;
      await signing.rotate();
      expect(signing.publicKeys().keys).to.have.lengthOf(2);
      const meanwhile = (await signing.issue(ann, now)).token;
      expect(kidOf(meanwhile)).to.equal(kidOf(token));
      now += minute;
      const after = (await signing.issue(ann, now)).token;
      expect(kidOf(after)).not.to.equal(kidOf(token));
      expect(signing.verify(meanwhile, now)).to.include({ operatorId: 'ann' });
      expect(signing.verify(after, now)).to.include({ operatorId: 'ann' });
      now += tokenLifetimeMs;
      expect(signing.publicKeys().keys).to.have.lengthOf(1);
      expect(signing.verify(meanwhile, now)).to.equal(null);
    });

    it('for every process alike', async () => {
      await signing.rotate();
      const other = await open();
      for (const at of [now, now + minute]) {
        const issued = (await other.issue(ann, at)).token;
        expect(kidOf(issued)).to.equal(kidOf((await signing.issue(ann, at)).token));
        expect(signing.verify(issued, at)).to.include({ operatorId: 'ann' });
      }
    });

    it('and keep one to sign with when two processes begin at once', async () => {
      await Promise.all([signing.rotate(), (await open()).rotate(), (await open()).rotate()]);
      now += 2 * minute;
      const fresh = await open();
      expect(fresh.verify((await fresh.issue(ann, now)).token, now)).to.include({
        operatorId: 'ann',
      });
    });

    it('at once where the key is revoked: nothing that it signed is good any more', async () => {
      const other = await open();
      const kid = kidOf(token) ?? '';
      revoked.add(kid);
      expect(other.verify(token, now)).to.equal(null);
      expect(other.publicKeys().keys).to.deep.equal([]);
      await signing.remove(kid);
      const { token: fresh } = await signing.issue(ann, now);
      expect(kidOf(fresh)).not.to.equal(kid);
      expect(signing.verify(fresh, now)).to.include({ operatorId: 'ann' });
      expect(signing.verify(token, now)).to.equal(null);
      expect(signing.publicKeys().keys).to.have.lengthOf(1);
      expect(kidOf((await other.issue(ann, now)).token)).to.equal(kidOf(fresh));
    });

    it('and are asked for anew where a token names one that is not known here', async () => {
      const other = await open();
      now += 6_000;
      await signing.rotate();
      now += minute;
      const { token: fresh } = await signing.issue(ann, now);
      expect(other.verify(fresh, now)).to.equal(null);
      await new Promise((resolve) => setImmediate(resolve));
      expect(other.verify(fresh, now)).to.include({ operatorId: 'ann' });
    });

    it('and tell which signs, which will and which only verifies', async () => {
      now += minute;
      await signing.rotate();
      expect(signing.keysInUse().map(({ use }) => use)).to.deep.equal(['next', 'signs']);
      now += minute;
      expect(signing.keysInUse().map(({ use }) => use)).to.deep.equal(['signs', 'verifies']);
    });

    it('by themselves after a month', async () => {
      now += 30 * 86_400_000;
      const restarted = await open();
      expect(restarted.publicKeys().keys).to.have.lengthOf(2);
      const again = await open();
      expect(again.publicKeys().keys).to.have.lengthOf(2);
    });
  });
});

describe('tokens of partners', () => {
  const now = start;
  const tenant = 'demo' as TenantId;
  const user = {
    ...{ tenant, partnerId: 'bank' as PartnerId, session: 3, roles: ['reader' as const] },
    userId: `pu${'0'.repeat(20)}` as PartnerUserId,
  };
  const program = {
    ...{ tenant, partnerId: 'bank' as PartnerId, roles: ['publisher' as const] },
    credentialId: 'pc01' as CredentialId,
  };
  let signing: Signing;
  let tokens: AccessTokens;
  before(async () => {
    const keys = createMemorySigningKeys();
    signing = await createSigning({ keys, now: () => now, onFailed: fail });
    tokens = createAccessTokens(signing);
  });
  after(() => signing.close());

  it('name the user, the partner and the tenant, once each', async () => {
    const [one, two] = [
      await tokens.issueToPartner(user, now),
      await tokens.issueToPartner(user, now),
    ];
    const claims = jwt.decode(one.token) as jwt.JwtPayload;
    expect(claims).to.deep.include({
      ...{ iss: 'kopilka', aud: 'kopilka-exchange', sub: user.userId, user_id: user.userId },
      ...{ partner_id: 'bank', tenant: 'demo', roles: ['reader'], nbf: now / 1000 },
    });
    expect(claims.jti).not.to.equal((jwt.decode(two.token) as jwt.JwtPayload).jti);
    expect(one.expiresAt - now).to.equal(15 * minute);
    expect(jwt.decode(one.token, { complete: true })?.header.kid).to.be.a('string');
    const { roles: _roles, ...identity } = user;
    expect(tokens.verify(one.token, now)).to.deep.include({ kind: 'partnerUser', ...identity });
  });

  it('are those of programs as well', async () => {
    const { token, expiresAt } = await tokens.issueToPartner(program, now);
    expect(jwt.decode(token)).to.include({ user_id: 'pc01', partner_id: 'bank', kind: 'client' });
    expect(tokens.verify(token, now)).to.include({ kind: 'partnerClient', credentialId: 'pc01' });
    expect(tokens.verify(token, expiresAt)).to.equal('expired');
  });

  it("are never taken for an operator's, nor the other way round", async () => {
    const swap = async (token: string, audience: string) => {
      const {
        aud: _aud,
        iss: _iss,
        exp: _exp,
        iat: _iat,
        sub,
        ...claims
      } = jwt.decode(token) as jwt.JwtPayload;
      return (await signing.sign(claims, { audience, subject: sub ?? '', lifetimeMs: minute }, now))
        .token;
    };
    const ofUser = (await tokens.issueToPartner(user, now)).token;
    const ofOperator = (await tokens.issue(ann, now)).token;
    expect(tokens.verify(await swap(ofUser, 'kopilka'), now)).to.equal(null);
    expect(tokens.verify(await swap(ofOperator, 'kopilka-exchange'), now)).to.equal(null);
    expect(tokens.verify(await swap(ofOperator, 'somebody'), now)).to.equal(null);
    expect(tokens.verify(await swap(ofOperator, 'kopilka'), now)).to.include({ kind: 'operator' });
  });

  it('say one user in all their claims', async () => {
    const to = { audience: 'kopilka-exchange', subject: user.userId, lifetimeMs: minute };
    const { token } = await tokens.issueToPartner(user, now);
    const {
      aud: _aud,
      iss: _iss,
      exp: _exp,
      iat: _iat,
      sub: _sub,
      ...claims
    } = jwt.decode(token) as jwt.JwtPayload;
    const sign = async (changes: object) =>
      (await signing.sign({ ...claims, ...changes }, to, now)).token;
    for (const changes of [
      { user_id: `pu${'1'.repeat(20)}` },
      { partner_id: 'Bank!' },
      { kind: 'god' },
      { roles: ['owner'] },
      { session: -1 },
      { jti: '' },
    ]) {
      expect(tokens.verify(await sign(changes), now), JSON.stringify(changes)).to.equal(null);
    }
    expect(tokens.verify(await sign({}), now)).to.include({ kind: 'partnerUser' });
    expect(tokens.verify(await sign({ nbf: now / 1000 + 60 }), now)).to.equal(null);
  });
});

describe('signing keys in memory', () => {
  behavesAsSigningKeys(createMemorySigningKeys);
});
