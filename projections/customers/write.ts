/** The statements that bring a batch of customers and cards into the tables. */
import {
  bigint,
  constant,
  inOrder,
  instant,
  integer,
  rowsInsert,
  rowsStatement,
  type Shape,
  text,
} from '../columns.js';
import type { Write } from '../projection.js';
import type {
  Card,
  CardEnd,
  CardOwner,
  Customer,
  CustomerChanges,
  Head,
  Language,
  Leaving,
  Member,
  MemberLeaving,
  PersonTold,
  Redeemers,
} from './project.js';

const insertCustomers = rowsInsert<Customer>('customers', {
  tenant: text((c) => c.tenant),
  user_id: text((c) => c.userId),
  status: constant(`'active'`),
  person: text((c) => c.person),
  phone_hash: text((c) => c.phoneHash),
  email_hash: text((c) => c.emailHash),
  merchant_id: integer((c) => c.merchantId),
  enrolled_at: instant((c) => c.enrolledAt),
  position: bigint((c) => c.position),
});

const leaving: Shape<Leaving> = {
  tenant: text((l) => l.tenant),
  user_id: text((l) => l.userId),
  at: instant((l) => l.at),
};

const closeCustomers = rowsStatement<Leaving>(
  'customers.close',
  leaving,
  `update {schema}.customers as stored set status = 'closed', closed_at = c.at
    from ({rows}) as c where stored.tenant = c.tenant and stored.user_id = c.user_id`,
);

const eraseCustomers = rowsStatement<Leaving>(
  'customers.erase',
  leaving,
  `update {schema}.customers as stored
    set status = 'erased', erased_at = c.at, person = null, phone_hash = null, email_hash = null,
      language = null
    from ({rows}) as c where stored.tenant = c.tenant and stored.user_id = c.user_id`,
);

// A number that was released by a closed account may come back to the same customer.
const insertCards = rowsInsert<Card>(
  'cards',
  {
    tenant: text((c) => c.tenant),
    card_number: text((c) => c.cardNumber),
    user_id: text((c) => c.userId),
    status: constant(`'active'`),
    issued_at: instant((c) => c.at),
    changed_at: instant((c) => c.at),
    position: bigint((c) => c.position),
    member_id: integer((c) => c.memberId),
  },
  `(tenant, card_number, user_id) do update set status = 'active', replaced_by = null, reason = null,
    issued_at = excluded.issued_at, changed_at = excluded.changed_at, position = excluded.position,
    member_id = excluded.member_id`,
);

const endCards = rowsStatement<CardEnd>(
  'cards.end',
  {
    tenant: text((c) => c.tenant),
    card_number: text((c) => c.cardNumber),
    user_id: text((c) => c.userId),
    status: text((c) => c.status),
    replaced_by: text((c) => c.replacedBy),
    reason: text((c) => c.reason),
    at: instant((c) => c.at),
  },
  `update {schema}.cards as stored
    set status = c.status, replaced_by = c.replaced_by, reason = c.reason, changed_at = c.at
    from ({rows}) as c where stored.tenant = c.tenant and stored.card_number = c.card_number
      and stored.user_id = c.user_id`,
);

/** Nobody joins again under the same number, so no card of theirs works again. */
const endCardsOfLeavers = rowsStatement<Leaving>(
  'cards.leave',
  leaving,
  `update {schema}.cards as stored
    set status = 'blocked', reason = 'The account was closed', changed_at = c.at
    from ({rows}) as c where stored.tenant = c.tenant and stored.user_id = c.user_id
      and stored.status = 'active'`,
);

// With its first event comes the household, and the row of who enrolled: most accounts are of one person and have neither.
interface Founded {
  readonly tenant: string;
  readonly userId: string;
}
const household: Shape<Founded> = {
  tenant: text((m) => m.tenant),
  user_id: text((m) => m.userId),
};
const foundHouseholds = rowsStatement<Founded>(
  'households.found',
  household,
  `insert into {schema}.households as stored (tenant, user_id, head)
    select distinct h.tenant, h.user_id, 1 from ({rows}) as h on conflict do nothing`,
);
const countInWhoEnrolled = rowsStatement<Founded>(
  'members.first',
  household,
  `insert into {schema}.members as stored (tenant, user_id, member_id, status, person, phone_hash, email_hash, merchant_id,
      joined_at)
    select c.tenant, c.user_id, 1, 'present', c.person, c.phone_hash, c.email_hash, c.merchant_id, c.enrolled_at
    from {schema}.customers as c
    where (c.tenant, c.user_id) in (select h.tenant, h.user_id from ({rows}) as h) on conflict do nothing`,
);

const insertMembers = rowsInsert<Member>('members', {
  tenant: text((m) => m.tenant),
  user_id: text((m) => m.userId),
  member_id: integer((m) => m.memberId),
  status: constant(`'present'`),
  person: text((m) => m.person),
  phone_hash: text((m) => m.phoneHash),
  email_hash: text((m) => m.emailHash),
  merchant_id: integer((m) => m.merchantId),
  joined_at: instant((m) => m.at),
});

