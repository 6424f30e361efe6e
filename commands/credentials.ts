/**
 * Tokens of tills, apps and partners: `kpt.<tenant>.<tillId>.<secret>`, `kpa.<tenant>.<appId>.<secret>` and
 * `kpp.<tenant>.<credentialId>.<secret>`.
 *
 * The secret is 256 random bits shown once; the log keeps its SHA-256. A fast hash is right here, unlike for passwords: nobody
 * guesses 256 bits, and tills are checked on every request. Comparison takes the same time wherever the first difference is.
 */
import { hash, randomBytes, timingSafeEqual } from 'node:crypto';
import type { AppId, CredentialId, TenantId, TillId } from '../domain/ids.js';

/** 43 characters of base64url. */
export const makeSecret = (): string => randomBytes(32).toString('base64url');

/** SHA-256, hex. */
export const hashSecret = (secret: string): string => hash('sha256', secret, 'hex');

// Written over each time: two new buffers cost more than the hash.
const given = Buffer.alloc(64);
const kept = Buffer.alloc(64);

export const secretMatches = (secret: string, secretHash: string): boolean => {
  if (secretHash.length !== kept.length) return false;
  given.write(hashSecret(secret), 'latin1');
  kept.write(secretHash, 'latin1');
  return timingSafeEqual(given, kept);
};

export type Token =
  | {
      readonly kind: 'till';
      readonly tenant: TenantId;
      readonly id: TillId;
      readonly secret: string;
    }
  | {
      readonly kind: 'app';
      readonly tenant: TenantId;
      readonly id: AppId;
      readonly secret: string;
    }
  | {
      readonly kind: 'partner';
      readonly tenant: TenantId;
      readonly id: CredentialId;
      readonly secret: string;
    };

const prefixes = { till: 'kpt', app: 'kpa', partner: 'kpp' } as const;
const grammar = /^kp([tap])\.([a-z][a-z0-9]{1,30})\.([a-z0-9]{4,40})\.([A-Za-z0-9_-]{43})$/;

export const formatToken = ({ kind, tenant, id, secret }: Token): string =>
  `${prefixes[kind]}.${tenant}.${id}.${secret}`;

/** Null for whatever is not a token: then there is nothing to look up. */
export const parseToken = (text: string): Token | null => {
  const [, letter, named, id, secret] = grammar.exec(text) ?? [];
  if (!letter || !named || !id || !secret) return null;
  const tenant = named as TenantId;
  switch (letter) {
    case 't':
      return { kind: 'till', tenant, id: id as TillId, secret };
    case 'a':
      return { kind: 'app', tenant, id: id as AppId, secret };
    default:
      return { kind: 'partner', tenant, id: id as CredentialId, secret };
  }
};

/** The client id of a partner's program in OAuth 2.0; its client secret is the secret of its token. */
export const formatClientId = (tenant: TenantId, credentialId: CredentialId): string =>
  `${tenant}.${credentialId}`;

/** Null for whatever is no client id of ours, or no secret. */
export const parseClient = (clientId: string, clientSecret: string): Token | null =>
  parseToken(`${prefixes.partner}.${clientId}.${clientSecret}`);

/** An id for what was registered without one: the same whenever the command is repeated under its key. */
export const derivedId = (prefix: string, tenant: TenantId, idempotencyKey: string): string =>
  prefix + hash('sha256', `${prefix}\n${tenant}\n${idempotencyKey}`, 'hex').slice(0, 16);
