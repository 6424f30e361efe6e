/**
 * Personal data, readable only while its key exists. Each person's data is encrypted under a key of their own (AES-256-GCM), so
 * erasing a person means destroying one key: what the log, its copies and its backups hold of them becomes noise, and the chain
 * of facts stays whole. To find a person without reading anyone, phone and e-mail are kept as HMAC under the tenant's index key.
 *
 * Sealed text: base64url of version byte 1, nonce (12 random bytes), tag (16), ciphertext. Tenant and subject are authenticated
 * with it, so a text moved to another customer does not open.
 */
import { createCipheriv, createDecipheriv, createHmac, randomBytes } from 'node:crypto';
import type { ContactKind } from '../domain/contact/contact.js';
import { firstMember } from '../domain/household/household.js';
import type { Branded, MemberId, TenantId, UserId } from '../domain/ids.js';

/** Whose key it is: an account's number for who enrolled, with their own number after it for everybody who joined. */
export type PersonSubject = UserId | Branded<string, 'PersonSubject'>;

export const personSubject = (userId: UserId, memberId: MemberId): PersonSubject =>
  memberId === firstMember ? userId : (`${userId}.${memberId}` as PersonSubject);

/** Where the keys are: the only primary data outside the log. A KMS can fill it. */
export interface PersonalKeys {
  /** 32 bytes, made at the first call; the same ever after. @throws KeyDestroyed */
  create(tenant: TenantId, subject: PersonSubject): Promise<Buffer>;
  /** The same for many at once, in their order; null where the key was destroyed. */
  createMany(
    tenant: TenantId,
    subjects: readonly PersonSubject[],
  ): Promise<readonly (Buffer | null)[]>;
  /** Null where there never was one or it was destroyed. */
  find(tenant: TenantId, subject: PersonSubject): Promise<Buffer | null>;
  /** For ever, also where there was none yet. Twice is the same. */
  destroy(tenant: TenantId, subject: PersonSubject): Promise<void>;
  /** 32 bytes, made at the first call; the same ever after. */
  indexKey(tenant: TenantId): Promise<Buffer>;
}

export class KeyDestroyed extends Error {
  override readonly name = 'KeyDestroyed';
  constructor() {
    super('The person was erased and cannot be given data again: enrol a new customer.');
  }
}

export interface Person {
  readonly name?: string;
  /** E.164 */
  readonly phone?: string;
  /** Lower case. */
  readonly email?: string;
  /** YYYY-MM-DD */
  readonly birthDate?: string;
}

export interface PersonalData {
  /** Empty for a person of whom nothing is known: no key is spent on that. @throws KeyDestroyed */
  seal(tenant: TenantId, subject: PersonSubject, person: Person): Promise<string>;
  /** Null once erased. @throws SealBroken where the text is not what was sealed for this subject. */
  open(tenant: TenantId, subject: PersonSubject, sealed: string): Promise<Person | null>;
  /** 64 hex digits. `value` is normalised (see contacts.ts). */
  hash(tenant: TenantId, kind: ContactKind, value: string): Promise<string>;
  destroy(tenant: TenantId, subject: PersonSubject): Promise<void>;
}

export class SealBroken extends Error {
  override readonly name = 'SealBroken';
}

const version = 1;
const nonceBytes = 12;
const tagBytes = 16;

export const createPersonalData = (keys: PersonalKeys): PersonalData => ({
  seal: async (tenant, subject, person) => {
    if (Object.keys(person).length === 0) return '';
    const key = await keys.create(tenant, subject);
    return encrypt(key, associated(tenant, subject), JSON.stringify(person));
  },
  open: async (tenant, subject, sealed) => {
    if (sealed === '') return {};
    const key = await keys.find(tenant, subject);
    return key && (JSON.parse(decrypt(key, associated(tenant, subject), sealed)) as Person);
  },
  hash: async (tenant, kind, value) =>
    createHmac('sha256', await keys.indexKey(tenant))
      .update(`${kind}\n${value}`)
      .digest('hex'),
  destroy: (tenant, subject) => keys.destroy(tenant, subject),
});

const associated = (tenant: TenantId, subject: PersonSubject): Buffer =>
  Buffer.from(`${tenant}|${subject}`);

/** For what is personal and not of a customer: any text, under the key of `subject`. */
export const sealText = (
  key: Buffer,
  tenant: TenantId,
  subject: PersonSubject,
  text: string,
): string => encrypt(key, associated(tenant, subject), text);

/** @throws SealBroken */
export const openText = (
  key: Buffer,
  tenant: TenantId,
  subject: PersonSubject,
  sealed: string,
): string => decrypt(key, associated(tenant, subject), sealed);

const encrypt = (key: Buffer, aad: Buffer, text: string): string => {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
  const body = Buffer.concat([cipher.update(text, 'utf8'), cipher.final()]);
  const parts = [Buffer.from([version]), nonce, cipher.getAuthTag(), body];
  return Buffer.concat(parts).toString('base64url');
};

const decrypt = (key: Buffer, aad: Buffer, sealed: string): string => {
  const bytes = Buffer.from(sealed, 'base64url');
  if (bytes[0] !== version) throw new SealBroken('Not sealed by a version that this build knows.');
  const nonce = bytes.subarray(1, 1 + nonceBytes);
  const tag = bytes.subarray(1 + nonceBytes, 1 + nonceBytes + tagBytes);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, nonce, { authTagLength: tagBytes });
    decipher.setAAD(aad).setAuthTag(tag);
    const body = bytes.subarray(1 + nonceBytes + tagBytes);
    return Buffer.concat([decipher.update(body), decipher.final()]).toString('utf8');
  } catch {
    throw new SealBroken('The personal data was changed, or sealed for somebody else.');
  }
};
