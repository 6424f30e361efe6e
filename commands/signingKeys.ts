/**
 * The keys that tokens are signed with: made here, kept behind a port, chosen by their age alone so that every process
 * chooses the same.
 *
 *   made ──(60 s: every process and cache has it)──▶ signs ──(the next one signs)──▶ retired ──(30 min)──▶ verifies no more
 */
import { createHash, createPublicKey, generateKeyPairSync, type JsonWebKey } from 'node:crypto';

/** Times in milliseconds since the epoch. */
export interface SigningKey {
  /** RFC 7638 thumbprint of the public key. */
  readonly kid: string;
  readonly privateJwk: JsonWebKey;
  readonly publicJwk: JsonWebKey;
  readonly createdAt: number;
  /** When it stops signing; null while that is open. */
  readonly retiredAt: number | null;
}

/** Where the keys are. A KMS can fill it. */
export interface SigningKeys {
  list(): Promise<SigningKey[]>;
  /** Adding the same key twice is the same. */
  add(key: SigningKey): Promise<void>;
  /** Open keys made before a time stop signing at another: keys that two processes make at once do not retire each other. */
  retire(madeBefore: number, at: number): Promise<void>;
  /** Removes keys retired before a time. */
  forget(retiredBefore: number): Promise<void>;
  /** Removes one key, whatever it was doing. Twice is the same. */
  remove(kid: string): Promise<void>;
}

/** No token lives longer. */
export const tokenLifetimeMs = 30 * 60_000;
const publishedAheadMs = 60_000;

export const makeSigningKey = (now: number): SigningKey => {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const publicJwk = createPublicKey(privateKey).export({ format: 'jwk' });
  const { crv, kty, x, y } = publicJwk;
  const kid = createHash('sha256').update(JSON.stringify({ crv, kty, x, y })).digest('base64url');
  const privateJwk = privateKey.export({ format: 'jwk' });
  return { kid, privateJwk, publicJwk, createdAt: now, retiredAt: null };
};

/** Makes the next key and retires the others for when it signs. */
export const rotate = async (keys: SigningKeys, now: number): Promise<void> => {
  const next = makeSigningKey(now);
  await keys.add(next);
  await keys.retire(next.createdAt, now + publishedAheadMs);
  await keys.forget(now - 2 * tokenLifetimeMs);
};

/** The newest that everybody has had time to learn of; the oldest where all are fresh. */
export const signerAmong = (keys: readonly SigningKey[], now: number): SigningKey | undefined => {
  const open = keys
    .filter(({ retiredAt }) => retiredAt === null || retiredAt > now)
    .sort((a, b) => b.createdAt - a.createdAt || (a.kid < b.kid ? 1 : -1));
  return open.find(({ createdAt }) => createdAt + publishedAheadMs <= now) ?? open.at(-1);
};

/** Whether a token signed with it may still be alive. */
export const mayVerify = ({ retiredAt }: SigningKey, now: number): boolean =>
  retiredAt === null || retiredAt + tokenLifetimeMs > now;
