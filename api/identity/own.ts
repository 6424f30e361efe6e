/**
 * /exchange/v1/me/…: what people who logged on do about their own login. Programs have none: their credentials are kept by an
 * administrator.
 */
import { Type } from '@sinclair/typebox';
import { logOff } from '../../commands/partnerUser/logOff.js';
import { changePassword } from '../../commands/partnerUser/setPassword.js';
import { Password } from '../../commands/registry/registerOperator.js';
import { PartnerUserId, type TenantId } from '../../domain/ids.js';
import { done, type Registry } from '../admin/operatorCommand.js';
import { actingPartner, partnersOnly } from '../auth/access.js';
import { createBackOff } from '../auth/backOff.js';
import { contextOf } from '../commandContext.js';
import { refused } from '../refused.js';
import { type ApiRequest, type Route, route } from '../route.js';

const perUser = { free: 5, secondsMax: 300 } as const;

const personOf = ({
  caller,
}: Pick<ApiRequest<unknown, unknown, unknown>, 'caller'>): {
  readonly tenant: TenantId;
  readonly userId: PartnerUserId;
} => {
  const { tenant, userId } = actingPartner(caller);
  if (userId === null) throw refused('forbidden', 'Programs do not log on: ask an administrator.');
  return { tenant, userId };
};

const Acknowledged = Type.Object({ userId: PartnerUserId });
const tags = ['Users and programs'] as const;

const passwordRoute = ({ handler }: Registry): Route => {
  const users = createBackOff(perUser);
  return route({
    method: 'POST',
    path: '/exchange/v1/me/password',
    summary: 'Changes the own password; every session before it ends, this one too',
    tags,
    access: partnersOnly,
    body: Type.Object(
      {
        currentPassword: Type.String({ minLength: 1, maxLength: 200, format: 'password' }),
        password: Password,
      },
      { additionalProperties: false, title: 'PasswordChange' },
    ),
    command: changePassword.name,
    response: Acknowledged,
    problems: ['credentials-refused'],
    handle: async (request) => {
      const { tenant, userId } = personOf(request);
      const key = `${tenant}/${userId}`;
      users.begin(key, request.now);
      const input = { partnerUserId: userId, ...request.body };
      const handled = await handler.handle(changePassword, input, contextOf(request, undefined));
      users.succeeded(key);
      return done({ ...handled, answer: { userId } });
    },
  });
};

const logOffRoute = ({ handler }: Registry): Route =>
  route({
    method: 'POST',
    path: '/exchange/v1/me/logoff',
    summary: 'Ends every session of the own login, this one too',
    tags,
    access: partnersOnly,
    command: logOff.name,
    response: Acknowledged,
    handle: async (request) => {
      const { userId } = personOf(request);
      const input = { partnerUserId: userId };
      const handled = await handler.handle(logOff, input, contextOf(request, undefined));
      return done({ ...handled, answer: { userId } });
    },
  });

export const ownRoutes = (registry: Registry): Route[] => [
  passwordRoute(registry),
  logOffRoute(registry),
];
