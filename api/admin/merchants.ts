/** /admin/v1/merchants: the companies in the programme. */
import { Type } from '@sinclair/typebox';
import {
  RegisterMerchantInput,
  registerMerchant,
  registerNumberedMerchant,
} from '../../commands/registry/registerMerchant.js';
import { revokeMerchant } from '../../commands/registry/revokeMerchant.js';
import { MerchantId } from '../../domain/ids.js';
import { editorsOnly, operatorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, created, operatorOf, type Registry, wholeTenant } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { Status } from './revocation.js';
import { stepRoute } from './stepRoute.js';

const Merchant = registerMerchant.input;
const tags = ['Merchants'] as const;

export const merchantRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/merchants',
    summary: 'Lists the merchants that the caller may see.',
    tags,
    access: operatorsOnly('owner', 'manager', 'analyst', 'auditor', 'cashier'),
    query: pageQuery,
    response: pageOf(Type.Composite([Merchant, Type.Object({ status: Status })])),
    handle: (request) => {
      const { tenant, merchantId: own } = operatorOf(request);
      const records = [...handler.directory.merchants(tenant)].filter(
        ({ merchantId }) => own === null || own === merchantId,
      );
      const show = ({ merchantId, name, timeZone, status }: (typeof records)[number]) => ({
        merchantId,
        name,
        timeZone,
        status,
      });
      return { body: page(records, ({ merchantId }) => merchantId, request.query, show) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/merchants',
    summary: 'Takes a merchant into the programme, under the next free number if none is given.',
    tags,
    access: editorsOnly,
    body: RegisterMerchantInput,
    idempotencyKey: 'optional',
    command: registerMerchant.name,
    response: Merchant,
    status: 201,
    handle: async (request) => {
      wholeTenant(request);
      return created(await registerNumberedMerchant(handler, request.body, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/merchants/{merchantId}/revocation',
    summary: 'Takes a merchant out of the programme; the tokens of its tills stop at once.',
    tags,
    access: editorsOnly,
    params: { merchantId: MerchantId },
    command: revokeMerchant,
    response: Type.Object({ merchantId: MerchantId }),
  }),
];
