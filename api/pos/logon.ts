/**
 * /pos/v1/logon: an operator's login and password for a token; and who a token belongs to.
 *
 * A login that does not exist takes as long as one with a wrong password. Guessing is slowed by login and by address, each on its
 * own, so neither one account nor one machine can be hammered.
 */
import { type Static, Type } from '@sinclair/typebox';
import { authenticateOperator } from '../../commands/authentication.js';
import {
  AppId,
  MerchantId,
  OperatorId,
  PointOfSaleId,
  TenantId,
  TillId,
} from '../../domain/ids.js';
import { Role } from '../../domain/operator/operator.js';
import { rejected } from '../../domain/rejected.js';
import { anyCredentials, everybody, ofProgramme } from '../auth/access.js';
import { createBackOff } from '../auth/backOff.js';
import type { Caller } from '../auth/caller.js';
import { route, type Route } from '../route.js';
import { Instant, instantOf } from '../wire.js';
import type { PosServices } from './services.js';

const Logon = Type.Object(
  {
    tenant: TenantId,
    login: OperatorId,
    password: Type.String({ minLength: 1, maxLength: 200, examples: ['correct horse battery'] }),
  },
  { additionalProperties: false, title: 'Logon' },
);

const LoggedOn = Type.Object(
  {
    token: Type.String({ description: 'Send it as `Authorization: Bearer …`' }),
    tokenType: Type.Literal('Bearer'),
    expiresAt: Instant,
  },
  { title: 'LoggedOn' },
);

const WhoAmI = Type.Object(
  {
    kind: Type.Union([Type.Literal('till'), Type.Literal('app'), Type.Literal('operator')]),
    tenant: TenantId,
    id: Type.String({ description: 'Of the till, the app or the operator' }),
    tillId: Type.Optional(TillId),
    appId: Type.Optional(AppId),
    merchantId: Type.Union([MerchantId, Type.Null()]),
    pointOfSaleId: Type.Optional(PointOfSaleId),
    merchant: Type.Optional(Type.String()),
    pointOfSale: Type.Optional(Type.String()),
    currency: Type.String(),
    roles: Type.Optional(Type.Array(Role)),
  },
  { title: 'WhoAmI' },
);

const perLogin = { free: 5, secondsMax: 300 } as const;
const perAddress = { free: 20, secondsMax: 60 } as const;

export const logonRoutes = ({ handler, operatorTokens }: PosServices): readonly Route[] => {
  const { directory } = handler;
  const logins = createBackOff(perLogin);
  const addresses = createBackOff(perAddress);

  const whoIs = (from: Caller): Static<typeof WhoAmI> => {
    const caller = ofProgramme(from);
    const { kind, tenant, actor } = caller;
    const currency = directory.tenant(tenant)?.currency ?? '';
    if (caller.kind === 'app') {
      return { kind, tenant, id: actor.id, appId: caller.appId, merchantId: null, currency };
    }
    const { merchantId } = caller;
    const merchant = merchantId === null ? undefined : directory.merchant(tenant, merchantId)?.name;
    const named = merchant === undefined ? {} : { merchant };
    if (caller.kind === 'operator') {
      return {
        kind,
        tenant,
        id: actor.id,
        merchantId,
        ...named,
        currency,
        roles: [...caller.roles],
      };
    }
    const { tillId, pointOfSaleId, appId } = caller;
    const pointOfSale = directory.pointOfSale(tenant, pointOfSaleId)?.name ?? '';
    const by = appId === null ? {} : { appId };
    return {
      kind,
      tenant,
      id: tillId,
      tillId,
      ...by,
      merchantId,
      ...named,
      pointOfSaleId,
      pointOfSale,
      currency,
    };
  };

  return [
    route({
      method: 'POST',
      path: '/pos/v1/logon',
      summary: 'Exchanges the login and password of an operator for a token',
      description: 'After a few failures in a row the login and the address must wait.',
      tags: ['Logon'],
      access: everybody,
      body: Logon,
      response: LoggedOn,
      problems: ['credentials-refused', 'rate-limited'],
      examples: {
        body: [
          {
            summary: 'The owner of the demonstration',
            value: { tenant: 'demo', login: 'owner', password: 'as printed at the start' },
          },
        ],
      },
      handle: async ({ body, now, address }) => {
        const { tenant, login, password } = body;
        const account = `${tenant}/${login}`;
        logins.begin(account, now);
        addresses.begin(address, now);
        const found = await authenticateOperator(directory, tenant, login, password);
        if (!found) throw rejected('credentials-refused');
        logins.succeeded(account);
        addresses.takeBack(address);
        const { operatorId, roles, merchantId } = found.caller;
        const { token, expiresAt } = await operatorTokens.issue(
          { tenant, operatorId, roles, merchantId },
          now,
        );
        return { body: { token, tokenType: 'Bearer' as const, expiresAt: instantOf(expiresAt) } };
      },
    }),
    route({
      method: 'GET',
      path: '/pos/v1/logon',
      summary: 'Who the token belongs to',
      tags: ['Logon'],
      access: anyCredentials,
      response: WhoAmI,
      handle: ({ caller }) => ({ body: whoIs(caller) }),
    }),
  ];
};
