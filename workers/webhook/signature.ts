/**
 * Signatures of webhooks as Standard Webhooks has them: `v1` is HMAC-SHA256 under a secret that both sides keep, `v1a` is Ed25519
 * under a key of which the receiver has the public half. Signed is `id.timestamp.body`, byte for byte as it is sent.
 *
 * While a secret is being rotated a delivery carries a signature under each, and a receiver accepts any of them.
 */
import {
  createHmac,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  hash,
  type KeyObject,
  randomBytes,
  sign as signBytes,
  timingSafeEqual,
  verify as verifyBytes,
} from 'node:crypto';

export interface Signed {
  /** The same on every repeat of a delivery. */
  readonly id: string;
  /** Seconds since the epoch, of this attempt. */
  readonly timestamp: number;
  readonly body: string | Buffer;
}

const secretPrefix = 'whsec_';
const signingKeyPrefix = 'whsk_';
const verifyingKeyPrefix = 'whpk_';
const secretBytes = { least: 24, most: 64, made: 32 } as const;

export class SecretUnusable extends Error {
  override readonly name = 'SecretUnusable';
}

const bytesAfter = (prefix: string, text: string): Buffer => {
  const encoded = text.slice(prefix.length);
  if (!text.startsWith(prefix) || !/^[A-Za-z0-9+/]+={0,2}$/.test(encoded)) {
    throw new SecretUnusable(`a secret of this kind is ${prefix} and base64`);
  }
  return Buffer.from(encoded, 'base64');
};

const hmacKey = (secret: string): Buffer => {
  const key = bytesAfter(secretPrefix, secret);
  if (key.length < secretBytes.least || key.length > secretBytes.most) {
    throw new SecretUnusable(
      `a secret has ${secretBytes.least} to ${secretBytes.most} bytes, not ${key.length}`,
    );
  }
  return key;
};

/** What PKCS #8 and SubjectPublicKeyInfo write before the 32 bytes of an Ed25519 key (RFC 8410). */
const privateHead = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicHead = Buffer.from('302a300506032b6570032100', 'hex');

/** 32 bytes of seed, alone or before the 32 of the public key. */
const privateKeyOf = (text: string): KeyObject => {
  const bytes = bytesAfter(signingKeyPrefix, text);
  if (bytes.length !== 32 && bytes.length !== 64) {
    throw new SecretUnusable(`a signing key has 32 or 64 bytes, not ${bytes.length}`);
  }
  const der = Buffer.concat([privateHead, bytes.subarray(0, 32)]);
  return createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
};

const publicKeyOf = (text: string): KeyObject => {
  const bytes = bytesAfter(verifyingKeyPrefix, text);
  if (bytes.length !== 32)
    throw new SecretUnusable(`a public key has 32 bytes, not ${bytes.length}`);
  const der = Buffer.concat([publicHead, bytes]);
  return createPublicKey({ key: der, format: 'der', type: 'spki' });
};

/** Decoding and checking a key takes longer than signing with it; a process signs with few. */
const keysKept = 1_000;
const kept = <Key>(make: (text: string) => Key): ((text: string) => Key) => {
  const keys = new Map<string, Key>();
  return (text) => {
    let key = keys.get(text);
    if (key !== undefined) return key;
    key = make(text);
    if (keys.size >= keysKept) keys.clear();
    keys.set(text, key);
    return key;
  };
};
const blockBytes = 64;
const digestBytes = 32;
/** Signing is done at once: one room for what is signed is enough. */
const scratch = Buffer.allocUnsafeSlow(16_384);

/** HMAC-SHA256 (RFC 2104) under one key: two hashes in one shot each, which takes two thirds of what an object of Hmac does. */
const macUnder = (key: Buffer): ((head: string, body: string | Buffer) => string) => {
  const inner = Buffer.alloc(blockBytes, 0x36);
  const outer = Buffer.alloc(blockBytes + digestBytes, 0x5c);
  // No secret is longer than a block.
  for (const [index, byte] of key.entries()) {
    inner[index] = 0x36 ^ byte;
    outer[index] = 0x5c ^ byte;
  }
  return (head, body) => {
    const bytes = typeof body === 'string' ? Buffer.from(body) : body;
    const headBytes = Buffer.byteLength(head);
    const length = blockBytes + headBytes + bytes.length;
    const signed = length <= scratch.length ? scratch : Buffer.allocUnsafe(length);
    inner.copy(signed);
    signed.write(head, blockBytes);
    bytes.copy(signed, blockBytes + headBytes);
    outer.write(hash('sha256', signed.subarray(0, length), 'binary'), blockBytes, 'latin1');
    return hash('sha256', outer, 'base64');
  };
};
const macOf = kept((secret) => macUnder(hmacKey(secret)));
const signingKey = kept(privateKeyOf);

const content = ({ id, timestamp, body }: Signed): Buffer =>
  Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);

/** A secret to be shared with a receiver, 256 bits. */
export const makeSecret = (): string =>
  secretPrefix + randomBytes(secretBytes.made).toString('base64');

/** A pair of which the receiver is given `verifying`. */
export const makeKeyPair = (): { readonly signing: string; readonly verifying: string } => {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  const seed = privateKey.export({ format: 'der', type: 'pkcs8' }).subarray(privateHead.length);
  const open = publicKey.export({ format: 'der', type: 'spki' }).subarray(publicHead.length);
  return {
    signing: signingKeyPrefix + Buffer.concat([seed, open]).toString('base64'),
    verifying: verifyingKeyPrefix + open.toString('base64'),
  };
};

/** `v1,…` or `v1a,…`, by the kind of the secret. @throws SecretUnusable. */
export const signatureOf = (secret: string, signed: Signed): string => {
  if (secret.startsWith(signingKeyPrefix)) {
    return `v1a,${signBytes(null, content(signed), signingKey(secret)).toString('base64')}`;
  }
  const { id, timestamp, body } = signed;
  return `v1,${macOf(secret)(`${id}.${timestamp}.`, body)}`;
};

/** The three headers of a delivery. @param secrets one, or several while they are being rotated. @throws SecretUnusable. */
export const signatureHeaders = (
  secrets: readonly string[],
  signed: Signed,
): Record<'webhook-id' | 'webhook-timestamp' | 'webhook-signature', string> => ({
  'webhook-id': signed.id,
  'webhook-timestamp': String(signed.timestamp),
  'webhook-signature': secrets.map((secret) => signatureOf(secret, signed)).join(' '),
});

const toleranceSeconds = 5 * 60;

const isSignedBy = (secret: string, signature: string, signed: Signed): boolean => {
  const [version = '', encoded = ''] = signature.split(',', 2);
  const given = Buffer.from(encoded, 'base64');
  if (version === 'v1a' && secret.startsWith(verifyingKeyPrefix)) {
    return verifyBytes(null, content(signed), publicKeyOf(secret), given);
  }
  if (version !== 'v1' || !secret.startsWith(secretPrefix)) return false;
  const wanted = createHmac('sha256', hmacKey(secret)).update(content(signed)).digest();
  return wanted.length === given.length && timingSafeEqual(wanted, given);
};

/**
 * As a receiver checks it: some signature is right under one of the secrets or public keys, and the time is near.
 * @param nowSeconds since the epoch.
 */
export const isGenuine = (
  keys: readonly string[],
  signatures: string,
  signed: Signed,
  nowSeconds: number,
): boolean => {
  if (Math.abs(nowSeconds - signed.timestamp) > toleranceSeconds) return false;
  return signatures
    .split(' ')
    .some((signature) => keys.some((key) => isSignedBy(key, signature, signed)));
};
