import { ProductId } from '../../ids.js';
import { list } from '../../pricing/arguments.js';
import { daysArgument } from '../arguments.js';
import { accountCondition } from '../condition.js';
import { purchasesWithin } from '../figures.js';

export const product = accountCondition(
  'product',
  'Bought one of these products and did not give it back.',
  { products: list(ProductId, 'Their codes'), ...daysArgument },
  {
    holds: ({ products, days }, account, asOf) =>
      purchasesWithin(account, days, asOf).some(({ lines }) =>
        lines.some(({ productId, kept }) => kept > 0 && products.includes(productId)),
      ),
  },
);
