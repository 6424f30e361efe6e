/**
 * The API over the log in memory, for specs: a programme with two merchants, their tills, an app, operators of every role, and
 * another programme beside it. No server, no database, no waiting.
 */
import { generateKeyPairSync } from 'node:crypto';
import type { Express } from 'express';
import jwt from 'jsonwebtoken';
import { Registry, Histogram } from 'prom-client';
import { createAuthenticator, type VerifyToken } from '../../../api/auth/authenticate.js';
import { createRateLimit } from '../../../api/auth/rateLimit.js';
import type { Route } from '../../../api/route.js';
import { type Api, createApi, type ApiLimits, limitsDefault } from '../../../api/server.js';
import type { VerifiedToken } from '../../../commands/accessTokens.js';
import { formatToken, hashSecret } from '../../../commands/credentials.js';
import { createDirectory, type Directory } from '../../../commands/directory.js';
import type { Fact } from '../../../domain/fact.js';
import type { AppId, CredentialId, PartnerUserId, TenantId, TillId } from '../../../domain/ids.js';
import type { Role } from '../../../domain/operator/operator.js';
import { type PartnerRole, partnerRoles } from '../../../domain/partner/role.js';
import { streamName } from '../../../domain/stream.js';

export const now = Date.parse('2026-03-01T12:00:00Z');
export const demo = 'demo' as TenantId;
export const other = 'other' as TenantId;

const secretOf = (name: string) => name.padEnd(43, 'x');
export const tillToken = (tenant: TenantId, till: string, secret = secretOf(till)) =>
  formatToken({ kind: 'till', tenant, id: till as TillId, secret });
export const appToken = (tenant: TenantId, app: string, secret = secretOf(app)) =>
  formatToken({ kind: 'app', tenant, id: app as AppId, secret });

export const partnerToken = (tenant: TenantId, credential: string, secret = secretOf(credential)) =>
  formatToken({ kind: 'partner', tenant, id: credential as CredentialId, secret });

const keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const sign = (subject: string, claims: object, expiresAt: number): string =>
  jwt.sign({ ...claims, exp: Math.floor(expiresAt / 1000) }, keys.privateKey, {
    algorithm: 'ES256',
    subject,
    noTimestamp: true,
  });
export const operatorToken = (tenant: TenantId, operatorId: string, expiresAt = now + 60_000) =>
  sign(operatorId, { kind: 'operator', tenant }, expiresAt);

const userIdOf = (name: string) =>
  `pu${Buffer.from(name).toString('hex').padEnd(20, '0').slice(0, 20)}` as PartnerUserId;
/** Of a user called `name` in the directory below; `session` 1 is the one after their password was set. */
export const partnerUserToken = (
  tenant: TenantId,
  partnerId: string,
  name: string,
  { session = 1, expiresAt = now + 60_000 } = {},
) => sign(userIdOf(name), { kind: 'partnerUser', tenant, partnerId, session }, expiresAt);
export const partnerClientToken = (
  tenant: TenantId,
  partnerId: string,
  credential: string,
  expiresAt = now + 60_000,
) => sign(credential, { kind: 'partnerClient', tenant, partnerId }, expiresAt);

/** As the real one (commands/accessTokens.ts), with one key that every test has. */
const verifyToken: VerifyToken = (token, at) => {
  try {
    const claims = jwt.verify(token, keys.publicKey, {
      algorithms: ['ES256'],
      clockTimestamp: at / 1000,
    });
    const { sub, exp, ...rest } = claims as jwt.JwtPayload & { readonly exp: number };
    const whose = { operatorId: sub, userId: sub, credentialId: sub };
    return { ...rest, ...whose, kid: 'test', expiresAt: exp * 1000 } as unknown as VerifiedToken;
  } catch (error) {
    return error instanceof jwt.TokenExpiredError ? 'expired' : null;
  }
};

/** Puts facts straight into a directory, as the subscription would. */
export const directoryFiller = (directory: Directory) => {
  let position = 0n;
  return (tenant: TenantId, category: string, id: string | number, type: string, data: unknown) => {
    position += 1n;
    directory.apply({
      id: String(position),
      type,
      data,
      stream: streamName(category, tenant, id),
      revision: 0,
      position,
      recordedAt: now,
      metadata: {
        tenant,
        actor: { kind: 'system', id: 'test' },
        correlationId: '',
        causationId: '',
        commandId: '',
        occurredAt: new Date(now).toISOString(),
        schemaVersion: 1,
        fingerprint: '',
      },
    } satisfies Fact);
  };
};

export const roles: readonly Role[] = ['owner', 'manager', 'analyst', 'auditor', 'cashier'];

