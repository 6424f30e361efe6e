/**
 * What is personal of a message: whom it goes to, what fills its template, its own text. Sealed under the key of its subject, the account
 * or an address without one, so that erasing either leaves nothing to be read. It is opened when the message is sent, and for whoever may
 * look at it.
 */
import type { Branded, TenantId, UserId } from '../../domain/ids.js';
import { type AddressKind, addressKinds } from '../../domain/message/kinds.js';
import { openText, type PersonalKeys, type PersonSubject, sealText } from '../personalData.js';
import type { AddressBook } from './addresses.js';

/** An own text. */
export interface OwnText {
  readonly subject?: string;
  readonly text: string;
  readonly html?: string;
  readonly link?: string;
}

export interface SealedContent {
  readonly addresses: AddressBook;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly text?: OwnText;
}

/**
 * Whose key it is: the account's, or one of the first address that is named.
 * @param hashes of the addresses, at least one where there is no account.
 */
export const messageSubject = (
  userId: UserId | null,
  hashes: Readonly<Partial<Record<AddressKind, string>>>,
): PersonSubject => {
  if (userId !== null) return userId;
  const kind = addressKinds.find((one) => hashes[one] !== undefined);
  return `addr_${(kind && hashes[kind])?.slice(0, 40)}` as Branded<string, 'PersonSubject'>;
};

/** Whose keys have to be there for a message: its own, and of each address that it names, since each may have been erased by itself. */
export const messageSubjects = (
  subject: PersonSubject,
  hashes: Readonly<Partial<Record<AddressKind, string>>>,
): readonly PersonSubject[] => [
  ...new Set([
    subject,
    ...addressKinds.flatMap((kind) => {
      const hash = hashes[kind];
      return hash === undefined ? [] : [messageSubject(null, { [kind]: hash })];
    }),
  ]),
];

export const sealMessage = (
  key: Buffer,
  tenant: TenantId,
  subject: PersonSubject,
  content: SealedContent,
): string => sealText(key, tenant, subject, JSON.stringify(content));

/** Null once erased. @throws SealBroken */
export const openMessage = async (
  keys: Pick<PersonalKeys, 'find'>,
  tenant: TenantId,
  { subject, sealed }: { readonly subject: string; readonly sealed: string },
): Promise<SealedContent | null> => {
  const owner = subject as PersonSubject;
  const key = await keys.find(tenant, owner);
  return key && (JSON.parse(openText(key, tenant, owner, sealed)) as SealedContent);
};

/** Of the addresses of a message those that were not erased by themselves. */
export const presentAddresses = async (
  keys: Pick<PersonalKeys, 'find'>,
  tenant: TenantId,
  hashes: Readonly<Partial<Record<AddressKind, string>>>,
  { addresses }: SealedContent,
): Promise<AddressBook> => {
  const named = await Promise.all(
    addressKinds.map(async (kind) => {
      const [address, hash] = [addresses[kind], hashes[kind]];
      if (!address || hash === undefined) return [];
      const key = await keys.find(tenant, messageSubject(null, { [kind]: hash }));
      return key ? [[kind, address] as const] : [];
    }),
  );
  return Object.fromEntries(named.flat());
};
