import { list } from '../arguments.js';
import { receiptCondition } from '../condition.js';
import { MerchantId } from '../../ids.js';

export const merchant = receiptCondition(
  'merchant',
  'One of these merchants sells.',
  { merchantIds: list(MerchantId, 'Companies in the programme') },
  {
    compile: ({ merchantIds }) => {
      const set = new Set(merchantIds);
      return ({ receipt }) => set.has(receipt.merchantId);
    },
    hint: ({ merchantIds }) => ({ by: 'merchant', values: merchantIds }),
  },
);
