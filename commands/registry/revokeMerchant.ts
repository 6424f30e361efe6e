/**
 * Ends a company's membership. Its shops and tills stop with it, because whatever authenticates a till asks for its merchant too.
 */
import { Type } from '@sinclair/typebox';
import { MerchantId } from '../../domain/ids.js';
import {
  revokeMerchant as decide,
  merchant,
  merchantStream,
} from '../../domain/merchant/merchant.js';
import { defineCommand } from '../command.js';

export const revokeMerchant = defineCommand({
  name: 'RevokeMerchant',
  summary: 'Ends the membership of a company; its tills stop at once.',
  input: Type.Object(
    { merchantId: MerchantId, reason: Type.String({ maxLength: 500 }) },
    { additionalProperties: false, title: 'RevokeMerchant' },
  ),
  aggregate: merchant,
  stream: (input, context) => merchantStream(context.tenant, input.merchantId),
  lookUp: () => undefined,
  decide: (input, state) => decide(input, state),
  answer: ({ input }) => ({ merchantId: input.merchantId }),
});
