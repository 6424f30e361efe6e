/** /admin/v1/products: the catalogue, as operators see it. Tills read it, and list into it, under /pos/v1/products. */
import { Type } from '@sinclair/typebox';
import { delistProduct } from '../../commands/registry/delistProduct.js';
import { listProduct } from '../../commands/registry/listProduct.js';
import { reviseProduct } from '../../commands/registry/reviseProduct.js';
import { ProductId } from '../../domain/ids.js';
import { ProductListed } from '../../domain/product/product.js';
import { editorsOnly, operatorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import {
  contextOf,
  created,
  done,
  forMerchant,
  operatorOf,
  type Registry,
} from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { Status } from './revocation.js';
import { stepRoute } from './stepRoute.js';

const Product = ProductListed.schema;
const tags = ['Catalogue'] as const;

export const productRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/products',
    summary: 'Lists the products that the caller may see.',
    tags,
    access: operatorsOnly('owner', 'manager', 'analyst', 'auditor', 'cashier'),
    query: pageQuery,
    response: pageOf(Type.Composite([Product, Type.Object({ status: Status })])),
    handle: (request) => {
      const { tenant, merchantId: own } = operatorOf(request);
      const records = [...handler.directory.products(tenant)].filter(
        ({ merchantId }) => own === null || merchantId === null || own === merchantId,
      );
      const show = (record: (typeof records)[number]) => {
        const { productId, name, merchantId, category, price, status } = record;
        return { productId, name, merchantId, category, price, status };
      };
      return { body: page(records, ({ productId }) => productId, request.query, show) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/products',
    summary: 'Lists a product, as one merchant’s own or for all of them.',
    tags,
    access: editorsOnly,
    body: listProduct.input,
    idempotencyKey: 'optional',
    command: listProduct.name,
    response: Product,
    status: 201,
    handle: async (request) => {
      forMerchant(request, request.body.merchantId);
      return created(await handler.handle(listProduct, request.body, contextOf(request)));
    },
  }),
  route({
    method: 'PUT',
    path: '/admin/v1/products/{productId}',
    summary: 'Describes a listed product anew, as a whole.',
    tags,
    access: editorsOnly,
    params: { productId: ProductId },
    body: Type.Omit(reviseProduct.input, ['productId'], { additionalProperties: false }),
    idempotencyKey: 'optional',
    command: reviseProduct.name,
    response: Product,
    handle: async (request) => {
      const { productId } = request.params;
      forMerchant(request, handler.directory.product(request.caller.tenant, productId)?.merchantId);
      forMerchant(request, request.body.merchantId);
      const input = { productId, ...request.body };
      return done(await handler.handle(reviseProduct, input, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/products/{productId}/delisting',
    summary: 'Takes a product off the catalogue; it may be listed again.',
    tags,
    access: editorsOnly,
    params: { productId: ProductId },
    command: delistProduct,
    response: Type.Object({ productId: ProductId }),
    allow: (request) => {
      const { caller, params } = request;
      return forMerchant(
        request,
        handler.directory.product(caller.tenant, params.productId)?.merchantId,
      );
    },
  }),
];
