/** Customers and cards, out of the views `read.customers` and `read.cards`. */
import type { TenantId } from '../../../domain/ids.js';
import type { CardView, CustomerView, PosQueries } from '../queries.js';
import { type Asked, columns, instant, plain } from './columns.js';

const customer = `select ${columns(
  plain('userId'),
  plain('status'),
  `coalesce(person, '') as person`,
  plain('merchantId'),
  instant('enrolledAt'),
)}, (
    select coalesce(json_agg(json_build_object('cardNumber', card_number, 'status', c.status) order by issued_at, card_number), '[]')
    from read.cards c where c.tenant = customers.tenant and c.user_id = customers.user_id
  ) as cards
  from read.customers customers`;

// A number that was released and given out again has a row for each owner: the last one counts.
const card = `select distinct on (card_number) ${columns(
  plain('cardNumber'),
  plain('userId'),
  plain('status'),
  plain('replacedBy'),
  instant('issuedAt'),
)} from read.cards`;

type CustomerQueries = Pick<
  PosQueries,
  'customer' | 'customerByContact' | 'customers' | 'card' | 'cards'
>;

export const customerQueries = (db: Asked): CustomerQueries => {
  const one = async (name: string, where: string, values: unknown[]) => {
    const query = { name: `pos.customer.${name}`, text: `${customer} where ${where}`, values };
    const { rows } = await db.query<CustomerView>(query);
    return rows[0] ?? null;
  };
  const cards = async (name: string, where: string, values: unknown[]): Promise<CardView[]> => {
    const text = `${card} where ${where}`;
    const { rows } = await db.query<CardView>({ name: `pos.cards.${name}`, text, values });
    return rows;
  };

  return {
    customer: (tenant, userId) => one('id', 'tenant = $1 and user_id = $2', [tenant, userId]),
    customerByContact: (tenant: TenantId, kind, hash) =>
      one(kind, `tenant = $1 and ${kind}_hash = $2 and status = 'active' limit 1`, [tenant, hash]),
    customers: async (tenant, { limit, after }) => {
      const { rows } = await db.query<CustomerView>({
        name: 'pos.customers',
        text: `${customer} where tenant = $1 and user_id > $2 order by user_id limit $3`,
        values: [tenant, after ?? '', limit],
      });
      return rows;
    },
    card: async (tenant, cardNumber) => {
      const where = 'tenant = $1 and card_number = $2 order by card_number, position desc';
      const [found] = await cards('number', where, [tenant, cardNumber]);
      return found ?? null;
    },
    cards: (tenant, { limit, after, userId }) => {
      const rest = 'card_number > $2 order by card_number, position desc limit $3';
      return userId === null
        ? cards('all', `tenant = $1 and ${rest}`, [tenant, after ?? '', limit])
        : cards('user', `tenant = $1 and user_id = $4 and ${rest}`, [
            tenant,
            after ?? '',
            limit,
            userId,
          ]);
    },
  };
};
