/** The statements that bring a batch of registrations and revocations into the lists. */
import {
  bigint,
  constant,
  inOrder,
  instant,
  integer,
  jsonb,
  rowsInsert,
  type RowsStatement,
  rowsStatement,
  text,
  textArray,
} from '../columns.js';
import type { Write } from '../projection.js';
import type { Ending, ProductChange, RegisterChanges, Revocable, Since } from './project.js';

type Row<Kind extends 'tenants' | 'merchants' | 'pointsOfSale' | 'tills' | 'apps' | 'operators'> =
  RegisterChanges[Kind][number];

const since = {
  tenant: text((r: Since) => r.tenant),
  status: constant<Since>(`'active'`),
  registered_at: instant((r: Since) => r.at),
  position: bigint((r: Since) => r.position),
};

const insertTenants = rowsInsert<Row<'tenants'>>('tenants', {
  ...since,
  name: text((r) => r.data.name),
  currency: text((r) => r.data.currency),
  gsrn_prefix: text((r) => r.data.gsrnPrefix),
});

const insertMerchants = rowsInsert<Row<'merchants'>>('merchants', {
  ...since,
  merchant_id: integer((r) => r.data.merchantId),
  name: text((r) => r.data.name),
  time_zone: text((r) => r.data.timeZone),
});

const insertPointsOfSale = rowsInsert<Row<'pointsOfSale'>>('points_of_sale', {
  ...since,
  point_of_sale_id: integer((r) => r.data.pointOfSaleId),
  merchant_id: integer((r) => r.data.merchantId),
  name: text((r) => r.data.name),
});

const insertTills = rowsInsert<Row<'tills'>>('tills', {
  ...since,
  till_id: text((r) => r.data.tillId),
  merchant_id: integer((r) => r.data.merchantId),
  point_of_sale_id: integer((r) => r.data.pointOfSaleId),
  name: text((r) => r.data.name),
});

const insertApps = rowsInsert<Row<'apps'>>('apps', {
  ...since,
  app_id: text((r) => r.data.appId),
  name: text((r) => r.data.name),
});

const insertOperators = rowsInsert<Row<'operators'>>('operators', {
  ...since,
  operator_id: text((r) => r.data.operatorId),
  name: text((r) => r.data.name),
  roles: textArray((r) => r.data.roles),
  merchant_id: integer((r) => r.data.merchantId),
  password_changed_at: instant((r) => r.at),
});

const insertRules = rowsInsert<RegisterChanges['rules'][number]>('programme_rules', {
  tenant: text((r) => r.tenant),
  version: integer((r) => r.data.version),
  rule: jsonb((r) => r.data.rule),
  set_at: instant((r) => r.at),
  actor_kind: text((r) => r.actor.kind),
  actor_id: text((r) => r.actor.id),
  position: bigint((r) => r.position),
});

const ending = {
  tenant: text((e: Ending) => e.tenant),
  id: text((e: Ending) => e.id),
  at: instant((e: Ending) => e.at),
  reason: text((e: Ending) => e.reason),
};

const revocation = (table: string, id: string): RowsStatement<Ending> =>
  rowsStatement(
    `${table}.revoke`,
    ending,
    `update {schema}.${table} as stored
      set status = 'revoked', revoked_at = c.at, revoked_because = c.reason
      from ({rows}) as c where stored.tenant = c.tenant and stored.${id}::text = c.id`,
  );

const revoke: Readonly<Record<Revocable, RowsStatement<Ending>>> = {
  tenants: revocation('tenants', 'tenant'),
  merchants: revocation('merchants', 'merchant_id'),
  pointsOfSale: revocation('points_of_sale', 'point_of_sale_id'),
  tills: revocation('tills', 'till_id'),
  apps: revocation('apps', 'app_id'),
  operators: revocation('operators', 'operator_id'),
};

const changePasswords = rowsStatement<Ending>(
  'operators.password',
  ending,
  `update {schema}.operators as stored set password_changed_at = c.at
    from ({rows}) as c where stored.tenant = c.tenant and stored.operator_id = c.id`,
);

const product = {
  tenant: text((p: ProductChange) => p.tenant),
  product_id: text((p: ProductChange) => p.productId),
  name: text((p: ProductChange) => p.description?.name),
  merchant_id: integer((p: ProductChange) => p.description?.merchantId),
  category: text((p: ProductChange) => p.description?.category),
  price: bigint((p: ProductChange) => p.description?.price),
  revised_at: instant((p: ProductChange) => p.revisedAt),
  delisted_at: instant((p: ProductChange) => p.delistedAt),
  delisted_because: text((p: ProductChange) => p.delistedBecause),
  status: text((p: ProductChange) => (p.delistedAt === null ? 'listed' : 'delisted')),
  position: bigint((p: ProductChange) => p.position),
};

/** Also listed again: what was known of it before is replaced. */
const listProducts = rowsInsert<ProductChange>(
  'products',
  { ...product, listed_at: instant((p) => p.listedAt) },
  `(tenant, product_id) do update set name = excluded.name, merchant_id = excluded.merchant_id,
    category = excluded.category, price = excluded.price, listed_at = excluded.listed_at,
    revised_at = excluded.revised_at, delisted_at = excluded.delisted_at,
    delisted_because = excluded.delisted_because, status = excluded.status, position = excluded.position`,
);

const reviseProducts = rowsStatement<ProductChange>(
  'products.revise',
  product,
  `update {schema}.products as stored
    set name = c.name, merchant_id = c.merchant_id, category = c.category, price = c.price,
      revised_at = c.revised_at, delisted_at = c.delisted_at, delisted_because = c.delisted_because,
      status = c.status, position = c.position
    from ({rows}) as c where stored.tenant = c.tenant and stored.product_id = c.product_id`,
);

const delistProducts = rowsStatement<ProductChange>(
  'products.delist',
  product,
  `update {schema}.products as stored
    set delisted_at = c.delisted_at, delisted_because = c.delisted_because, status = c.status,
      position = c.position
    from ({rows}) as c where stored.tenant = c.tenant and stored.product_id = c.product_id`,
);

export const writeRegister = (changes: RegisterChanges): Write => {
  const { revoked } = changes;
  const products = [...changes.products.values()];
  return inOrder(
    insertTenants(changes.tenants),
    insertMerchants(changes.merchants),
    insertPointsOfSale(changes.pointsOfSale),
    insertTills(changes.tills),
    insertApps(changes.apps),
    insertOperators(changes.operators),
    insertRules(changes.rules),
    ...kinds.map((kind) => revoke[kind](revoked[kind])),
    changePasswords([...changes.passwords.values()]),
    listProducts(products.filter(isListed)),
    reviseProducts(products.filter(isRevised)),
    delistProducts(products.filter(isDelistedOnly)),
  );
};

const kinds = Object.keys(revoke) as Revocable[];
const isListed = ({ listedAt }: ProductChange): boolean => listedAt !== null;
const isRevised = ({ listedAt, description }: ProductChange): boolean =>
  listedAt === null && description !== null;
const isDelistedOnly = ({ description }: ProductChange): boolean => description === null;
