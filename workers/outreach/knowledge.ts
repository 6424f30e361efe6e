/**
 * What is to be known of recipients before anything is sent to them, for a chunk of messages at once: what was sealed for them is opened,
 * the addresses of accounts are looked up, and consents, suppressions and what was sent lately are read, a statement each.
 */
import { addressBook, addressHash, type AddressBook } from '../../commands/message/addresses.js';
import { linkKey } from '../../commands/consent/unsubscribe.js';
import type { SealedContent } from '../../commands/message/sealing.js';
import type { Variables } from '../../commands/template/variables.js';
import { openText, type Person, type PersonSubject } from '../../commands/personalData.js';
import type { ConsentClass } from '../../domain/consent/consent.js';
import type { Belonging } from '../../domain/consent/heard.js';
import { capSecondsMax, type OutreachRules } from '../../domain/consent/rules.js';
import type { SuppressionReason } from '../../domain/consent/suppression.js';
import type { TenantId, UserId } from '../../domain/ids.js';
import {
  addressKindOf,
  type Channel,
  classRules,
  type MessageClass,
} from '../../domain/message/kinds.js';
import {
  type ConsentAsked,
  type ConsentKnown,
  consentKey,
  type SentKnown,
} from '../../projections/outbox/permissions.js';
import { belongingOf, consentHeard, consentSubjects, isOfAccounts } from './askedConsents.js';
import type { Loaded } from './loaded.js';
import type { Persons, QueueTables } from './ports.js';

/** What was sealed for one message; null: its recipient was erased; broken: nobody can read it. */
export type Opened = SealedContent | null | 'broken';

export interface Knowledge {
  opened(loaded: Loaded): Opened;
  addresses(loaded: Loaded): AddressBook;
  /** That its customer chose, BCP 47; null: none is known, or it is sent to no account. */
  language(loaded: Loaded): string | null;
  /** Its account was registered, or not, beyond what is known of accounts here. */
  isTooEarly(loaded: Loaded): boolean;
  /** Of the address that the message goes to on its channel. */
  hash(loaded: Loaded): string | null;
  suppression(loaded: Loaded): { readonly reason: SuppressionReason } | null;
  /** What holds of the account and the address together. */
  consent(loaded: Loaded): ConsentKnown | null;
  /** Whose consents the link of the message ends. */
  endedBy(loaded: Loaded): readonly [string, ...string[]];
  sent(loaded: Loaded): readonly SentKnown[];
  /** Of a digest: the variables of each message that became one; null: it is none. */
  digested(loaded: Loaded): readonly Variables[] | null;
  /** Of links that end such messages. */
  readonly linkKey: Buffer;
  /** Up to which place in the log all this is known. */
  readonly asOf: string;
}

export interface KnowledgeOptions {
  readonly tables: QueueTables;
  readonly persons: Persons;
  readonly now: () => number;
}

const channelOf = ({ message: { steps, step } }: Loaded): Channel | undefined =>
  steps[step]?.channel;

const openOne = (
  key: Buffer | undefined,
  tenant: TenantId,
  { request: { sealed, recipient } }: Pick<Loaded, 'request'>,
): Opened => {
  if (!key) return null;
  try {
    const text = openText(key, tenant, recipient.subject as PersonSubject, sealed);
    return JSON.parse(text) as SealedContent;
  } catch {
    return 'broken';
  }
};

const bookOf = (person: Person): AddressBook =>
  addressBook({
    ...(person.email === undefined ? {} : { email: person.email }),
    ...(person.name === undefined || person.name === '' ? {} : { name: person.name.slice(0, 100) }),
    ...(person.phone === undefined ? {} : { phone: person.phone }),
  });

/** Of an address that the request names itself. */
const namedHash = (one: Loaded): string | null => {
  const channel = channelOf(one);
  return (channel && one.request.recipient.addresses[addressKindOf[channel]]) ?? null;
};

