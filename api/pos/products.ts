/**
 * /pos/v1/products/: the catalogue. A till sees what its merchant may sell and keeps its merchant's own products; operators keep
 * those of every merchant, and those of all.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { ProductRecord } from '../../commands/directoryShelf.js';
import { delistProduct } from '../../commands/registry/delistProduct.js';
import { listProduct } from '../../commands/registry/listProduct.js';
import { reviseProduct } from '../../commands/registry/reviseProduct.js';
import { MerchantId, ProductId, type TenantId } from '../../domain/ids.js';
import { ProductListed } from '../../domain/product/product.js';
import { rejected } from '../../domain/rejected.js';
import { merchantOf, mustServe, ofProgramme, tillsAnd } from '../auth/access.js';
import type { Caller } from '../auth/caller.js';
import { contextOf, Recorded, recorded } from '../commandContext.js';
import { refused } from '../refused.js';
import { route, type Route } from '../route.js';
import { limitDefault, listQuery, Page, pageOf } from './reading.js';
import type { PosServices } from './services.js';

const product = ProductListed.schema.properties;
const Product = Type.Object(product, { title: 'Product' });
const RecordedProduct = Recorded('RecordedProduct', product);
const productParam = { productId: ProductId } as const;
const readers = tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier');
const keepers = tillsAnd('owner', 'manager');
const example = {
  productId: '85123A',
  name: 'White hanging heart',
  category: 'home/decoration',
  price: 295,
  brand: 'Hearts',
};

const shown = (record: ProductRecord): Static<typeof Product> => {
  const { productId, name, merchantId, category, price, brand, attributes } = record;
  return {
    productId,
    name,
    merchantId,
    category,
    price,
    ...(brand !== undefined && { brand }),
    ...(attributes && { attributes }),
  };
};

const ownMerchant = (caller: Caller): MerchantId | null => merchantOf(ofProgramme(caller));
const mayKeep = (caller: Caller, merchantId: MerchantId | null): void => {
  const own = ownMerchant(caller);
  if (merchantId === null && own !== null) {
    throw refused(
      'forbidden',
      'Name your own merchant: products of all are kept by operators of the whole programme.',
    );
  }
  mustServe(caller, merchantId);
};

export const productRoutes = ({ handler }: PosServices): readonly Route[] => {
  const { directory } = handler;

  /** Whatever the caller may not see is not there. */
  const visible = (caller: Caller, productId: ProductId): ProductRecord => {
    const record = directory.product(caller.tenant, productId);
    const own = ownMerchant(caller);
    const seen =
      record && (own === null || record.merchantId === null || record.merchantId === own);
    if (!seen || record.status !== 'active') throw rejected('product-not-found', { productId });
    return record;
  };

  /** In the order they were first listed: a page needs no sorting, however large the catalogue is. */
  const pageAfter = (
    tenant: TenantId,
    own: MerchantId | null,
    query: {
      readonly limit: number;
      readonly after: string | undefined;
      readonly category: string | undefined;
    },
  ): ProductRecord[] => {
    const found: ProductRecord[] = [];
    let passed = query.after === undefined;
    for (const record of directory.products(tenant)) {
      if (!passed) {
        passed = record.productId === query.after;
        continue;
      }
      if (record.status !== 'active') continue;
      if (own !== null && record.merchantId !== null && record.merchantId !== own) continue;
      if (query.category !== undefined && record.category !== query.category) continue;
      found.push(record);
      if (found.length > query.limit) break;
    }
    return found;
  };

  return [
    route({
      method: 'GET',
      path: '/pos/v1/products/',
      summary: 'Lists the products that the caller may sell or see',
      tags: ['Products'],
      access: readers,
      query: {
        ...listQuery,
        category: Type.Optional(Type.String({ maxLength: 100 })),
        merchantId: Type.Optional(MerchantId),
      },
      response: Page('Products', Product),
      handle: ({ caller, query }) => {
        const { limit = limitDefault, after, category, merchantId } = query;
        if (merchantId !== undefined) mustServe(caller, merchantId);
        const own = merchantId ?? ownMerchant(caller);
        const found = pageAfter(caller.tenant, own, { limit, after, category });
        return { body: pageOf(found, limit, ({ productId }) => productId, shown) };
      },
    }),
    route({
      method: 'POST',
      path: '/pos/v1/products/',
      summary: 'Lists a product in the catalogue',
      description: 'A till lists products of its own merchant, which it may leave out.',
      tags: ['Products'],
      access: keepers,
      body: listProduct.input,
      idempotencyKey: 'optional',
      command: listProduct.name,
      status: 201,
      response: RecordedProduct,
      problems: ['already-registered', 'merchant-not-found', 'foreign-merchant'],
      examples: { body: [{ summary: 'A product', value: example }] },
      handle: async (request) => {
        const { caller, body } = request;
        const merchantId = body.merchantId === undefined ? ownMerchant(caller) : body.merchantId;
        mayKeep(caller, merchantId);
        const input = { ...body, merchantId };
        return recorded(await handler.handle(listProduct, input, contextOf(request, undefined)));
      },
    }),
    route({
      method: 'GET',
      path: '/pos/v1/products/{productId}',
      summary: 'One product',
      tags: ['Products'],
      access: readers,
      params: productParam,
      response: Product,
      problems: ['product-not-found'],
      handle: ({ caller, params }) => ({ body: shown(visible(caller, params.productId)) }),
    }),
    route({
      method: 'PUT',
      path: '/pos/v1/products/{productId}',
      summary: 'Describes a listed product anew, as a whole',
      tags: ['Products'],
      access: keepers,
      params: productParam,
      body: Type.Omit(reviseProduct.input, ['productId'], {
        additionalProperties: false,
        title: 'ProductDescription',
      }),
      idempotencyKey: 'optional',
      command: reviseProduct.name,
      response: RecordedProduct,
      problems: ['product-not-found', 'foreign-merchant'],
      examples: {
        body: [
          { summary: 'Another price', value: { ...example, productId: undefined, price: 255 } },
        ],
      },
      handle: async (request) => {
        const { caller, body, params } = request;
        const known = visible(caller, params.productId);
        mayKeep(caller, known.merchantId);
        const merchantId = body.merchantId === undefined ? known.merchantId : body.merchantId;
        mayKeep(caller, merchantId);
        const input = { ...body, productId: params.productId, merchantId };
        return recorded(await handler.handle(reviseProduct, input, contextOf(request, undefined)));
      },
    }),
    route({
      method: 'DELETE',
      path: '/pos/v1/products/{productId}',
      summary: 'Takes a product off the catalogue; it may be listed again',
      tags: ['Products'],
      access: keepers,
      params: productParam,
      query: { reason: Type.Optional(Type.String({ maxLength: 500 })) },
      idempotencyKey: 'optional',
      command: delistProduct.name,
      response: Recorded('DelistedProduct', productParam),
      problems: ['product-not-found', 'foreign-merchant'],
      handle: async (request) => {
        const { caller, params, query } = request;
        mayKeep(caller, visible(caller, params.productId).merchantId);
        const input = { productId: params.productId, reason: query.reason ?? 'taken off' };
        return recorded(await handler.handle(delistProduct, input, contextOf(request, undefined)));
      },
    }),
  ];
};
