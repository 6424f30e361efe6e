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
import type { Card, CardEnd, Customer, CustomerChanges, Leaving } from './project.js';

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
    set status = 'erased', erased_at = c.at, person = null, phone_hash = null, email_hash = null
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
  },
  `(tenant, card_number, user_id) do update set status = 'active', replaced_by = null, reason = null,
    issued_at = excluded.issued_at, changed_at = excluded.changed_at, position = excluded.position`,
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

export const writeCustomers = (changes: CustomerChanges): Write =>
  inOrder(
    insertCustomers(changes.enrolled),
    insertCards(changes.issued),
    endCards([...changes.ended.values()]),
    closeCustomers(changes.closed),
    eraseCustomers(changes.erased),
    endCardsOfLeavers(changes.closed),
    endCardsOfLeavers(changes.erased),
  );
