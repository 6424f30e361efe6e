/** Lists of the register for administrators, in pages by id. No secrets are in them. */
import type { ProgrammeRule } from '../../domain/programme/rule.js';
import {
  live,
  type Page,
  type PageRequest,
  parameters,
  type Reader,
  timeOf,
  timeOrNull,
} from '../pages.js';
import { readPage } from '../readPage.js';
import { checkedSchema } from '../schema.js';

interface Registered {
  readonly name: string;
  readonly status: 'active' | 'revoked';
  readonly registeredAt: number;
  readonly revokedAt: number | null;
  readonly revokedBecause: string | null;
}

export interface Lists {
  readonly tenants: Registered & {
    readonly tenantId: string;
    readonly currency: string;
    readonly gsrnPrefix: string;
  };
  readonly merchants: Registered & { readonly merchantId: number; readonly timeZone: string };
  readonly pointsOfSale: Registered & {
    readonly pointOfSaleId: number;
    readonly merchantId: number;
  };
  readonly tills: Registered & {
    readonly tillId: string;
    readonly merchantId: number;
    readonly pointOfSaleId: number;
  };
  readonly apps: Registered & { readonly appId: string };
  readonly operators: Registered & {
    readonly operatorId: string;
    readonly roles: readonly string[];
    readonly merchantId: number | null;
    readonly passwordChangedAt: number;
  };
  readonly products: {
    readonly productId: string;
    readonly name: string;
    readonly merchantId: number | null;
    readonly category: string | null;
    readonly price: number | null;
    readonly status: 'listed' | 'delisted';
    readonly listedAt: number;
    readonly revisedAt: number | null;
    readonly delistedAt: number | null;
    readonly delistedBecause: string | null;
  };
}

type Row = Readonly<Record<string, unknown>>;

interface List<View> {
  readonly table: string;
  readonly id: string;
  readonly idKind: 'text' | 'integer';
  readonly toView: (row: Row) => View;
}

const registered = (row: Row): Registered => ({
  name: String(row['name']),
  status: row['status'] as Registered['status'],
  registeredAt: timeOf(row['registered_at']),
  revokedAt: timeOrNull(row['revoked_at']),
  revokedBecause: row['revoked_because'] as string | null,
});

const merchantIdOf = (row: Row): number | null => row['merchant_id'] as number | null;

const lists: { readonly [Kind in keyof Lists]: List<Lists[Kind]> } = {
  tenants: {
    table: 'tenants',
    id: 'tenant',
    idKind: 'text',
    toView: (row) => ({
      ...registered(row),
      tenantId: String(row['tenant']),
      currency: String(row['currency']),
      gsrnPrefix: String(row['gsrn_prefix']),
    }),
  },
  merchants: {
    table: 'merchants',
    id: 'merchant_id',
    idKind: 'integer',
    toView: (row) => ({
      ...registered(row),
      merchantId: Number(row['merchant_id']),
      timeZone: String(row['time_zone']),
    }),
  },
  pointsOfSale: {
    table: 'points_of_sale',
    id: 'point_of_sale_id',
    idKind: 'integer',
    toView: (row) => ({
      ...registered(row),
      pointOfSaleId: Number(row['point_of_sale_id']),
      merchantId: Number(row['merchant_id']),
    }),
  },
  tills: {
    table: 'tills',
    id: 'till_id',
    idKind: 'text',
    toView: (row) => ({
      ...registered(row),
      tillId: String(row['till_id']),
      merchantId: Number(row['merchant_id']),
      pointOfSaleId: Number(row['point_of_sale_id']),
    }),
  },
  apps: {
    table: 'apps',
    id: 'app_id',
    idKind: 'text',
    toView: (row) => ({ ...registered(row), appId: String(row['app_id']) }),
  },
  operators: {
    table: 'operators',
    id: 'operator_id',
    idKind: 'text',
    toView: (row) => ({
      ...registered(row),
      operatorId: String(row['operator_id']),
      roles: row['roles'] as readonly string[],
      merchantId: merchantIdOf(row),
      passwordChangedAt: timeOf(row['password_changed_at']),
    }),
  },
  products: {
    table: 'products',
    id: 'product_id',
    idKind: 'text',
    toView: (row) => ({
      productId: String(row['product_id']),
      name: String(row['name']),
      merchantId: merchantIdOf(row),
      category: row['category'] as string | null,
      price: row['price'] === null ? null : Number(row['price']),
      status: row['status'] as 'listed' | 'delisted',
      listedAt: timeOf(row['listed_at']),
      revisedAt: timeOrNull(row['revised_at']),
      delistedAt: timeOrNull(row['delisted_at']),
      delistedBecause: row['delisted_because'] as string | null,
    }),
  },
};

export interface ListRequest extends PageRequest {
  readonly tenant: string;
  /** Only where the list has a merchant: of this one. */
  readonly merchantId?: number;
  readonly status?: 'active' | 'revoked' | 'listed' | 'delisted';
}

const withMerchant: ReadonlySet<keyof Lists> = new Set([
  'merchants',
  'pointsOfSale',
  'tills',
  'operators',
  'products',
]);

/** In order of the ids. Of `tenants` there is one, the tenant's own. @throws BadCursor */
export const listRegister = async <Kind extends keyof Lists>(
  db: Reader,
  kind: Kind,
  request: ListRequest,
  schema = live,
): Promise<Page<Lists[Kind]>> => {
  const { table, id, idKind, toView } = lists[kind];
  const { values, add } = parameters();
  const conditions = [`tenant = ${add(request.tenant)}`];
  if (request.merchantId !== undefined && withMerchant.has(kind)) {
    conditions.push(`merchant_id = ${add(request.merchantId)}`);
  }
  if (request.status !== undefined) conditions.push(`status = ${add(request.status)}`);
  return readPage(db, request, {
    key: { [id]: idKind },
    values,
    toView,
    sql: (after, limit) =>
      `select * from ${checkedSchema(schema)}.${table}
        where ${conditions.join(' and ')} and ${after} order by ${id} limit ${limit}`,
  });
};

export interface RuleView {
  readonly version: number;
  readonly rule: ProgrammeRule;
  readonly setAt: number;
  readonly actor: { readonly kind: string; readonly id: string };
}

/** The programme's rules, the one in force first, at most 1,000. */
export const listRules = async (db: Reader, tenant: string, schema = live): Promise<RuleView[]> => {
  const { rows } = await db.query<Row>(
    `select * from ${checkedSchema(schema)}.programme_rules where tenant = $1
      order by version desc limit 1000`,
    [tenant],
  );
  return rows.map((row) => ({
    version: Number(row['version']),
    rule: row['rule'] as ProgrammeRule,
    setAt: timeOf(row['set_at']),
    actor: { kind: String(row['actor_kind']), id: String(row['actor_id']) },
  }));
};
