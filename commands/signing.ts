/**
 * Tokens of operators: JWTs signed with ES256, alive for half an hour.
 *
 * The algorithm is ours and never the token's: a header that names another one, or none, is refused before any key is touched,
 * and a key is only ever taken from our own list by its id, never from the token (no jwk, jku, x5u). Issuer and audience are
 * checked, the claims must be of the right shape, and time is passed in.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import { Type, type Static } from '@sinclair/typebox';
import { MerchantId, OperatorId, TenantId } from '../domain/ids.js';
import { Role } from '../domain/operator/operator.js';
import {
  makeSigningKey,
  mayVerify,
  rotate,
  type SigningKey,
  type SigningKeys,
  signerAmong,
  tokenLifetimeMs,
} from './signingKeys.js';
import { isValid } from './validation.js';

const issuer = 'kopilka';
const audience = 'kopilka';
const algorithm = 'ES256';
const tokenLengthMax = 4_096;
const rotateAfterMs = 30 * 86_400_000;
const refreshMs = 30_000;

const Claims = Type.Object({
  tenant: TenantId,
  sub: OperatorId,
  roles: Type.Array(Role, { maxItems: 5 }),
  merchantId: Type.Union([MerchantId, Type.Null()]),
  iat: Type.Integer(),
  exp: Type.Integer(),
});

export interface OperatorIdentity {
  readonly tenant: TenantId;
  readonly operatorId: OperatorId;
  readonly roles: readonly Role[];
  readonly merchantId: MerchantId | null;
}
export interface VerifiedOperator extends OperatorIdentity {
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface Signing {
  /** `now` and `expiresAt` in milliseconds. */
  issue(
    operator: OperatorIdentity,
    now: number,
  ): { readonly token: string; readonly expiresAt: number };
  /** 'expired' is said only of what was ours; null: never was. */
  verify(token: string, now: number): VerifiedOperator | 'expired' | null;
  /** RFC 7517 */
  publicKeys(): { readonly keys: readonly object[] };
  /** Begins a change of keys: the new one is published at once and signs a minute later. */
  rotate(): Promise<void>;
  /** Twice is safe. */
  close(): void;
}

interface LoadedKey {
  readonly key: SigningKey;
  readonly privateKey: KeyObject;
  readonly publicKey: KeyObject;
}

/** Makes the first key where there is none, learns of other processes' keys every 30 s, rotates by itself after 30 days. */
export const createSigning = async (options: {
  readonly keys: SigningKeys;
  readonly now: () => number;
  readonly onFailed: (error: unknown) => void;
}): Promise<Signing> => {
  const { keys, now } = options;
  let loaded = new Map<string, LoadedKey>();

  const refresh = async (): Promise<void> => {
    const listed = await keys.list();
    const usable = listed.filter((key) => mayVerify(key, now()));
    loaded = new Map(
      usable.map((key) => [key.kid, { ...(loaded.get(key.kid) ?? load(key)), key }]),
    );
  };
  const signer = (at: number): LoadedKey | undefined => {
    const chosen = signerAmong(
      [...loaded.values()].map(({ key }) => key),
      at,
    );
    return chosen && loaded.get(chosen.kid);
  };
  const maintain = async (): Promise<void> => {
    await refresh();
    const current = signer(now());
    if (!current) await keys.add(makeSigningKey(now()));
    else if (isAged(current.key, [...loaded.values()], now())) await rotate(keys, now());
    else return;
    await refresh();
  };

  await maintain();
  const timer = setInterval(() => void maintain().catch(options.onFailed), refreshMs);
  timer.unref();

  return {
    issue: (operator, at) => {
      const signing = signer(at);
      if (!signing) throw new Error('There is no key to sign with: is the database reachable?');
      const iat = Math.floor(at / 1000);
      const exp = iat + tokenLifetimeMs / 1000;
      const { tenant, roles, merchantId } = operator;
      const token = jwt.sign({ tenant, roles, merchantId, iat, exp }, signing.privateKey, {
        algorithm,
        issuer,
        audience,
        subject: operator.operatorId,
        keyid: signing.key.kid,
      });
      return { token, expiresAt: exp * 1000 };
    },
    verify: (token, at) => {
      const known = loaded.get(keyIdOf(token) ?? '');
      return known && mayVerify(known.key, at) ? verifyWith(known.publicKey, token, at) : null;
    },
    publicKeys: () => ({
      keys: [...loaded.values()]
        .filter(({ key }) => mayVerify(key, now()))
        .map(({ key }) => ({ ...key.publicJwk, kid: key.kid, use: 'sig', alg: algorithm })),
    }),
    rotate: async () => {
      await rotate(keys, now());
      await refresh();
    },
    close: () => clearInterval(timer),
  };
};

const load = (key: SigningKey): LoadedKey => ({
  key,
  privateKey: createPrivateKey({ key: key.privateJwk, format: 'jwk' }),
  publicKey: createPublicKey({ key: key.publicJwk, format: 'jwk' }),
});

/** Not while the next one is already on its way. */
const isAged = (signing: SigningKey, all: readonly LoadedKey[], now: number): boolean =>
  signing.createdAt + rotateAfterMs <= now &&
  !all.some(({ key }) => key.createdAt > signing.createdAt);

/** The id of the key that the header names, null where the header is not of a token of ours. */
const keyIdOf = (token: string): string | null => {
  if (token.length > tokenLengthMax) return null;
  let header: { readonly alg?: unknown; readonly kid?: unknown } | undefined;
  try {
    header = jwt.decode(token, { complete: true })?.header;
  } catch {
    return null;
  }
  return header?.alg === algorithm && typeof header.kid === 'string' ? header.kid : null;
};

const verifyWith = (
  key: KeyObject,
  token: string,
  now: number,
): VerifiedOperator | 'expired' | null => {
  try {
    const claims: unknown = jwt.verify(token, key, {
      algorithms: [algorithm],
      issuer,
      audience,
      clockTimestamp: Math.floor(now / 1000),
      maxAge: tokenLifetimeMs / 1000,
    });
    if (!isValid(Claims, claims)) return null;
    const { tenant, sub, roles, merchantId, exp } = claims as Static<typeof Claims>;
    return { tenant, operatorId: sub, roles, merchantId, expiresAt: exp * 1000 };
  } catch (error) {
    return error instanceof jwt.TokenExpiredError ? 'expired' : null;
  }
};
