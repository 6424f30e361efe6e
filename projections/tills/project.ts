/**
 * From registrations and revocations to the lists of who may do what: tenants, merchants, shops, tills, apps, operators, products
 * and programme rules. Pure.
 */
import type { AppEvent } from '../../domain/app/app.js';
import type { Fact, Position } from '../../domain/fact.js';
import type { MerchantEvent } from '../../domain/merchant/merchant.js';
import type { OperatorEvent } from '../../domain/operator/operator.js';
import type { PointOfSaleEvent } from '../../domain/pointOfSale/pointOfSale.js';
import type { ProductEvent } from '../../domain/product/product.js';
import type { ProgrammeEvent } from '../../domain/programme/programme.js';
import type { TenantEvent } from '../../domain/tenant/tenant.js';
import type { TillEvent } from '../../domain/till/till.js';
import { type FactOf, occurredAtOf, ownerOf, typed } from '../facts.js';

type RegisterEvent =
  | TenantEvent
  | MerchantEvent
  | PointOfSaleEvent
  | TillEvent
  | AppEvent
  | OperatorEvent
  | ProductEvent
  | ProgrammeEvent;

export const eventTypes = [
  'TenantRegistered',
  'TenantRevoked',
  'MerchantRegistered',
  'MerchantRevoked',
  'PointOfSaleRegistered',
  'PointOfSaleRevoked',
  'TillRegistered',
  'TillRevoked',
  'AppRegistered',
  'AppRevoked',
  'OperatorRegistered',
  'OperatorPasswordChanged',
  'OperatorRevoked',
  'ProductListed',
  'ProductRevised',
  'ProductDelisted',
  'ProgrammeRuleSet',
] as const satisfies readonly RegisterEvent['type'][];

type DataOf<Type extends RegisterEvent['type']> = Extract<RegisterEvent, { type: Type }>['data'];

/** When and where in the log something came to be, and under which tenant. */
export interface Since {
  readonly tenant: string;
  readonly at: number;
  readonly position: Position;
}

/** Something ended, or its password changed: `id` as in its stream's name. */
export interface Ending {
  readonly tenant: string;
  readonly id: string;
  readonly at: number;
  readonly reason: string;
}

export type Revocable = 'tenants' | 'merchants' | 'pointsOfSale' | 'tills' | 'apps' | 'operators';

/** What a batch says of one product; null: nothing. */
export interface ProductChange {
  readonly tenant: string;
  readonly productId: string;
  description: DataOf<'ProductListed'> | null;
  listedAt: number | null;
  revisedAt: number | null;
  delistedAt: number | null;
  delistedBecause: string | null;
  position: Position;
}

type Registered<Type extends RegisterEvent['type']> = (Since & { readonly data: DataOf<Type> })[];

export interface RegisterChanges {
  readonly tenants: Registered<'TenantRegistered'>;
  readonly merchants: Registered<'MerchantRegistered'>;
  readonly pointsOfSale: Registered<'PointOfSaleRegistered'>;
  readonly tills: Registered<'TillRegistered'>;
  readonly apps: Registered<'AppRegistered'>;
  readonly operators: Registered<'OperatorRegistered'>;
  readonly rules: (Registered<'ProgrammeRuleSet'>[number] & Pick<Fact['metadata'], 'actor'>)[];
  readonly revoked: Readonly<Record<Revocable, Ending[]>>;
  /** By stream: the last change of each password. */
  readonly passwords: Map<string, Ending>;
  /** By stream. */
  readonly products: Map<string, ProductChange>;
}

const nothing = (): RegisterChanges => ({
  tenants: [],
  merchants: [],
  pointsOfSale: [],
  tills: [],
  apps: [],
  operators: [],
  rules: [],
  revoked: { tenants: [], merchants: [], pointsOfSale: [], tills: [], apps: [], operators: [] },
  passwords: new Map(),
  products: new Map(),
});

export const projectRegister = (facts: readonly Fact[]): RegisterChanges => {
  const changes = nothing();
  for (const fact of facts) apply(changes, typed<RegisterEvent>(fact));
  return changes;
};

const apply = (changes: RegisterChanges, fact: FactOf<RegisterEvent>): void => {
  const since = { tenant: fact.metadata.tenant, at: occurredAtOf(fact), position: fact.position };
  const end = (kind: Revocable, { reason }: { readonly reason: string }) =>
    changes.revoked[kind].push({ ...since, id: ownerOf(fact), reason });
  switch (fact.type) {
    case 'TenantRegistered':
      changes.tenants.push({ ...since, data: fact.data });
      return;
    case 'MerchantRegistered':
      changes.merchants.push({ ...since, data: fact.data });
      return;
    case 'PointOfSaleRegistered':
      changes.pointsOfSale.push({ ...since, data: fact.data });
      return;
    case 'TillRegistered':
      changes.tills.push({ ...since, data: fact.data });
      return;
    case 'AppRegistered':
      changes.apps.push({ ...since, data: fact.data });
      return;
    case 'OperatorRegistered':
      changes.operators.push({ ...since, data: fact.data });
      return;
    case 'ProgrammeRuleSet':
      changes.rules.push({ ...since, data: fact.data, actor: fact.metadata.actor });
      return;
    case 'OperatorPasswordChanged':
      changes.passwords.set(fact.stream, { ...since, id: ownerOf(fact), reason: '' });
      return;
    case 'TenantRevoked':
      end('tenants', fact.data);
      return;
    case 'MerchantRevoked':
      end('merchants', fact.data);
      return;
    case 'PointOfSaleRevoked':
      end('pointsOfSale', fact.data);
      return;
    case 'TillRevoked':
      end('tills', fact.data);
      return;
    case 'AppRevoked':
      end('apps', fact.data);
      return;
    case 'OperatorRevoked':
      end('operators', fact.data);
      return;
    case 'ProductListed':
    case 'ProductRevised':
    case 'ProductDelisted':
      changeProduct(changes, fact);
      return;
  }
};

const changeProduct = (changes: RegisterChanges, fact: FactOf<ProductEvent>): void => {
  const at = occurredAtOf(fact);
  const product = changes.products.get(fact.stream) ?? {
    ...unsaid,
    tenant: fact.metadata.tenant,
    productId: ownerOf(fact),
    position: fact.position,
  };
  changes.products.set(fact.stream, product);
  product.position = fact.position;
  switch (fact.type) {
    case 'ProductListed':
      Object.assign(product, unsaid, { description: fact.data, listedAt: at });
      return;
    case 'ProductRevised':
      product.description = fact.data;
      product.revisedAt = at;
      return;
    case 'ProductDelisted':
      product.delistedAt = at;
      product.delistedBecause = fact.data.reason;
      return;
  }
};

const unsaid = {
  description: null,
  listedAt: null,
  revisedAt: null,
  delistedAt: null,
  delistedBecause: null,
} as const;
