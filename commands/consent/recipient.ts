/**
 * Whose consents are meant by a number of an account or by an address. What is said of an address holds for it alone and, where it is the
 * phone or e-mail of a customer, for their account as well: messages that go to the account ask there.
 */
import { type Static, Type } from '@sinclair/typebox';
import { account, accountStream } from '../../domain/account/account.js';
import { consentSubject } from '../../domain/consent/consent.js';
import { contact, contactStream } from '../../domain/contact/contact.js';
import { firstMember } from '../../domain/household/household.js';
import { type TenantId, UserId } from '../../domain/ids.js';
import { addressKinds } from '../../domain/message/kinds.js';
import { rejected } from '../../domain/rejected.js';
import type { Handler } from '../handle.js';
import type { Address } from '../../domain/message/address.js';
import { addressBook, Addresses, addressHash } from '../message/addresses.js';
import type { PersonalKeys } from '../personalData.js';

const { email, phone, push, telegram } = Addresses.properties;

/** One of them. */
export const AddressAsked = Type.Object(
  { email, phone, push, telegram },
  {
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    title: 'AddressAsked',
    examples: [{ email: 'ada@example.com' }],
  },
);
export const RecipientAsked = Type.Object(
  { userId: Type.Optional(UserId), email, phone, push, telegram },
  {
    additionalProperties: false,
    minProperties: 1,
    maxProperties: 1,
    title: 'RecipientAsked',
    description: 'An account, or one address',
    examples: [{ userId: '3000000000000000000000017' }],
  },
);
export type RecipientAsked = Static<typeof RecipientAsked>;

type From = Pick<Handler, 'state'>;
type Keys = Pick<PersonalKeys, 'indexKey'>;

/** @throws Rejected invalid-contact */
export const addressAsked = async (
  keys: Keys,
  tenant: TenantId,
  asked: Static<typeof AddressAsked>,
): Promise<{ readonly kind: Address['kind']; readonly hash: string }> => {
  const book = addressBook(asked);
  const address = addressKinds.map((kind) => book[kind]).find((one) => one !== undefined);
  if (!address) throw new Error('an address was asked for by a schema that takes one');
  return { kind: address.kind, hash: addressHash(await keys.indexKey(tenant), address) };
};

/** The account first, where there is one. @throws Rejected account-not-found, invalid-contact */
export const subjectsAsked = async (
  from: From,
  keys: Keys,
  tenant: TenantId,
  { userId, ...asked }: RecipientAsked,
): Promise<readonly [string, ...string[]]> => {
  if (userId !== undefined) {
    const { status } = await from.state(accountStream(tenant, userId), account);
    if (status === 'unknown') throw rejected('account-not-found', { userId });
    return [userId];
  }
  const { kind, hash } = await addressAsked(keys, tenant, asked);
  const own = consentSubject(null, hash);
  if (kind !== 'email' && kind !== 'phone') return [own];
  const owner = await from.state(contactStream(tenant, kind, hash), contact);
  // Of others on the account nothing is said: what they agree to is not the head's.
  const isHeads = owner.status === 'claimed' && (owner.memberId ?? firstMember) === firstMember;
  return isHeads ? [owner.userId, own] : [own];
};
