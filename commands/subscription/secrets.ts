/**
 * What a subscription keeps secret: the keys that its deliveries are signed under, and the headers that its partner wants sent along.
 *
 * Keys are derived from the tenant's key, the subscription and the version, and kept nowhere, so that rotating is counting. The one
 * that both sides know (v1) and the one that only we know (v1a) are derived apart: a receiver that has the first cannot sign by the
 * second. Headers are sealed with AES-256-GCM under a key that is derived too; tenant and subscription are authenticated with them.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  createPrivateKey,
  createPublicKey,
  randomBytes,
} from 'node:crypto';
import type { SubscriptionId, TenantId } from '../../domain/ids.js';
import { versionsInForce } from '../../domain/subscription/subscription.js';
import type { PersonalKeys } from '../personalData.js';
import type { SubscriptionRecord } from '../subscriptions.js';

/** What the keys of a subscription follow from. */
export type Secretive = Pick<
  SubscriptionRecord,
  'tenant' | 'subscriptionId' | 'signing' | 'secretVersion' | 'overlap'
>;

/** What a receiver checks signatures with. */
export interface ShownSecret {
  readonly version: number;
  /** Milliseconds since the epoch; null: until it is rotated. */
  readonly until: number | null;
  /** `whsec_…`, to be kept secret; null where the subscription is not signed so. */
  readonly v1: string | null;
  /** `whpk_…`, which anybody may know. */
  readonly v1a: string | null;
}

export type Headers = Readonly<Record<string, string>>;

export interface SubscriptionSecrets {
  /** `whsec_…` and `whsk_…` for signatureHeaders, of every version in force at `nowMs`, the newest first. */
  signingKeys(record: Secretive, nowMs: number): Promise<readonly string[]>;
  shown(record: Secretive, nowMs: number): Promise<readonly ShownSecret[]>;
  seal(tenant: TenantId, id: SubscriptionId, headers: Headers): Promise<string>;
  /** Its own headers; none where there are none. @throws HeadersUnreadable where they were not sealed for this subscription. */
  headersOf(
    record: Pick<SubscriptionRecord, 'tenant' | 'subscriptionId' | 'sealedHeaders'>,
  ): Promise<Headers>;
}

export class HeadersUnreadable extends Error {
  override readonly name = 'HeadersUnreadable';
  constructor(id: SubscriptionId) {
    super(`The headers of ${id} were not sealed for it: set them again with PATCH.`);
  }
}

const nonceBytes = 12;
const tagBytes = 16;

export const createSubscriptionSecrets = (
  keys: Pick<PersonalKeys, 'indexKey'>,
): SubscriptionSecrets => {
  const derive = async (tenant: TenantId, purpose: string): Promise<Buffer> =>
    createHmac('sha256', await keys.indexKey(tenant))
      .update(purpose)
      .digest();
  const keyOf = (record: Secretive, version: number, scheme: string) =>
    derive(record.tenant, `webhook/${record.subscriptionId}/${version}/${scheme}`);
  const sealKey = (tenant: TenantId, id: SubscriptionId) => derive(tenant, `webhook headers/${id}`);

  const signingKeys: SubscriptionSecrets['signingKeys'] = (record, nowMs) =>
    Promise.all(
      versionsInForce(record, nowMs).flatMap((version) =>
        record.signing.map(async (scheme) => {
          const key = await keyOf(record, version, scheme);
          return scheme === 'v1' ? sharedSecret(key) : pairOf(key).signing;
        }),
      ),
    );

  const shown: SubscriptionSecrets['shown'] = (record, nowMs) =>
    Promise.all(
      versionsInForce(record, nowMs).map(async (version) => {
        const { signing, overlap } = record;
        const [v1, v1a] = await Promise.all([
          signing.includes('v1') ? keyOf(record, version, 'v1').then(sharedSecret) : null,
          signing.includes('v1a')
            ? keyOf(record, version, 'v1a').then((key) => pairOf(key).verifying)
            : null,
        ]);
        const until = overlap?.version === version ? overlap.until : null;
        return { version, until, v1, v1a };
      }),
    );

  return {
    signingKeys,
    shown,
    seal: async (tenant, id, headers) =>
      encrypt(await sealKey(tenant, id), associated(tenant, id), JSON.stringify(headers)),
    headersOf: async ({ tenant, subscriptionId: id, sealedHeaders }) => {
      if (sealedHeaders === undefined) return {};
      const text = decrypt(await sealKey(tenant, id), associated(tenant, id), sealedHeaders);
      if (text === null) throw new HeadersUnreadable(id);
      return JSON.parse(text) as Headers;
    },
  };
};

const sharedSecret = (key: Buffer): string => `whsec_${key.toString('base64')}`;

/** What PKCS #8 writes before the 32 bytes of an Ed25519 key (RFC 8410). */
const privateHead = Buffer.from('302e020100300506032b657004220420', 'hex');
const publicKeyBytes = 32;

const pairOf = (seed: Buffer): { readonly signing: string; readonly verifying: string } => {
  const der = Buffer.concat([privateHead, seed]);
  const secret = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const open = createPublicKey(secret)
    .export({ format: 'der', type: 'spki' })
    .subarray(-publicKeyBytes);
  return {
    signing: `whsk_${Buffer.concat([seed, open]).toString('base64')}`,
    verifying: `whpk_${open.toString('base64')}`,
  };
};

const associated = (tenant: TenantId, id: SubscriptionId): Buffer => Buffer.from(`${tenant}|${id}`);

const encrypt = (key: Buffer, aad: Buffer, text: string): string => {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]).toString('base64url');
};

const decrypt = (key: Buffer, aad: Buffer, sealed: string): string | null => {
  const bytes = Buffer.from(sealed, 'base64url');
  const body = nonceBytes + tagBytes;
  try {
    const options = { authTagLength: tagBytes };
    const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, nonceBytes), options);
    decipher.setAAD(aad).setAuthTag(bytes.subarray(nonceBytes, body));
    return Buffer.concat([decipher.update(bytes.subarray(body)), decipher.final()]).toString();
  } catch {
    return null;
  }
};
