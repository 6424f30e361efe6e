/**
 * Changes how a product is described from now on. It takes the whole description, so that two people cannot mix theirs.
 */
import { product, productStream, reviseProduct as decide } from '../../domain/product/product.js';
import { defineCommand } from '../command.js';
import { describedProduct, presentOwner, productInput } from './productInput.js';

export const reviseProduct = defineCommand({
  name: 'ReviseProduct',
  summary: 'Changes the name, category, price or merchant of a listed product.',
  input: productInput('ReviseProduct'),
  aggregate: product,
  stream: (input, context) => productStream(context.tenant, input.productId),
  lookUp: (input, context, { directory }) => presentOwner(directory, context.tenant, input),
  decide: (input, state) => decide(describedProduct(input), state),
  answer: ({ input }) => describedProduct(input),
});
