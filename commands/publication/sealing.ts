/**
 * Personal data in publications: taken out of the data and kept beside them, encrypted under the key of the person. The publisher
 * names the person; in the log and among the keys there is only a keyed hash of that name.
 */
import { createHmac } from 'node:crypto';
import type { PartnerId, TenantId } from '../../domain/ids.js';
import type { TakenOut } from '../../domain/publication/pointer.js';
import type { SubjectKey } from '../../domain/publication/publication.js';
import { rejected } from '../../domain/rejected.js';
import {
  KeyDestroyed,
  openText,
  type PersonalKeys,
  type PersonSubject,
  sealText,
} from '../personalData.js';

/** What is sealed: the publisher's name for the person, and what was taken out of the data. */
export interface PersonalContent {
  readonly subject: string;
  readonly taken: TakenOut;
}

/** Whose key it is, among all keys of the tenant. */
export const keyOwnerOf = (partnerId: PartnerId, subjectKey: SubjectKey): PersonSubject =>
  `exchange.${partnerId}.${subjectKey}` as PersonSubject;

export const subjectKeyOf = async (
  keys: Pick<PersonalKeys, 'indexKey'>,
  tenant: TenantId,
  partnerId: PartnerId,
  subject: string,
): Promise<SubjectKey> =>
  createHmac('sha256', await keys.indexKey(tenant))
    .update(`published subject\n${partnerId}\n${subject}`)
    .digest('hex')
    .slice(0, 32) as SubjectKey;

const keyFor = async (
  keys: Pick<PersonalKeys, 'find' | 'create'>,
  tenant: TenantId,
  owner: PersonSubject,
): Promise<Buffer> => {
  try {
    return (await keys.find(tenant, owner)) ?? (await keys.create(tenant, owner));
  } catch (error) {
    if (error instanceof KeyDestroyed) throw rejected('subject-erased');
    throw error;
  }
};

export interface SealedContent {
  readonly subjectKey: SubjectKey;
  readonly sealed: string;
  /** Tells a repeat from other data under the same key; says nothing to anybody once the key is destroyed. */
  readonly digest: string;
}

/** @throws Rejected subject-erased */
export const sealContent = async (
  keys: PersonalKeys,
  tenant: TenantId,
  partnerId: PartnerId,
  content: PersonalContent,
): Promise<SealedContent> => {
  const subjectKey = await subjectKeyOf(keys, tenant, partnerId, content.subject);
  const owner = keyOwnerOf(partnerId, subjectKey);
  const key = await keyFor(keys, tenant, owner);
  const text = JSON.stringify(content);
  const digest = createHmac('sha256', key).update(text).digest('hex').slice(0, 32);
  return { subjectKey, sealed: sealText(key, tenant, owner, text), digest };
};

/** Null once erased. @throws SealBroken */
export const openContent = async (
  keys: Pick<PersonalKeys, 'find'>,
  tenant: TenantId,
  partnerId: PartnerId,
  { subjectKey, sealed }: Pick<SealedContent, 'subjectKey' | 'sealed'>,
): Promise<PersonalContent | null> => {
  const owner = keyOwnerOf(partnerId, subjectKey);
  const key = await keys.find(tenant, owner);
  return key && (JSON.parse(openText(key, tenant, owner, sealed)) as PersonalContent);
};
