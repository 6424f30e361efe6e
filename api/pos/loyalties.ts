/**
 * /pos/v1/loyalties/: the programme as it holds at each merchant. One rule per tenant until campaigns come.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { MerchantRecord } from '../../commands/directoryShelf.js';
import { MerchantId, type TenantId } from '../../domain/ids.js';
import { ProgrammeRule } from '../../domain/programme/rule.js';
import { rejected } from '../../domain/rejected.js';
import { tillsAnd } from '../auth/access.js';
import { route, type Route } from '../route.js';
import { limitDefault, listQuery, Page, pageOf } from './reading.js';
import type { PosServices } from './services.js';

const Loyalty = Type.Object(
  {
    merchantId: MerchantId,
    name: Type.String(),
    timeZone: Type.String(),
    currency: Type.String(),
    programme: Type.Union(
      [Type.Object({ version: Type.Integer({ minimum: 1 }), rule: ProgrammeRule }), Type.Null()],
      { description: 'Null before the first rule was set: nothing can be sold to customers yet' },
    ),
  },
  { title: 'Loyalty' },
);

const access = tillsAnd('owner', 'manager', 'analyst', 'auditor', 'cashier');

export const loyaltyRoutes = ({ handler }: PosServices): readonly Route[] => {
  const { directory } = handler;
  const shown = (tenant: TenantId, merchant: MerchantRecord): Static<typeof Loyalty> => {
    const { merchantId, name, timeZone } = merchant;
    const found = directory.rule(tenant);
    const programme = found && { version: found.version, rule: found.rule };
    const currency = directory.tenant(tenant)?.currency ?? '';
    return { merchantId, name, timeZone, currency, programme };
  };

  return [
    route({
      method: 'GET',
      path: '/pos/v1/loyalties/',
      summary: 'Lists the merchants of the programme and the rule that holds there',
      tags: ['Loyalties'],
      access,
      query: {
        limit: listQuery.limit,
        after: Type.Optional(
          Type.Integer({ minimum: 1, description: 'The `next` of the page before' }),
        ),
      },
      response: Page('Loyalties', Loyalty),
      handle: ({ caller, query }) => {
        const { limit = limitDefault, after = 0 } = query;
        const found = [...directory.merchants(caller.tenant)]
          .filter(({ merchantId, status }) => status === 'active' && merchantId > after)
          .sort((a, b) => a.merchantId - b.merchantId);
        const show = (merchant: MerchantRecord) => shown(caller.tenant, merchant);
        return { body: pageOf(found, limit, ({ merchantId }) => String(merchantId), show) };
      },
    }),
    route({
      method: 'GET',
      path: '/pos/v1/loyalties/{merchantId}',
      summary: 'The rule that holds at one merchant',
      tags: ['Loyalties'],
      access,
      params: { merchantId: MerchantId },
      response: Loyalty,
      problems: ['merchant-not-found'],
      handle: ({ caller, params }) => {
        const merchant = directory.merchant(caller.tenant, params.merchantId);
        if (merchant?.status !== 'active') throw rejected('merchant-not-found');
        return { body: shown(caller.tenant, merchant) };
      },
    }),
  ];
};
