/**
 * Who brings a newcomer: looked up before the enrolment, and refused with the place in the request where it cannot be, so that nothing
 * of it is done by half.
 *
 * Referrals make no ring: a referrer has an account before the newcomer has, and who had one before is no newcomer. Their number
 * says so, or their phone or e-mail, which a closed account sets free but which remember that they were somebody's.
 */
import { account, accountStream } from '../../domain/account/account.js';
import { contact, type ContactKind, contactStream } from '../../domain/contact/contact.js';
import type { CardNumber, TenantId, UserId } from '../../domain/ids.js';
import type { VersionedReferrals } from '../../domain/referral/programme.js';
import { rejected } from '../../domain/rejected.js';
import { holdingsOf } from '../customer/holdings.js';
import type { Handler } from '../handle.js';

export interface Named {
  readonly referralCode?: string;
  readonly referredBy?: UserId;
}

/** Why a customer cannot be brought; the codes are part of the API. */
type Because = 'self' | 'not-new' | 'contact-needed' | 'referrer-gone' | 'two-referrers';

const pointerOf = ({ referralCode }: Named): string =>
  referralCode === undefined ? '/referredBy' : '/referralCode';

const refuse = (named: Named, reason: Because): never => {
  throw rejected('referral-refused', { reason, pointer: pointerOf(named) });
};

/** Null where nobody is named. @throws Rejected referral-code-unknown, referral-refused */
export const referrerOf = async (
  { directory }: Pick<Handler, 'directory'>,
  tenant: TenantId,
  named: Named,
): Promise<UserId | null> => {
  const { referralCode, referredBy } = named;
  if (referralCode === undefined) return referredBy ?? null;
  const userId = (await directory.referrals.codes(tenant)).userOf(referralCode);
  if (userId === null) throw rejected('referral-code-unknown', { pointer: '/referralCode' });
  if (referredBy !== undefined && referredBy !== userId) refuse(named, 'two-referrers');
  return userId;
};

interface Newcomer {
  readonly userId: UserId;
  readonly cardNumber?: CardNumber;
  readonly phoneHash: string | null;
  readonly emailHash: string | null;
}

/**
 * The terms that the newcomer comes under. A repeat, whose account is there already, is not judged again.
 * @throws Rejected referrals-not-open, referral-code-unknown, referral-refused
 */
export const assertMayRefer = async (
  { directory, state }: Pick<Handler, 'directory' | 'state'>,
  tenant: TenantId,
  referrer: UserId,
  newcomer: Newcomer,
  named: Named,
): Promise<VersionedReferrals> => {
  const programme = directory.referrals.programme(tenant);
  if (!programme?.open) throw rejected('referrals-not-open', { pointer: pointerOf(named) });
  const { userId, cardNumber, phoneHash, emailHash } = newcomer;
  if (referrer === userId) refuse(named, 'self');
  const bringing = await state(accountStream(tenant, referrer), account);
  if (bringing.status === 'unknown') {
    throw rejected('referral-code-unknown', { pointer: pointerOf(named) });
  }
  if (bringing.status !== 'open') refuse(named, 'referrer-gone');
  const contacts = [
    ['phone', phoneHash],
    ['email', emailHash],
  ] as const;
  const theirs = new Set(holdingsOf(bringing).contacts.map(({ hash }) => hash));
  for (const [, hash] of contacts) if (hash !== null && theirs.has(hash)) refuse(named, 'self');
  if (cardNumber !== undefined && bringing.cards.has(cardNumber)) refuse(named, 'self');
  if (programme.programme.contactRequired && phoneHash === null && emailHash === null) {
    refuse(named, 'contact-needed');
  }
  const hadBefore = async (kind: ContactKind, hash: string): Promise<boolean> => {
    const known = await state(contactStream(tenant, kind, hash), contact);
    return known.status === 'free' && known.hadBefore === true;
  };
  for (const [kind, hash] of contacts) {
    if (hash !== null && (await hadBefore(kind, hash))) refuse(named, 'not-new');
  }
  return programme;
};
