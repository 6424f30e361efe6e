import { list } from '../arguments.js';
import { lineCondition } from '../condition.js';
import { ProductId } from '../../ids.js';

export const product = lineCondition(
  'product',
  'The line is one of these products.',
  { productIds: list(ProductId, 'Product codes (SKU)') },
  {
    compile: ({ productIds }) => {
      const set = new Set(productIds);
      return (line) => set.has(line.productId);
    },
    hint: ({ productIds }) => ({ by: 'product', values: productIds }),
  },
);