/** @param items of one tenant and class, on one channel. */
export const learn = async (
  { tables, persons, now }: KnowledgeOptions,
  tenant: TenantId,
  of: MessageClass,
  channel: Channel,
  rules: OutreachRules,
  items: readonly Loaded[],
): Promise<Knowledge> => {
  const subjects = [...new Set(items.map(({ request }) => request.recipient.subject))];
  const { obeysConsent, isCapped } = classRules[of];
  const hashes = new Map<Loaded, string | null>();
  for (const one of items) hashes.set(one, namedHash(one));
  const asked = (subject: string): ConsentAsked => ({
    subject,
    channel,
    class: of as ConsentClass,
  });
  const subjectsOf = (one: Loaded) =>
    consentSubjects(one.request.recipient.userId, hashes.get(one) ?? null);
  const suppressions = new Map<string, SuppressionReason>();
  const consents = new Map<string, ConsentKnown>();
  /** Of those whose addresses are known. */
  const ask = async (some: readonly Loaded[]): Promise<void> => {
    const addresses = [...new Set(some.flatMap((one) => hashes.get(one) ?? []))];
    if (addresses.length === 0) return;
    const [suppressed, agreed] = await Promise.all([
      tables.suppressions(tenant, channel, addresses),
      obeysConsent ? tables.consents(tenant, some.flatMap(subjectsOf).map(asked)) : null,
    ]);
    for (const [address, reason] of suppressed) suppressions.set(address, reason);
    for (const [key, consent] of agreed ?? []) consents.set(key, consent);
  };
  const named = items.filter((one) => hashes.get(one) !== null);
  const [position, indexKey, keys, sent] = await Promise.all([
    tables.position(),
    persons.indexKey(tenant),
    persons.keys(tenant, subjects),
    isCapped && rules.caps.length > 0
      ? tables.sentTo(tenant, subjects, now() - capSecondsMax * 1_000)
      : new Map<string, readonly SentKnown[]>(),
    ask(named),
  ]);
  const opened = new Map<Loaded, Opened>();
  for (const one of items) {
    opened.set(one, openOne(keys.get(one.request.recipient.subject), tenant, one));
  }
  const { books, languages, early } = await accountsKnown(
    ...([persons, tenant, keys, items, opened, obeysConsent] as const),
  );
  const addresses = (one: Loaded): AddressBook => {
    const content = opened.get(one);
    const named = content && content !== 'broken' ? content.addresses : {};
    const { userId } = one.request.recipient;
    return userId === null ? named : { ...books.get(userId), ...named };
  };
  const unnamed = items.filter((one) => hashes.get(one) === null);
  for (const one of unnamed) {
    const onChannel = channelOf(one);
    const address = onChannel && addresses(one)[addressKindOf[onChannel]];
    if (address) hashes.set(one, addressHash(indexKey, address));
  }
  await ask(unnamed);
  const hash = (one: Loaded): string | null => hashes.get(one) ?? null;
  const belonging = (one: Loaded): Belonging => {
    const { userId } = one.request.recipient;
    const address = { kind: addressKindOf[channel], hash: hash(one) ?? '' };
    const named = namedHash(one) !== null;
    return belongingOf({ ...address, named }, userId ? books.get(userId) : undefined, indexKey);
  };
  return {
    opened: (one) => opened.get(one) ?? null,
    addresses,
    language: (one) => languages.get(one.request.recipient.userId ?? '') ?? null,
    isTooEarly: (one) => early.has(one),
    hash,
    suppression: (one) => {
      const reason = suppressions.get(hash(one) ?? '');
      return reason ? { reason } : null;
    },
    consent: (one) => {
      const wordOf = (subject: string) => consents.get(consentKey(asked(subject))) ?? null;
      return consentHeard(one.request.recipient.userId, hash(one), belonging(one), wordOf);
    },
    endedBy: (one) => {
      const [address, ...account] = subjectsOf(one);
      return belonging(one) === 'foreign' ? [address] : [address, ...account];
    },
    sent: ({ request }) => sent.get(request.recipient.subject) ?? [],
    digested: (one) => {
      const parts = one.digested;
      if (parts.length === 0) return null;
      return [one, ...parts].map((part) => {
        const content =
          part === one
            ? opened.get(one)
            : openOne(keys.get(part.request.recipient.subject), tenant, part);
        return content && content !== 'broken' ? (content.variables ?? {}) : {};
      });
    },
    linkKey: linkKey(indexKey),
    asOf: String(position),
  };
};

/** What is to be known of the account of a message: its addresses, or nothing but its language. */
const askedOf = (one: Loaded, content: SealedContent, obeysConsent: boolean) => {
  const channel = channelOf(one);
  const kind = channel && addressKindOf[channel];
  const step = one.message.steps[one.message.step];
  return {
    isBookAsked:
      step?.when !== undefined ||
      (kind !== undefined && (!content.addresses[kind] || (obeysConsent && isOfAccounts(kind)))),
    isLanguageAsked: (step?.template ?? one.request.template) !== null,
  };
};

interface AccountsKnown {
  /** Of accounts whose message names no address itself, or one that it is to be known of whether it is theirs. */
  readonly books: ReadonlyMap<UserId, AddressBook>;
  readonly languages: ReadonlyMap<string, string>;
  readonly early: ReadonlySet<Loaded>;
}

const accountsKnown = async (
  persons: Persons,
  tenant: TenantId,
  keys: ReadonlyMap<string, Buffer>,
  items: readonly Loaded[],
  opened: ReadonlyMap<Loaded, Opened>,
  obeysConsent: boolean,
): Promise<AccountsKnown> => {
  /** By account, those that its addresses are asked for. */
  const wanted = new Map<UserId, Loaded[]>();
  for (const one of items) {
    const content = opened.get(one);
    const { userId } = one.request.recipient;
    if (userId === null || !content || content === 'broken') continue;
    const { isBookAsked, isLanguageAsked } = askedOf(one, content, obeysConsent);
    if (!isBookAsked && !isLanguageAsked) continue;
    wanted.set(userId, [...(wanted.get(userId) ?? []), ...(isBookAsked ? [one] : [])]);
  }
  const books = new Map<UserId, AddressBook>();
  const languages = new Map<string, string>();
  const early = new Set<Loaded>();
  if (wanted.size === 0) return { books, languages, early };
  const known = new Map(await persons.accounts(tenant, [...wanted.keys()]));
  const missing = [...wanted].flatMap(([userId, those]) =>
    those.length > 0 && !known.has(userId) ? userId : [],
  );
  if (missing.length > 0) {
    const reached = await persons.accountsPosition();
    // Asked again after that: what was filled in between counts.
    for (const [id, account] of await persons.accounts(tenant, missing)) known.set(id, account);
    for (const one of missing.flatMap((userId) => wanted.get(userId) ?? [])) {
      const isKnown = known.has(one.request.recipient.userId ?? '');
      if (!isKnown && (one.position ?? 0n) > reached) early.add(one);
    }
  }
  for (const [userId, those] of wanted) {
    const { person = '', language = null } = known.get(userId) ?? {};
    if (language !== null) languages.set(userId, language);
    const key = keys.get(userId);
    if (those.length === 0 || !key || person === '') continue;
    try {
      books.set(userId, bookOf(JSON.parse(openText(key, tenant, userId, person)) as Person));
    } catch {
      // Somebody whose data nobody can read has no address.
    }
  }
  return { books, languages, early };
};
