/**
 * From the headers of a request to its caller, for every route in the same way.
 *
 * Tokens of tills, apps and partners' programs are looked up in memory and cost one hash; they are not cached, so a revocation holds
 * from the moment the directory knows of it. The signature of a JWT is dear and is remembered for as long as the token lives, under
 * the token's hash; whether its holder, its key and its session are still good is asked on every request. Why a token is refused is
 * told only to whoever holds its secret.
 */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import type { AccessTokens, VerifiedToken } from '../../commands/accessTokens.js';
import { parseToken, secretMatches, type Token } from '../../commands/credentials.js';
import type { Directory } from '../../commands/directory.js';
import type { TillRecord } from '../../commands/directoryShelf.js';
import type { CredentialRecord } from '../../commands/exchange.js';
import type { PartnerId, TenantId } from '../../domain/ids.js';
import { refused } from '../refused.js';
import type { AppCaller, Caller, OperatorCaller, PartnerCaller, TillCaller } from './caller.js';

/** Checks the signature, the issuer, the audience and the times of a JWT: null where it is not ours. */
export type VerifyToken = AccessTokens['verify'];

export interface Authenticator {
  /** @throws Refused with a status of 401 or 403. */
  authenticate(headers: IncomingHttpHeaders, now: number): Caller;
}

const verifiedMax = 10_000;

