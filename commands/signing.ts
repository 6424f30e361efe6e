/**
 * Signs and verifies JWTs with ES256, whoever they are for: what the claims mean is said in accessTokens.ts.
 *
 * The algorithm is ours and never the token's: a header that names another one, or none, is refused before any key is touched,
 * and a key is only ever taken from our own list by its id, never from the token (no jwk, jku, x5u). Issuer and audience are
 * checked, and time is passed in. A revoked key is good for nothing from the moment that `isRevoked` says so, here and in every
 * process, whatever the store of keys still holds.
 */
import { createPrivateKey, createPublicKey, type KeyObject } from 'node:crypto';
import jwt from 'jsonwebtoken';
import {
  makeSigningKey,
  mayVerify,
  rotate,
  type SigningKey,
  type SigningKeys,
  signerAmong,
  tokenLifetimeMs,
} from './signingKeys.js';

const issuer = 'kopilka';
const algorithm = 'ES256';
const tokenLengthMax = 4_096;
const rotateAfterMs = 30 * 86_400_000;
const refreshMs = 30_000;
/** A key that nobody here knows may be another process's newest: then, but no more often, they are read again. */
const refreshForUnknownMs = 5_000;
/** What the clocks of our processes may differ by. */
const clockSkewSeconds = 5;

export interface Signed {
  readonly token: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
}

export interface Verified {
  readonly kid: string;
  readonly audience: string;
  /** Of a token of ours, and nothing is known of their shape yet. */
  readonly claims: unknown;
}

export interface KeyInUse {
  readonly kid: string;
  /** The one that signs now; `next` will, `verifies` did and is published until its last token is over. */
  readonly use: 'signs' | 'next' | 'verifies';
  readonly createdAt: number;
  readonly retiredAt: number | null;
}

export interface Signing {
  /** `now` in milliseconds; a life of at most tokenLifetimeMs. */
  sign(
    claims: object,
    to: { readonly audience: string; readonly subject: string; readonly lifetimeMs: number },
    now: number,
  ): Promise<Signed>;
  /** 'expired' is said only of what was ours; null: never was, or its key was revoked. */
  verify(token: string, audiences: readonly string[], now: number): Verified | 'expired' | null;
  /** RFC 7517 */
  publicKeys(): { readonly keys: readonly object[] };
  /** Every key that signs or verifies, the newest first. */
  keysInUse(): readonly KeyInUse[];
  /** Begins a change of keys: the new one is published at once and signs a minute later. */
  rotate(): Promise<void>;
  /** Takes a key out of the store and, where it was the one that signs, puts another in its place at once. */
  remove(kid: string): Promise<void>;
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
  readonly isRevoked?: (kid: string) => boolean;
  readonly now: () => number;
  readonly onFailed: (error: unknown) => void;
}): Promise<Signing> => {
  const { keys, now, isRevoked = () => false } = options;
  let loaded = new Map<string, LoadedKey>();
  let refreshedAt = 0;

  const isGood = (key: SigningKey, at: number): boolean =>
    mayVerify(key, at) && !isRevoked(key.kid);
  const goodKeys = (at: number): SigningKey[] =>
    [...loaded.values()].map(({ key }) => key).filter((key) => isGood(key, at));

  const refresh = async (): Promise<void> => {
    refreshedAt = now();
    const listed = await keys.list();
    const usable = listed.filter((key) => isGood(key, now()));
    loaded = new Map(
      usable.map((key) => [key.kid, { ...(loaded.get(key.kid) ?? load(key)), key }]),
    );
  };
  const signer = (at: number): LoadedKey | undefined => {
    const chosen = signerAmong(goodKeys(at), at);
    return chosen && loaded.get(chosen.kid);
  };
  const maintain = async (): Promise<void> => {
    await refresh();
    const current = signer(now());
    if (!current) await keys.add(makeSigningKey(now()));
    else if (isAged(current.key, goodKeys(now()), now())) await rotate(keys, now());
    else return;
    await refresh();
  };
  const maintainSoon = (): void => void maintain().catch(options.onFailed);

  await maintain();
  const timer = setInterval(maintainSoon, refreshMs);
  timer.unref();

  return {
    sign: async (claims, { audience, subject, lifetimeMs }, at) => {
      if (!signer(at)) await maintain();
      const signing = signer(at);
      if (!signing) throw new Error('There is no key to sign with: is the database reachable?');
      const iat = Math.floor(at / 1000);
      const exp = iat + Math.min(lifetimeMs, tokenLifetimeMs) / 1000;
      const token = jwt.sign({ ...claims, iat, exp }, signing.privateKey, {
        algorithm,
        issuer,
        audience,
        subject,
        keyid: signing.key.kid,
      });
      return { token, expiresAt: exp * 1000 };
    },
    verify: (token, audiences, at) => {
      const kid = keyIdOf(token);
      if (kid === null) return null;
      const known = loaded.get(kid);
      if (known && isGood(known.key, at)) return verifyWith(known, token, audiences, at);
      if (!known && at - refreshedAt > refreshForUnknownMs) {
        refreshedAt = at;
        maintainSoon();
      }
      return null;
    },
    publicKeys: () => ({
      keys: goodKeys(now()).map((key) => ({
        ...key.publicJwk,
        kid: key.kid,
        use: 'sig',
        alg: algorithm,
      })),
    }),
    keysInUse: () => {
      const at = now();
      const signs = signer(at)?.key;
      const useOf = ({ kid, createdAt }: SigningKey): KeyInUse['use'] => {
        if (kid === signs?.kid) return 'signs';
        return signs && createdAt > signs.createdAt ? 'next' : 'verifies';
      };
      return goodKeys(at)
        .sort((a, b) => b.createdAt - a.createdAt)
        .map((key) => ({
          kid: key.kid,
          use: useOf(key),
          createdAt: key.createdAt,
          retiredAt: key.retiredAt,
        }));
    },
    rotate: async () => {
      await rotate(keys, now());
      await refresh();
    },
    remove: async (kid) => {
      await keys.remove(kid);
      await maintain();
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
const isAged = (signing: SigningKey, all: readonly SigningKey[], now: number): boolean =>
  signing.createdAt + rotateAfterMs <= now &&
  !all.some(({ createdAt }) => createdAt > signing.createdAt);

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
  { key, publicKey }: LoadedKey,
  token: string,
  audiences: readonly string[],
  now: number,
): Verified | 'expired' | null => {
  try {
    const seconds = Math.floor(now / 1000);
    const claims = jwt.verify(token, publicKey, {
      algorithms: [algorithm],
      issuer,
      audience: audiences as [string, ...string[]],
      clockTimestamp: seconds,
      clockTolerance: 0,
      maxAge: tokenLifetimeMs / 1000,
    });
    if (typeof claims === 'string' || typeof claims.aud !== 'string') return null;
    // The library looks at `nbf` alone: a token of the future would outlive its time.
    if (typeof claims.iat !== 'number' || claims.iat > seconds + clockSkewSeconds) return null;
    return { kid: key.kid, audience: claims.aud, claims };
  } catch (error) {
    return error instanceof jwt.TokenExpiredError ? 'expired' : null;
  }
};