const person: Shape<PersonTold> = {
  tenant: text((p) => p.tenant),
  user_id: text((p) => p.userId),
  member_id: integer((p) => p.memberId),
  person: text((p) => p.person),
  phone_hash: text((p) => p.phoneHash),
  email_hash: text((p) => p.emailHash),
};
const told = 'set person = p.person, phone_hash = p.phone_hash, email_hash = p.email_hash';
const ofPerson = 'from ({rows}) as p where stored.tenant = p.tenant and stored.user_id = p.user_id';
const changeMembers = rowsStatement<PersonTold>(
  'members.change',
  person,
  `update {schema}.members as stored ${told} ${ofPerson} and stored.member_id = p.member_id`,
);
const changeWhoEnrolled = rowsStatement<PersonTold>(
  'customers.change_first',
  person,
  `update {schema}.customers as stored ${told} ${ofPerson} and p.member_id = 1`,
);

const chooseLanguages = rowsStatement<Language>(
  'customers.language',
  {
    tenant: text((l) => l.tenant),
    user_id: text((l) => l.userId),
    language: text((l) => l.language),
  },
  `update {schema}.customers as stored set language = l.language
    from ({rows}) as l where stored.tenant = l.tenant and stored.user_id = l.user_id`,
);

const appointHeads = rowsStatement<Head>(
  'households.head',
  {
    tenant: text((h) => h.tenant),
    user_id: text((h) => h.userId),
    head: integer((h) => h.memberId),
  },
  `update {schema}.households as stored set head = h.head
    from ({rows}) as h where stored.tenant = h.tenant and stored.user_id = h.user_id`,
);

const nameRedeemers = rowsStatement<Redeemers>(
  'households.redeemers',
  {
    tenant: text((r) => r.tenant),
    user_id: text((r) => r.userId),
    redeemers: text((r) => r.redeemers),
  },
  `update {schema}.households as stored set redeemers = r.redeemers
    from ({rows}) as r where stored.tenant = r.tenant and stored.user_id = r.user_id`,
);

const handOverCards = rowsStatement<CardOwner>(
  'cards.hand_over',
  {
    tenant: text((c) => c.tenant),
    card_number: text((c) => c.cardNumber),
    user_id: text((c) => c.userId),
    member_id: integer((c) => c.memberId),
  },
  `update {schema}.cards as stored set member_id = c.member_id
    from ({rows}) as c where stored.tenant = c.tenant and stored.card_number = c.card_number
      and stored.user_id = c.user_id`,
);

const memberLeaving: Shape<MemberLeaving> = { ...leaving, member_id: integer((l) => l.memberId) };
const ofMember = `from ({rows}) as l where stored.tenant = l.tenant and stored.user_id = l.user_id
      and stored.member_id = l.member_id`;
const removeMembers = rowsStatement<MemberLeaving>(
  'members.remove',
  memberLeaving,
  `update {schema}.members as stored
    set status = 'removed', left_at = l.at, phone_hash = null, email_hash = null ${ofMember}`,
);
const eraseMembers = rowsStatement<MemberLeaving>(
  'members.erase',
  memberLeaving,
  `update {schema}.members as stored set status = 'erased', erased_at = l.at, person = null ${ofMember}`,
);
// Who enrolled is in both tables: what has left the one must not be found by the other.
const ofFirst = `from ({rows}) as l where stored.tenant = l.tenant and stored.user_id = l.user_id and l.member_id = 1`;
const removeWhoEnrolled = rowsStatement<MemberLeaving>(
  'customers.remove_first',
  memberLeaving,
  `update {schema}.customers as stored set phone_hash = null, email_hash = null, language = null ${ofFirst}`,
);
const eraseWhoEnrolled = rowsStatement<MemberLeaving>(
  'customers.erase_first',
  memberLeaving,
  `update {schema}.customers as stored set person = null, language = null ${ofFirst}`,
);
const eraseEverybody = rowsStatement<Leaving>(
  'members.erase_all',
  leaving,
  `update {schema}.members as stored
    set status = 'erased', erased_at = coalesce(erased_at, l.at), person = null, phone_hash = null, email_hash = null
    from ({rows}) as l where stored.tenant = l.tenant and stored.user_id = l.user_id`,
);

export const writeCustomers = (changes: CustomerChanges): Write => {
  const founded: Founded[] = [...changes.added, ...changes.redeemers.values()];
  return inOrder(
    insertCustomers(changes.enrolled),
    chooseLanguages([...changes.languages.values()]),
    insertCards(changes.issued),
    foundHouseholds(founded),
    countInWhoEnrolled(founded),
    insertMembers(changes.added),
    changeMembers([...changes.told.values()]),
    changeWhoEnrolled([...changes.told.values()]),
    appointHeads([...changes.heads.values()]),
    nameRedeemers([...changes.redeemers.values()]),
    handOverCards([...changes.handedOver.values()]),
    endCards([...changes.ended.values()]),
    removeMembers(changes.removed),
    removeWhoEnrolled(changes.removed),
    eraseMembers(changes.membersErased),
    eraseWhoEnrolled(changes.membersErased),
    closeCustomers(changes.closed),
    eraseCustomers(changes.erased),
    eraseEverybody(changes.erased),
    endCardsOfLeavers(changes.closed),
    endCardsOfLeavers(changes.erased),
  );
};
