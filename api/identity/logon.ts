/**
 * /auth/logon and /auth/password: people of partners. An e-mail and a password for a token; a code for a password.
 *
 * As with operators, a login that does not exist takes as long as one with a wrong password, and guessing is slowed by login and by
 * address, each on its own.
 */
import { randomUUID } from 'node:crypto';
import { Type } from '@sinclair/typebox';
import { authenticatePartnerUser } from '../../commands/partnerAuthentication.js';
import { codePattern, parseCode } from '../../commands/partnerUser/code.js';
import { setPasswordByCode } from '../../commands/partnerUser/setPassword.js';
import { Password } from '../../commands/registry/registerOperator.js';
import { PartnerId, PartnerUserId, TenantId } from '../../domain/ids.js';
import { PartnerRoles } from '../../domain/partner/role.js';
import { rejected } from '../../domain/rejected.js';
import { everybody } from '../auth/access.js';
import { createBackOff } from '../auth/backOff.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import type { IdentityServices } from './services.js';

const Logon = Type.Object(
  {
    tenant: TenantId,
    partnerId: PartnerId,
    email: Type.String({ minLength: 3, maxLength: 254, examples: ['anna.weber@citybank.example'] }),
    password: Type.String({ minLength: 1, maxLength: 200, format: 'password' }),
  },
  { additionalProperties: false, title: 'PartnerLogon' },
);

const LoggedOn = Type.Object(
  {
    token: Type.String({ description: 'Send it as `Authorization: Bearer …`' }),
    tokenType: Type.Literal('Bearer'),
    expiresAt: Instant,
    userId: PartnerUserId,
    partnerId: PartnerId,
    roles: PartnerRoles,
  },
  { title: 'PartnerLoggedOn' },
);

const CodeAndPassword = Type.Object(
  {
    code: Type.String({
      pattern: codePattern,
      description: 'Of the invitation or the reset',
      examples: [`kpu.demo.pu0123456789abcdef0123.${'x'.repeat(43)}`],
    }),
    password: Password,
  },
  { additionalProperties: false, title: 'CodeAndPassword' },
);

const perLogin = { free: 5, secondsMax: 300 } as const;
const perAddress = { free: 20, secondsMax: 60 } as const;

export const logonRoutes = ({ handler, personalData, tokens }: IdentityServices): Route[] => {
  const { directory } = handler;
  const logins = createBackOff(perLogin);
  const addresses = createBackOff(perAddress);
  return [
    route({
      method: 'POST',
      path: '/auth/logon',
      summary: 'Exchanges the e-mail and password of a user of a partner for a token',
      description: 'After a few failures in a row the login and the address must wait.',
      tags: ['Identity'],
      access: everybody,
      body: Logon,
      response: LoggedOn,
      problems: ['credentials-refused', 'rate-limited'],
      examples: {
        body: [
          {
            summary: 'Somebody of a bank',
            value: {
              tenant: 'demo',
              partnerId: 'city_bank',
              email: 'anna.weber@citybank.example',
              password: 'as she chose it',
            },
          },
        ],
      },
      handle: async ({ body, now, address }) => {
        const { tenant, partnerId, email } = body;
        // As the person is found: another spelling of the same name is no other name.
        const login = `${tenant}/${partnerId}/${email.trim().normalize('NFKC').toLowerCase()}`;
        logins.begin(login, now);
        addresses.begin(address, now);
        const user = await authenticatePartnerUser(directory, personalData, body);
        if (!user) throw rejected('credentials-refused');
        logins.succeeded(login);
        addresses.takeBack(address);
        const { partnerUserId: userId, roles, session } = user;
        const holder = { tenant, partnerId, userId, session, roles };
        const { token, expiresAt } = await tokens.issueToPartner(holder, now);
        const shown = { tokenType: 'Bearer' as const, expiresAt: instantOf(expiresAt) };
        return { body: { token, ...shown, userId, partnerId, roles: [...roles] } };
      },
    }),
    route({
      method: 'POST',
      path: '/auth/password',
      summary: 'Sets a password by the code of an invitation or a reset, once',
      tags: ['Identity'],
      access: everybody,
      body: CodeAndPassword,
      command: setPasswordByCode.name,
      response: Type.Object({ userId: PartnerUserId, partnerId: PartnerId }),
      problems: ['invitation-refused', 'rate-limited'],
      handle: async ({ body, now, address, correlationId }) => {
        addresses.begin(address, now);
        const { tenant, partnerUserId, secret } = parseCode(body.code);
        const user = directory.partnerUsers.user(tenant, partnerUserId);
        if (!user) throw rejected('invitation-refused');
        const { partnerId } = user;
        const { password } = body;
        const { position } = await handler.handle(
          setPasswordByCode,
          { partnerUserId, secret, password },
          {
            tenant,
            actor: { kind: 'partner', id: `${partnerId}/${partnerUserId}` },
            now,
            // A code is good once, also for whoever sends the same twice.
            idempotencyKey: randomUUID(),
            correlationId,
          },
        );
        addresses.takeBack(address);
        return { body: { userId: partnerUserId, partnerId }, position };
      },
    }),
  ];
};
