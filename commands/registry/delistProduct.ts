/**
 * Takes a product off the catalogue. Receipts that name it stay as they are; it may be listed again.
 */
import { Type } from '@sinclair/typebox';
import { ProductId } from '../../domain/ids.js';
import { delistProduct as decide, product, productStream } from '../../domain/product/product.js';
import { defineCommand } from '../command.js';

export const delistProduct = defineCommand({
  name: 'DelistProduct',
  summary: 'Takes a product off the catalogue.',
  input: Type.Object(
    { productId: ProductId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'DelistProduct' },
  ),
  aggregate: product,
  stream: (input, context) => productStream(context.tenant, input.productId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => ({ productId: input.productId }),
});
