/**
 * A product of the catalogue: what a code on a receipt line means. Invariant: a line keeps what was decided about it, so
 * revising or delisting a product changes no receipt of the past. Unlike tills, a delisted product may be listed again.
 */
import { Type } from '@sinclair/typebox';
import { Money } from '../amount.js';
import { event, unreachable, type Aggregate, type EventOf } from '../event.js';
import { MerchantId, ProductId, type TenantId } from '../ids.js';
import { rejected } from '../rejected.js';
import { streamName } from '../stream.js';

export const productStream = (tenant: TenantId, id: ProductId) => streamName('product', tenant, id);

const ProductAttributes = Type.Record(
  Type.String({ pattern: '^[A-Za-z][A-Za-z0-9_]{0,59}$' }),
  Type.Union([Type.String({ maxLength: 200 }), Type.Number(), Type.Boolean()]),
  { maxProperties: 50, additionalProperties: false },
);

const description = {
  productId: ProductId,
  name: Type.String({ minLength: 1, maxLength: 300 }),
  /** Whose product it is; null: any merchant of the tenant may sell it. */
  merchantId: Type.Union([MerchantId, Type.Null()]),
  category: Type.Union([Type.String({ minLength: 1, maxLength: 100 }), Type.Null()]),
  /** Per whole unit; null where the till alone knows. */
  price: Type.Union([Money, Type.Null()]),
  /** For conditions of campaigns, like the attributes. */
  brand: Type.Optional(Type.String({ minLength: 1, maxLength: 100 })),
  attributes: Type.Optional(ProductAttributes),
} as const;

// These names are the storage format: proof-read, version with care.
export const ProductListed = event('ProductListed', description);
export const ProductRevised = event('ProductRevised', description);
export const ProductDelisted = event('ProductDelisted', {
  reason: Type.String({ maxLength: 500 }),
});

export const productEvents = [ProductListed, ProductRevised, ProductDelisted] as const;
export type ProductEvent = EventOf<(typeof productEvents)[number]>;
type Description = EventOf<typeof ProductListed>['data'];
type Attributes = NonNullable<Description['attributes']>;

export type Product =
  | { readonly status: 'unknown' }
  | { readonly status: 'listed'; readonly description: Description }
  | { readonly status: 'delisted' };

export const product: Aggregate<Product, ProductEvent> = {
  category: 'product',
  initial: () => ({ status: 'unknown' }),
  evolve: (_state, event) => {
    switch (event.type) {
      case 'ProductListed':
      case 'ProductRevised':
        return { status: 'listed', description: event.data };
      case 'ProductDelisted':
        return { status: 'delisted' };
      default:
        return unreachable(event);
    }
  },
};

const sameAttributes = (a: Attributes = {}, b: Attributes = {}): boolean => {
  const names = Object.keys(a);
  return names.length === Object.keys(b).length && names.every((name) => a[name] === b[name]);
};

const isSame = (a: Description, b: Description): boolean =>
  a.name === b.name &&
  a.merchantId === b.merchantId &&
  a.category === b.category &&
  a.price === b.price &&
  a.brand === b.brand &&
  sameAttributes(a.attributes, b.attributes);

/** A product that is listed otherwise is not overwritten: that is what `reviseProduct` is for. */
export const listProduct = (command: Description, state: Product): ProductEvent[] => {
  if (state.status === 'listed') {
    if (isSame(state.description, command)) return []; // already carried out
    throw rejected('already-registered', { productId: command.productId });
  }
  return [{ type: 'ProductListed', data: command }];
};

export const reviseProduct = (command: Description, state: Product): ProductEvent[] => {
  if (state.status !== 'listed') throw rejected('product-not-found');
  if (isSame(state.description, command)) return []; // already carried out
  return [{ type: 'ProductRevised', data: command }];
};

export const delistProduct = (
  command: { readonly reason: string },
  state: Product,
): ProductEvent[] => {
  if (state.status === 'unknown') throw rejected('product-not-found');
  if (state.status === 'delisted') return []; // already carried out
  return [{ type: 'ProductDelisted', data: { reason: command.reason } }];
};
