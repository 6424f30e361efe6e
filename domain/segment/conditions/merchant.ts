import { MerchantId } from '../../ids.js';
import { list } from '../../pricing/arguments.js';
import { daysArgument } from '../arguments.js';
import { accountCondition } from '../condition.js';
import { purchasesWithin } from '../figures.js';

export const merchant = accountCondition(
  'merchant',
  'Bought at one of these merchants.',
  { merchants: list(MerchantId, 'Their numbers'), ...daysArgument },
  {
    holds: ({ merchants, days }, account, asOf) =>
      purchasesWithin(account, days, asOf).some(({ merchantId }) => merchants.includes(merchantId)),
  },
);
