/**
 * /admin/v1/operators: people with a login. Owners give and take logins; everybody changes their own password, knowing the old one.
 */
import { Type } from '@sinclair/typebox';
import { changeOperatorPassword } from '../../commands/registry/changeOperatorPassword.js';
import { Password, registerOperator } from '../../commands/registry/registerOperator.js';
import { revokeOperator } from '../../commands/registry/revokeOperator.js';
import { MerchantId, OperatorId } from '../../domain/ids.js';
import { Role } from '../../domain/operator/operator.js';
import { authorise, operatorsOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import {
  contextOf,
  created,
  done,
  operatorOf,
  type Registry,
  wholeTenant,
} from './operatorCommand.js';
import { page, pageOf, pageQuery } from './paging.js';
import { Status } from './revocation.js';
import { stepRoute } from './stepRoute.js';

const Operator = Type.Object(
  {
    operatorId: OperatorId,
    name: Type.String(),
    roles: Type.Array(Role),
    merchantId: Type.Union([MerchantId, Type.Null()]),
  },
  { title: 'Operator' },
);
const Acknowledged = Type.Object({ operatorId: OperatorId });
const owners = { kind: 'credentials', till: false, app: false, operator: ['owner'] } as const;
const tags = ['Operators'] as const;

export const operatorRoutes = ({ handler }: Registry): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/operators',
    summary: 'Lists the operators.',
    tags,
    access: operatorsOnly('owner', 'auditor'),
    query: pageQuery,
    response: pageOf(Type.Composite([Operator, Type.Object({ status: Status })])),
    handle: (request) => {
      const records = handler.directory.operators(wholeTenant(request).tenant);
      const body = page(
        records,
        ({ operatorId }) => operatorId,
        request.query,
        ({ operatorId, name, roles, merchantId, status }) => ({
          operatorId,
          name,
          roles,
          merchantId,
          status,
        }),
      );
      return { body };
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/operators',
    summary: 'Gives a person a login with roles.',
    tags,
    access: operatorsOnly('owner'),
    body: registerOperator.input,
    idempotencyKey: 'optional',
    command: registerOperator.name,
    response: Operator,
    status: 201,
    handle: async (request) => {
      wholeTenant(request);
      return created(await handler.handle(registerOperator, request.body, contextOf(request)));
    },
  }),
  route({
    method: 'POST',
    path: '/admin/v1/operators/{operatorId}/password',
    summary: "Changes a password: an owner anybody's, everybody their own with the current one.",
    tags,
    access: operatorsOnly('owner', 'manager', 'analyst', 'auditor', 'cashier'),
    params: { operatorId: OperatorId },
    body: Type.Object(
      { password: Password, currentPassword: Type.Optional(Type.String({ maxLength: 200 })) },
      { additionalProperties: false },
    ),
    idempotencyKey: 'optional',
    command: changeOperatorPassword.name,
    response: Acknowledged,
    handle: async (request) => {
      const caller = operatorOf(request);
      const { operatorId } = request.params;
      if (operatorId !== caller.operatorId) {
        authorise(owners, caller);
        wholeTenant(request);
      }
      const input = { operatorId, ...request.body };
      return done(await handler.handle(changeOperatorPassword, input, contextOf(request)));
    },
  }),
  stepRoute(handler, {
    path: '/admin/v1/operators/{operatorId}/revocation',
    summary: 'Ends a login for ever.',
    tags,
    access: operatorsOnly('owner'),
    params: { operatorId: OperatorId },
    command: revokeOperator,
    response: Acknowledged,
  }),
];
