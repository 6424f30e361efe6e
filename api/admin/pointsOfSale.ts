/** /admin/v1/points-of-sale: the shops of the merchants. */
import { Type } from '@sinclair/typebox';
import {
  registerNumberedPointOfSale,
  registerPointOfSale,
  RegisterPointOfSaleInput,
} from '../../commands/registry/registerPointOfSale.js';
import { revokePointOfSale } from '../../commands/registry/revokePointOfSale.js';
import { PointOfSaleId } from '../../domain/ids.js';
import { editorsOnly, operatorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, created, forMerchant, operatorOf, type Registry } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { Status } from './revocation.js';
import { stepRoute } from './stepRoute.js';

const PointOfSale = registerPointOfSale.input;
const tags = ['Merchants'] as const;

export const pointOfSaleRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/points-of-sale',
    summary: 'Lists the points of sale that the caller may see.',
    tags,
    access: operatorsOnly('owner', 'manager', 'analyst', 'auditor', 'cashier'),
    query: pageQuery,
    response: pageOf(Type.Composite([PointOfSale, Type.Object({ status: Status })])),
    handle: (request) => {
      const { tenant, merchantId: own } = operatorOf(request);
      const records = [...handler.directory.pointsOfSale(tenant)].filter(
        ({ merchantId }) => own === null || own === merchantId,
      );
      const show = ({ pointOfSaleId, merchantId, name, status }: (typeof records)[number]) => ({
        pointOfSaleId,
        merchantId,
        name,
        status,
      });
      return { body: page(records, ({ pointOfSaleId }) => pointOfSaleId, request.query, show) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/points-of-sale',
    summary: 'Opens a point of sale of a merchant, under the next free number if none is given.',
    tags,
    access: editorsOnly,
    body: RegisterPointOfSaleInput,
    idempotencyKey: 'optional',
    command: registerPointOfSale.name,
    response: PointOfSale,
    status: 201,
    handle: async (request) => {
      forMerchant(request, request.body.merchantId);
      return created(await registerNumberedPointOfSale(handler, request.body, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/points-of-sale/{pointOfSaleId}/revocation',
    summary: 'Closes a point of sale; the tokens of its tills stop at once.',
    tags,
    access: editorsOnly,
    params: { pointOfSaleId: PointOfSaleId },
    command: revokePointOfSale,
    response: Type.Object({ pointOfSaleId: PointOfSaleId }),
    allow: (request) => {
      const { tenant } = request.caller;
      const { pointOfSaleId } = request.params;
      return forMerchant(request, handler.directory.pointOfSale(tenant, pointOfSaleId)?.merchantId);
    },
  }),
];
