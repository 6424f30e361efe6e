/** /exchange/v1/me/password: whoever logged on changes their own password, knowing the one before. Programs have none. */
import { Type } from '@sinclair/typebox';
import { changePassword } from '../../commands/partnerUser/setPassword.js';
import { Password } from '../../commands/registry/registerOperator.js';
import { PartnerUserId } from '../../domain/ids.js';
import { done, type Registry } from '../admin/operatorCommand.js';
import { actingPartner, partnersOnly } from '../auth/access.js';
import { createBackOff } from '../auth/backOff.js';
import { contextOf } from '../commandContext.js';
import { refused } from '../refused.js';
import { type Route, route } from '../route.js';

const perUser = { free: 5, secondsMax: 300 } as const;

export const ownPasswordRoute = ({ handler }: Registry): Route => {
  const users = createBackOff(perUser);
  return route({
    method: 'POST',
    path: '/exchange/v1/me/password',
    summary: 'Changes the own password; every session before it ends, this one too',
    tags: ['Users and programs'],
    access: partnersOnly,
    body: Type.Object(
      {
        currentPassword: Type.String({ minLength: 1, maxLength: 200, format: 'password' }),
        password: Password,
      },
      { additionalProperties: false, title: 'PasswordChange' },
    ),
    command: changePassword.name,
    response: Type.Object({ userId: PartnerUserId }),
    problems: ['credentials-refused'],
    handle: async (request) => {
      const { tenant, userId } = actingPartner(request.caller);
      if (userId === null) throw refused('forbidden', 'Programs have no password: log on.');
      const key = `${tenant}/${userId}`;
      users.begin(key, request.now);
      const input = { partnerUserId: userId, ...request.body };
      const handled = await handler.handle(changePassword, input, contextOf(request, undefined));
      users.succeeded(key);
      return done({ ...handled, answer: { userId } });
    },
  });
};
