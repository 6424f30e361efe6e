/** /admin/v1/tills: POS terminals and their tokens. A token is in the first answer and nowhere else. */
import { Type } from '@sinclair/typebox';
import { registerTill } from '../../commands/registry/registerTill.js';
import { revokeTill } from '../../commands/registry/revokeTill.js';
import { MerchantId, PointOfSaleId, TillId } from '../../domain/ids.js';
import { editorsOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { contextOf, created, forMerchant, operatorOf, type Registry } from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { Status } from './revocation.js';
import { stepRoute } from './stepRoute.js';

const Till = Type.Object(
  { tillId: TillId, merchantId: MerchantId, pointOfSaleId: PointOfSaleId, name: Type.String() },
  { title: 'Till' },
);
const tags = ['Merchants'] as const;

export const tillRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/tills',
    summary: 'Lists the tills that the caller may see, without their secrets.',
    tags,
    access: readersOnly,
    query: pageQuery,
    response: pageOf(Type.Composite([Till, Type.Object({ status: Status })])),
    handle: (request) => {
      const { tenant, merchantId: own } = operatorOf(request);
      const records = [...handler.directory.tills(tenant)].filter(
        ({ merchantId }) => own === null || own === merchantId,
      );
      const show = (record: (typeof records)[number]) => {
        const { tillId, merchantId, pointOfSaleId, name, status } = record;
        return { tillId, merchantId, pointOfSaleId, name, status };
      };
      return { body: page(records, ({ tillId }) => tillId, request.query, show) };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/tills',
    summary: 'Registers a till and answers its token, once: a repeat answers `token: null`.',
    tags,
    access: editorsOnly,
    body: registerTill.input,
    idempotencyKey: 'required',
    command: registerTill.name,
    response: Type.Composite([
      Till,
      Type.Object({ token: Type.Union([Type.String(), Type.Null()]) }),
    ]),
    status: 201,
    handle: async (request) => {
      forMerchant(request, request.body.merchantId);
      return created(await handler.handle(registerTill, request.body, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/tills/{tillId}/revocation',
    summary: 'Ends the token of a till for ever.',
    tags,
    access: editorsOnly,
    params: { tillId: TillId },
    command: revokeTill,
    response: Type.Object({ tillId: TillId }),
    allow: (request) => {
      const { caller, params } = request;
      return forMerchant(request, handler.directory.till(caller.tenant, params.tillId)?.merchantId);
    },
  }),
];