export const createAuthenticator = (options: {
  readonly directory: Directory;
  readonly verifyToken: VerifyToken;
}): Authenticator => {
  const { directory } = options;
  const verified = new LRUCache<string, VerifiedToken>({ max: verifiedMax });

  const tenantMustBeActive = (tenant: TenantId): void => {
    if (directory.tenant(tenant)?.status === 'active') return;
    throw refused('tenant-revoked', 'Ask who runs the programme.');
  };

  const tillOf = (token: Token): TillRecord => {
    const till = token.kind === 'till' ? directory.till(token.tenant, token.id) : undefined;
    if (!till || !secretMatches(token.secret, till.secretHash))
      throw invalid("Check the till's token.");
    tenantMustBeActive(token.tenant);
    if (till.status !== 'active') throw revoked('Ask the operators for a new till token.');
    if (directory.merchant(token.tenant, till.merchantId)?.status !== 'active') {
      throw refused('merchant-revoked', 'Ask who runs the programme.', {
        merchantId: till.merchantId,
      });
    }
    if (directory.pointOfSale(token.tenant, till.pointOfSaleId)?.status !== 'active') {
      const { pointOfSaleId } = till;
      throw refused('point-of-sale-revoked', 'Ask who runs the programme.', { pointOfSaleId });
    }
    return till;
  };

  const tillCaller = (token: Token, app: AppCaller | null): TillCaller => {
    const { tillId, merchantId, pointOfSaleId } = tillOf(token);
    const actor = app?.actor ?? { kind: 'till', id: tillId };
    const appId = app?.appId ?? null;
    return { kind: 'till', tenant: token.tenant, actor, tillId, merchantId, pointOfSaleId, appId };
  };

  const appCaller = (token: Token): AppCaller => {
    const app = token.kind === 'app' ? directory.app(token.tenant, token.id) : undefined;
    if (!app || !secretMatches(token.secret, app.secretHash))
      throw invalid("Check the app's token.");
    tenantMustBeActive(token.tenant);
    if (app.status !== 'active') throw revoked('Ask the operators for a new app token.');
    const { appId } = app;
    return { kind: 'app', tenant: token.tenant, actor: { kind: 'app', id: appId }, appId };
  };

  const partnerMustBeActive = (tenant: TenantId, partnerId: PartnerId): void => {
    tenantMustBeActive(tenant);
    if (directory.exchange.partner(tenant, partnerId)?.status === 'active') return;
    throw revoked('Ask who runs the programme.');
  };

  const programCaller = (tenant: TenantId, credential: CredentialRecord): PartnerCaller => {
    const { partnerId, credentialId, roles, status } = credential;
    partnerMustBeActive(tenant, partnerId);
    if (status !== 'active') throw revoked('Ask for a new token.');
    const actor = { kind: 'partner', id: partnerId } as const;
    return { kind: 'partner', tenant, actor, partnerId, credentialId, userId: null, roles };
  };

  const partnerCaller = ({ tenant, id, secret }: Token & { kind: 'partner' }): PartnerCaller => {
    const credential = directory.exchange.credential(tenant, id);
    if (!credential || !secretMatches(secret, credential.secretHash)) {
      throw invalid("Check the partner's token.");
    }
    return programCaller(tenant, credential);
  };

  const verifiedOf = (jwt: string, now: number): VerifiedToken => {
    const key = createHash('sha256').update(jwt).digest('base64');
    const known = verified.get(key);
    if (known && known.expiresAt > now) {
      if (directory.revokedKeys.has(known.kid)) throw revoked('Log on again.');
      return known;
    }
    const claims = options.verifyToken(jwt, now);
    if (claims === 'expired') {
      throw refused('token-expired', 'Log on again.', {}, challenge('The token has expired'));
    }
    if (claims === null) throw invalid('Log on again.');
    verified.set(key, claims);
    return claims;
  };

  const operatorCaller = (claims: VerifiedToken & { kind: 'operator' }): OperatorCaller => {
    const { tenant, operatorId } = claims;
    tenantMustBeActive(tenant);
    const operator = directory.operator(tenant, operatorId);
    if (operator?.status !== 'active') throw revoked('Ask an owner of the programme.');
    const { roles, merchantId } = operator;
    if (merchantId !== null && directory.merchant(tenant, merchantId)?.status !== 'active') {
      throw refused('merchant-revoked', 'Ask who runs the programme.', { merchantId });
    }
    const actor = { kind: 'operator', id: operatorId } as const;
    return { kind: 'operator', tenant, actor, operatorId, roles, merchantId };
  };

  const userCaller = (claims: VerifiedToken & { kind: 'partnerUser' }): PartnerCaller => {
    const { tenant, partnerId, userId, session } = claims;
    partnerMustBeActive(tenant, partnerId);
    const user = directory.partnerUsers.user(tenant, userId);
    const isTheirs = user?.partnerId === partnerId && user.session === session;
    if (!isTheirs || user.isBlocked) throw revoked('Log on again, or ask an administrator.');
    const actor = { kind: 'partner', id: `${partnerId}/${userId}` } as const;
    const { roles } = user;
    return { kind: 'partner', tenant, actor, partnerId, credentialId: null, userId, roles };
  };

  const jwtCaller = (jwt: string, now: number): OperatorCaller | PartnerCaller => {
    const claims = verifiedOf(jwt, now);
    if (claims.kind === 'operator') return operatorCaller(claims);
    if (claims.kind === 'partnerUser') return userCaller(claims);
    const { tenant, partnerId, credentialId } = claims;
    const credential = directory.exchange.credential(tenant, credentialId);
    if (credential?.partnerId !== partnerId) throw revoked('Ask for a new token.');
    return programCaller(tenant, credential);
  };

  const appOrTill = (token: Token, tillHeader: string | string[] | undefined): Caller => {
    const app = appCaller(token);
    if (tillHeader === undefined) return app;
    const till = parseToken(String(tillHeader));
    if (till?.kind !== 'till') throw invalid('X-Till-Token is not the token of a till.');
    const caller = tillCaller(till, app);
    if (till.tenant === token.tenant) return caller;
    throw refused('foreign-tenant', "Send the token of a till of the app's own programme.");
  };

  return {
    authenticate: (headers, now) => {
      const credentials = bearerOf(headers.authorization);
      const token = parseToken(credentials);
      if (!token) {
        if (/^kp[tap]\./.test(credentials))
          throw invalid('This token is not whole: copy it again.');
        if (credentials.split('.').length === 3) return jwtCaller(credentials, now);
        throw invalid('This is neither the token of a till, an app or a partner nor a JWT.');
      }
      if (token.kind === 'till') return tillCaller(token, null);
      if (token.kind === 'partner') return partnerCaller(token);
      return appOrTill(token, headers['x-till-token']);
    },
  };
};

/** RFC 6750: a gateway that asks on behalf of others has nothing but this header to hand on. */
const challenge = (reason: string) => ({
  'www-authenticate': `Bearer realm="kopilka", error="invalid_token", error_description="${reason}"`,
});
const invalid = (advice: string) =>
  refused('credentials-invalid', advice, {}, challenge('The credentials are not valid'));
const revoked = (advice: string) =>
  refused('token-revoked', advice, {}, challenge('The token was revoked'));

const bearerOf = (header: string | undefined): string => {
  if (header === undefined) {
    throw refused('credentials-missing', 'Send Authorization: Bearer and a token.');
  }
  const [, credentials] = /^bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(header) ?? [];
  if (credentials === undefined) throw invalid('Send Authorization: Bearer and a token.');
  return credentials;
};
