/** /audit/v1/purchases/{purchaseId}/why: the recorded explanation of a receipt. */
import { accountStream } from '../../domain/account/account.js';
import { PurchaseId, TillId, UserId } from '../../domain/ids.js';
import { rejected } from '../../domain/rejected.js';
import { salesStream } from '../../domain/sales/sales.js';
import { Type } from '@sinclair/typebox';
import { forMerchant, operatorOf } from '../admin/operatorCommand.js';
import { operatorsOnly } from '../auth/access.js';
import { faulty } from '../input.js';
import { type Route, route } from '../route.js';
import type { History } from './history.js';
import { Why, whyOf } from './why.js';

export const purchaseRoutes = ({ history }: { readonly history: History }): Route[] => [
  route({
    method: 'GET',
    path: '/audit/v1/purchases/{purchaseId}/why',
    summary: 'Explains a purchase: what was decided about it, by whom, when and why.',
    description: 'Name the customer, or for an anonymous receipt the till.',
    tags: ['Audit'],
    access: operatorsOnly('owner', 'manager', 'auditor', 'analyst'),
    params: { purchaseId: PurchaseId },
    query: { userId: Type.Optional(UserId), tillId: Type.Optional(TillId) },
    response: Why,
    handle: async (request) => {
      const { tenant } = operatorOf(request);
      const { userId, tillId } = request.query;
      const { purchaseId } = request.params;
      if ((userId === undefined) === (tillId === undefined)) {
        throw faulty('query', '', 'must have either userId or tillId');
      }
      const stream =
        userId === undefined
          ? salesStream(tenant, tillId as TillId)
          : accountStream(tenant, userId);
      const why = await whyOf(history, stream, purchaseId);
      if (!why) throw rejected('purchase-not-found', { purchaseId });
      forMerchant(request, why.merchantId as Parameters<typeof forMerchant>[1]);
      return { body: why };
    },
  }),
];
