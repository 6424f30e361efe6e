/**
 * Who a partner's user is: name and e-mail, encrypted like customers' under a key of their own, destroyed when they are removed.
 *
 * The id is made of the e-mail by the tenant's keyed hash, within the partner: the same address at the same partner is the same
 * user without a register of addresses, two partners may employ the same person, and the id tells nobody who it is.
 */
import { normalEmail } from '../contacts.js';
import type { PartnerId, PartnerUserId, TenantId } from '../../domain/ids.js';
import type { PersonalData, PersonSubject } from '../personalData.js';

/** `email` as it was typed. @throws Rejected invalid-contact */
export const partnerUserIdOf = async (
  personalData: PersonalData,
  tenant: TenantId,
  partnerId: PartnerId,
  email: string,
): Promise<PartnerUserId> => {
  // No address has a line break, so no hash of a customer's is one of these.
  const hash = await personalData.hash(tenant, 'email', `${partnerId}\n${normalEmail(email)}`);
  return `pu${hash.slice(0, 20)}` as PartnerUserId;
};

/** Whoever comes back after having been removed has another key: the first is gone for ever. */
export const partnerSubject = (id: PartnerUserId, life: number): PersonSubject =>
  `${id}.${life}` as PersonSubject;

export interface UserPerson {
  readonly name: string;
  readonly email: string;
}

/** Null once erased. */
export const openPerson = async (
  personalData: PersonalData,
  tenant: TenantId,
  user: { readonly partnerUserId: PartnerUserId; readonly life: number; readonly sealed: string },
): Promise<UserPerson | null> => {
  const subject = partnerSubject(user.partnerUserId, user.life);
  const person = await personalData.open(tenant, subject, user.sealed);
  return person && { name: person.name ?? '', email: person.email ?? '' };
};
