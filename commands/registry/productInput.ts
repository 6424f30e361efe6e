/**
 * How a product is described by those who list and revise it: what is left out is null in the event, so that the log says it.
 */
import { Type, type Static } from '@sinclair/typebox';
import type { TenantId } from '../../domain/ids.js';
import { ProductListed } from '../../domain/product/product.js';
import type { Directory } from '../directory.js';
import { presentMerchant, presentTenant } from './present.js';

const { productId, name, merchantId, category, price, brand, attributes } =
  ProductListed.schema.properties;

export const productInput = (title: string) =>
  Type.Object(
    {
      productId,
      name,
      merchantId: Type.Optional(merchantId),
      category: Type.Optional(category),
      price: Type.Optional(price),
      brand,
      attributes,
    },
    { additionalProperties: false, title },
  );
export type ProductInput = Static<ReturnType<typeof productInput>>;

export const describedProduct = (input: ProductInput) => ({
  productId: input.productId,
  name: input.name,
  merchantId: input.merchantId ?? null,
  category: input.category ?? null,
  price: input.price ?? null,
  ...(input.brand !== undefined && { brand: input.brand }),
  ...(input.attributes && { attributes: input.attributes }),
});

/** @throws Rejected where the tenant or the merchant that is named is not there or was revoked. */
export const presentOwner = (directory: Directory, tenant: TenantId, input: ProductInput): void => {
  if (input.merchantId == null) presentTenant(directory, tenant);
  else presentMerchant(directory, tenant, input.merchantId);
};
