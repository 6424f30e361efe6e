/**
 * From the headers of a request to its caller, for every route in the same way.
 *
 * Tokens of tills and apps are looked up in memory and cost one hash; they are not cached, so a revocation holds from the moment
 * the directory knows of it. The signature of an operator's JWT is dear and is remembered for as long as the token lives, under
 * the token's hash; whether the operator is still active is asked on every request. Why a token is refused is told only to whoever
 * holds its secret.
 */
import { createHash } from 'node:crypto';
import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import { parseToken, secretMatches, type Token } from '../../commands/credentials.js';
import type { Directory, TillRecord } from '../../commands/directory.js';
import type { OperatorId, TenantId } from '../../domain/ids.js';
import { refused } from '../refused.js';
import type { AppCaller, Caller, OperatorCaller, PartnerCaller, TillCaller } from './caller.js';

/** What a verified JWT says; the rest of the operator comes from the directory, where it is never stale. */
export interface OperatorClaims {
  readonly tenant: TenantId;
  readonly operatorId: OperatorId;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

/** Checks the signature, the issuer, the audience and the times of a JWT: null where it is not ours. */
export type VerifyOperatorToken = (token: string, now: number) => OperatorClaims | 'expired' | null;

export interface Authenticator {
  /** @throws Refused with a status of 401 or 403. */
  authenticate(headers: IncomingHttpHeaders, now: number): Caller;
}

const verifiedMax = 10_000;

export const createAuthenticator = (options: {
  readonly directory: Directory;
  readonly verifyOperatorToken: VerifyOperatorToken;
}): Authenticator => {
  const { directory } = options;
  const verified = new LRUCache<string, OperatorClaims>({ max: verifiedMax });

  const tenantMustBeActive = (tenant: TenantId): void => {
    if (directory.tenant(tenant)?.status === 'active') return;
    throw refused('tenant-revoked', 'Ask who runs the programme.');
  };

  const tillOf = (token: Token): TillRecord => {
    const till = token.kind === 'till' ? directory.till(token.tenant, token.id) : undefined;
    if (!till || !secretMatches(token.secret, till.secretHash))
      throw invalid("Check the till's token.");
    tenantMustBeActive(token.tenant);
    if (till.status !== 'active') {
      throw refused('token-revoked', 'Ask the operators for a new till token.');
    }
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
    if (app.status !== 'active')
      throw refused('token-revoked', 'Ask the operators for a new app token.');
    const { appId } = app;
    return { kind: 'app', tenant: token.tenant, actor: { kind: 'app', id: appId }, appId };
  };

  const partnerCaller = ({ tenant, id, secret }: Token & { kind: 'partner' }): PartnerCaller => {
    const credential = directory.exchange.credential(tenant, id);
    if (!credential || !secretMatches(secret, credential.secretHash)) {
      throw invalid("Check the partner's token.");
    }
    tenantMustBeActive(tenant);
    const { partnerId, credentialId } = credential;
    const partner = directory.exchange.partner(tenant, partnerId);
    if (credential.status !== 'active' || partner?.status !== 'active') {
      throw refused('token-revoked', 'Ask the operators for a new token.');
    }
    const actor = { kind: 'partner', id: partnerId } as const;
    return { kind: 'partner', tenant, actor, partnerId, credentialId };
  };

  const claimsOf = (jwt: string, now: number): OperatorClaims => {
    const key = createHash('sha256').update(jwt).digest('base64');
    const known = verified.get(key);
    if (known && known.expiresAt > now) return known;
    const claims = options.verifyOperatorToken(jwt, now);
    if (claims === 'expired') throw refused('token-expired', 'Log on again.');
    if (claims === null) throw invalid('Log on again at POST /pos/v1/logon.');
    verified.set(key, claims);
    return claims;
  };

  const operatorCaller = (jwt: string, now: number): OperatorCaller => {
    const { tenant, operatorId } = claimsOf(jwt, now);
    tenantMustBeActive(tenant);
    const operator = directory.operator(tenant, operatorId);
    if (operator?.status !== 'active')
      throw refused('token-revoked', 'Ask an owner of the programme.');
    const { roles, merchantId } = operator;
    if (merchantId !== null && directory.merchant(tenant, merchantId)?.status !== 'active') {
      throw refused('merchant-revoked', 'Ask who runs the programme.', { merchantId });
    }
    const actor = { kind: 'operator', id: operatorId } as const;
    return { kind: 'operator', tenant, actor, operatorId, roles, merchantId };
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
        if (credentials.split('.').length === 3) return operatorCaller(credentials, now);
        throw invalid('This is neither the token of a till, an app or a partner nor a JWT.');
      }
      if (token.kind === 'till') return tillCaller(token, null);
      if (token.kind === 'partner') return partnerCaller(token);
      return appOrTill(token, headers['x-till-token']);
    },
  };
};

const invalid = (advice: string) =>
  refused('credentials-invalid', advice, {}, { 'www-authenticate': challenge('invalid_token') });
const challenge = (error: string) => `Bearer realm="kopilka", error="${error}"`;

const bearerOf = (header: string | undefined): string => {
  if (header === undefined) {
    throw refused('credentials-missing', 'Send Authorization: Bearer and a token.');
  }
  const [, credentials] = /^bearer +([A-Za-z0-9._~+/=-]+)$/i.exec(header) ?? [];
  if (credentials === undefined) throw invalid('Send Authorization: Bearer and a token.');
  return credentials;
};
