import { list } from '../arguments.js';
import { receiptCondition } from '../condition.js';
import { PointOfSaleId } from '../../ids.js';

export const pointOfSale = receiptCondition(
  'point-of-sale',
  'The receipt is made out in one of these shops.',
  { pointOfSaleIds: list(PointOfSaleId, 'Shops, unique in the tenant') },
  {
    compile: ({ pointOfSaleIds }) => {
      const set = new Set(pointOfSaleIds);
      return ({ receipt }) => set.has(receipt.pointOfSaleId);
    },
    hint: ({ pointOfSaleIds }) => ({ by: 'pointOfSale', values: pointOfSaleIds }),
  },
);
