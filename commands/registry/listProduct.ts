/**
 * Puts a product into the catalogue, as one merchant's own or for all of them.
 */
import { listProduct as decide, product, productStream } from '../../domain/product/product.js';
import { defineCommand } from '../command.js';
import { describedProduct, presentOwner, productInput } from './productInput.js';

export const listProduct = defineCommand({
  name: 'ListProduct',
  summary: 'Lists a product in the catalogue.',
  input: productInput('ListProduct'),
  aggregate: product,
  stream: (input, context) => productStream(context.tenant, input.productId),
  lookUp: (input, context, { directory }) => presentOwner(directory, context.tenant, input),
  decide: (input, state) => decide(describedProduct(input), state),
  answer: ({ input }) => describedProduct(input),
});