export const filledDirectory = (): {
  directory: Directory;
  put: ReturnType<typeof directoryFiller>;
} => {
  const directory = createDirectory();
  const put = directoryFiller(directory);
  const reason = 'test';
  for (const tenant of [demo, other, 'gone' as TenantId]) {
    put(tenant, 'tenant', tenant, 'TenantRegistered', {
      tenantId: tenant,
      name: tenant,
      currency: 'GBP',
      gsrnPrefix: '8018000010',
    });
    for (const merchantId of [1, 2, 3]) {
      put(tenant, 'merchant', merchantId, 'MerchantRegistered', {
        merchantId,
        name: `Merchant ${merchantId}`,
        timeZone: 'Europe/London',
      });
      put(tenant, 'pointofsale', merchantId * 10, 'PointOfSaleRegistered', {
        pointOfSaleId: merchantId * 10,
        merchantId,
        name: 'Shop',
      });
    }
    put(tenant, 'pointofsale', 11, 'PointOfSaleRegistered', {
      pointOfSaleId: 11,
      merchantId: 1,
      name: 'Closed shop',
    });
    const till = (tillId: string, merchantId: number, pointOfSaleId: number) =>
      put(tenant, 'till', tillId, 'TillRegistered', {
        tillId,
        merchantId,
        pointOfSaleId,
        name: '',
        secretHash: hashSecret(secretOf(tillId)),
      });
    till('till1', 1, 10);
    till('till2', 2, 20);
    till('till3', 3, 30);
    till('closedshop', 1, 11);
    till('revoked', 1, 10);
    put(tenant, 'till', 'revoked', 'TillRevoked', { reason });
    put(tenant, 'merchant', 3, 'MerchantRevoked', { reason });
    put(tenant, 'pointofsale', 11, 'PointOfSaleRevoked', { reason });
    for (const appId of ['app1', 'revoked']) {
      put(tenant, 'app', appId, 'AppRegistered', {
        appId,
        name: appId,
        secretHash: hashSecret(secretOf(appId)),
      });
    }
    put(tenant, 'app', 'revoked', 'AppRevoked', { reason });
    for (const partnerId of ['partner1', 'left']) {
      put(tenant, 'partner', partnerId, 'PartnerRegistered', { partnerId, name: partnerId });
      for (const credentialId of [`${partnerId}a`, `${partnerId}b`]) {
        put(tenant, 'partner', partnerId, 'PartnerCredentialIssued', {
          credentialId,
          label: 'test',
          secretHash: hashSecret(secretOf(credentialId)),
        });
      }
    }
    const ended = { credentialId: 'partner1b', reason };
    put(tenant, 'partner', 'partner1', 'PartnerCredentialRevoked', ended);
    put(tenant, 'partner', 'left', 'PartnerRevoked', { reason });
    const user = (name: string, partnerId: string, of: readonly PartnerRole[]) => {
      const partnerUserId = userIdOf(name);
      const code = { codeHash: 'c'.repeat(64), codeUntil: new Date(now).toISOString() };
      const put1 = (type: string, data: object) =>
        put(tenant, 'partneruser', partnerUserId, type, data);
      put1('PartnerUserInvited', { partnerUserId, partnerId, sealed: '', roles: of, ...code });
      put1('PartnerUserPasswordSet', { passwordHash: 'scrypt$' });
      return (type: string, data: object = {}) => put1(type, data);
    };
    for (const role of partnerRoles) {
      user(role.slice(0, 8), 'partner1', [role]);
      const secretHash = hashSecret(secretOf(role));
      const issued = { credentialId: role, label: 'test', secretHash, roles: [role] };
      put(tenant, 'partner', 'partner1', 'PartnerCredentialIssued', issued);
    }
    user('blocked', 'partner1', partnerRoles)('PartnerUserBlocked', { reason });
    user('removed', 'partner1', partnerRoles)('PartnerUserRemoved', { reason });
    user('leftover', 'left', partnerRoles);
    const operator = (operatorId: string, role: Role, merchantId: number | null) =>
      put(tenant, 'operator', operatorId, 'OperatorRegistered', {
        operatorId,
        name: operatorId,
        passwordHash: 'scrypt$',
        roles: [role],
        merchantId,
      });
    for (const role of roles) operator(role, role, null);
    operator('manager2', 'manager', 2);
    operator('revoked', 'owner', null);
    put(tenant, 'operator', 'revoked', 'OperatorRevoked', { reason });
  }
  put('gone' as TenantId, 'tenant', 'gone', 'TenantRevoked', { reason });
  return { directory, put };
};

export interface LoggedLine {
  readonly message: string;
  readonly fields: Record<string, unknown>;
}

interface TestOptions {
  readonly directory?: Directory;
  readonly limits?: Partial<ApiLimits>;
  readonly perSecond?: number;
  readonly burst?: number;
  readonly now?: () => number;
  readonly monitoringToken?: string;
  /** Of tokens that are signed as in the product, before the tests' own are tried. */
  readonly verifyToken?: VerifyToken;
}

/** An application of `routes` over a directory, with every line it logs. */
export const testServer = (
  routes: readonly Route[],
  options: TestOptions = {},
): { api: Api; lines: LoggedLine[] } => {
  const lines: LoggedLine[] = [];
  const keep = (fields: object, message: string) =>
    void lines.push({ message, fields: fields as Record<string, unknown> });
  const api = createApi({
    routes,
    authenticator: createAuthenticator({
      directory: options.directory ?? filledDirectory().directory,
      verifyToken: (token, at) => options.verifyToken?.(token, at) ?? verifyToken(token, at),
    }),
    rateLimit: createRateLimit({ perSecond: options.perSecond ?? 0, burst: options.burst ?? 1 }),
    limits: { ...limitsDefault, ...options.limits },
    logger: { info: keep, error: keep },
    metrics: {
      histogram: (definition) => new Histogram({ ...definition, registers: [new Registry()] }),
    },
    now: options.now ?? (() => now),
    checkAnswers: true,
    ...(options.monitoringToken === undefined ? {} : { monitoringToken: options.monitoringToken }),
  });
  return { api, lines };
};

export const testApi = (
  routes: readonly Route[],
  options: TestOptions = {},
): { app: Express; lines: LoggedLine[]; close: () => void } => {
  const { api, lines } = testServer(routes, options);
  return { app: api.app, lines, close: () => api.inFlight.close() };
};
