/**
 * What one tenant has in the directory: its rules, merchants, shops, tills, apps, operators and products, and where each fact of
 * theirs belongs.
 *
 * Entries are never taken out: one that was revoked stays and says so.
 */
import { appEvents, type AppRegistered } from '../domain/app/app.js';
import { type EventOf, unreachable } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type {
  AppId,
  MerchantId,
  OperatorId,
  PointOfSaleId,
  ProductId,
  TillId,
} from '../domain/ids.js';
import { merchantEvents, type MerchantRegistered } from '../domain/merchant/merchant.js';
import { operatorEvents, type OperatorRegistered } from '../domain/operator/operator.js';
import {
  pointOfSaleEvents,
  type PointOfSaleRegistered,
} from '../domain/pointOfSale/pointOfSale.js';
import { productEvents, type ProductListed } from '../domain/product/product.js';
import { programmeEvents } from '../domain/programme/programme.js';
import type { VersionedRule } from '../domain/programme/rule.js';
import { parseStreamName } from '../domain/stream.js';
import { tenantEvents, type TenantRegistered } from '../domain/tenant/tenant.js';
import { tillEvents, type TillRegistered } from '../domain/till/till.js';

export type Listed<Data> = Readonly<Data> & {
  readonly status: 'active' | 'revoked';
  /** Of the command that registered it: tells a repeat from another registration. */
  readonly commandId: string;
};
export type TenantRecord = Listed<EventOf<typeof TenantRegistered>['data']>;
export type MerchantRecord = Listed<EventOf<typeof MerchantRegistered>['data']>;
export type PointOfSaleRecord = Listed<EventOf<typeof PointOfSaleRegistered>['data']>;
export type TillRecord = Listed<EventOf<typeof TillRegistered>['data']>;
export type AppRecord = Listed<EventOf<typeof AppRegistered>['data']>;
export type OperatorRecord = Listed<EventOf<typeof OperatorRegistered>['data']>;
export type ProductRecord = Listed<EventOf<typeof ProductListed>['data']>;

interface RuleOfTime extends VersionedRule {
  readonly since: number;
}

/** Everything of one tenant. Written by `file` alone. */
export interface Shelf {
  tenant: TenantRecord | undefined;
  readonly rules: RuleOfTime[];
  readonly merchants: Map<MerchantId, MerchantRecord>;
  readonly pointsOfSale: Map<PointOfSaleId, PointOfSaleRecord>;
  readonly tills: Map<TillId, TillRecord>;
  readonly apps: Map<AppId, AppRecord>;
  readonly operators: Map<OperatorId, OperatorRecord>;
  readonly products: Map<ProductId, ProductRecord>;
}

export const newShelf = (): Shelf => ({
  tenant: undefined,
  rules: [],
  merchants: new Map(),
  pointsOfSale: new Map(),
  tills: new Map(),
  apps: new Map(),
  operators: new Map(),
  products: new Map(),
});

const definitions = [
  tenantEvents,
  programmeEvents,
  merchantEvents,
  pointOfSaleEvents,
  tillEvents,
  appEvents,
  operatorEvents,
  productEvents,
].flat();
type DirectoryEvent = EventOf<(typeof definitions)[number]>;

/** The events that a shelf takes. */
export const shelfTypes: ReadonlySet<string> = new Set(definitions.map(({ type }) => type));

/**
 * Puts one fact where it belongs.
 * @param keepProduct keeps the products, which are counted over all shelves.
 */
export const file = (
  shelf: Shelf,
  fact: Fact,
  keepProduct: (record: ProductRecord) => void,
): void => {
  const event = { type: fact.type, data: fact.data } as DirectoryEvent;
  const { commandId } = fact.metadata;
  const id = parseStreamName(fact.stream)?.id ?? '';
  const listed = { status: 'active', commandId } as const;
  switch (event.type) {
    case 'TenantRegistered':
      shelf.tenant = { ...event.data, ...listed };
      return;
    case 'TenantRevoked':
      if (shelf.tenant) shelf.tenant = { ...shelf.tenant, status: 'revoked' };
      return;
    case 'ProgrammeRuleSet':
      shelf.rules.push({ ...event.data, since: Date.parse(fact.metadata.occurredAt) });
      return;
    case 'MerchantRegistered':
      shelf.merchants.set(event.data.merchantId, { ...event.data, ...listed });
      return;
    case 'MerchantRevoked':
      return revoke(shelf.merchants, Number(id) as MerchantId);
    case 'PointOfSaleRegistered':
      shelf.pointsOfSale.set(event.data.pointOfSaleId, { ...event.data, ...listed });
      return;
    case 'PointOfSaleRevoked':
      return revoke(shelf.pointsOfSale, Number(id) as PointOfSaleId);
    case 'TillRegistered':
      shelf.tills.set(event.data.tillId, { ...event.data, ...listed });
      return;
    case 'TillRevoked':
      return revoke(shelf.tills, id as TillId);
    case 'AppRegistered':
      shelf.apps.set(event.data.appId, { ...event.data, ...listed });
      return;
    case 'AppRevoked':
      return revoke(shelf.apps, id as AppId);
    case 'OperatorRegistered':
      shelf.operators.set(event.data.operatorId, { ...event.data, ...listed });
      return;
    case 'OperatorPasswordChanged':
      return amend(shelf.operators, id as OperatorId, { passwordHash: event.data.passwordHash });
    case 'OperatorRevoked':
      return revoke(shelf.operators, id as OperatorId);
    case 'ProductListed':
    case 'ProductRevised':
      return keepProduct({ ...event.data, ...listed });
    case 'ProductDelisted':
      return revoke(shelf.products, id as ProductId);
    default:
      return unreachable(event);
  }
};

const amend = <Id, Entry>(entries: Map<Id, Entry>, id: Id, change: Partial<Entry>): void => {
  const entry = entries.get(id);
  if (entry) entries.set(id, { ...entry, ...change });
};

const revoke = <Id, Entry extends { readonly status: 'active' | 'revoked' }>(
  entries: Map<Id, Entry>,
  id: Id,
): void => {
  const entry = entries.get(id);
  if (entry) entries.set(id, { ...entry, status: 'revoked' });
};
