/**
 * Whose consents are asked before a message goes to an address, and whose its link ends: the address's, always, and the account's that it
 * is for. The same mailbox is written to by both, and who ends it by one has ended it.
 */
import { addressHash, type AddressBook } from '../../commands/message/addresses.js';
import { consentSubject } from '../../domain/consent/consent.js';
import { type Belonging, heardOf, type Word } from '../../domain/consent/heard.js';
import type { UserId } from '../../domain/ids.js';
import type { AddressKind } from '../../domain/message/kinds.js';

/** By which accounts are known here. */
export const isOfAccounts = (kind: AddressKind): boolean => kind === 'email' || kind === 'phone';

/** @param named whether the request names the address itself. @param book of the account. */
export const belongingOf = (
  { kind, hash, named }: { kind: AddressKind; hash: string; named: boolean },
  book: AddressBook | undefined,
  indexKey: Buffer,
): Belonging => {
  if (!named) return 'own';
  if (!isOfAccounts(kind)) return 'untold';
  const own = book?.[kind];
  return own && addressHash(indexKey, own) === hash ? 'own' : 'foreign';
};

/** The address first. Without a hash nothing is known but the account. */
export const consentSubjects = (
  userId: UserId | null,
  hash: string | null,
): readonly [string, ...string[]] => {
  if (hash === null) return [userId ?? consentSubject(null, '')];
  const address = consentSubject(null, hash);
  return userId === null ? [address] : [address, userId];
};

/** @param wordOf the last one of a subject. */
export const consentHeard = <Said extends Word>(
  userId: UserId | null,
  hash: string | null,
  belonging: Belonging,
  wordOf: (subject: string) => Said | null,
): Word | null => {
  const account = userId === null ? null : wordOf(userId);
  const address = hash === null ? null : wordOf(consentSubject(null, hash));
  return heardOf(account, address, belonging);
};
