/**
 * The POS API over the log in memory: the real commands, the real routes; only questions to Postgres are left to the integration
 * tests and fail loudly here.
 */
import type { Express } from 'express';
import request from 'supertest';
import type { VerifyToken } from '../../../api/auth/authenticate.js';
import { posRoutes } from '../../../api/pos/routes.js';
import type { PosQueries } from '../../../api/pos/queries.js';
import type { Route } from '../../../api/route.js';
import type { ApiLimits } from '../../../api/server.js';
import { createCloseAccount } from '../../../commands/customer/closeAccount.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createErasePerson } from '../../../commands/customer/erasePerson.js';
import { createAddMember } from '../../../commands/household/addMember.js';
import { createEraseMember } from '../../../commands/household/eraseMember.js';
import { createRemoveMember } from '../../../commands/household/removeMember.js';
import type { Handler } from '../../../commands/handle.js';
import type { Log } from '../../../commands/log.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { registerApp } from '../../../commands/registry/registerApp.js';
import { registerMerchant } from '../../../commands/registry/registerMerchant.js';
import { registerOperator } from '../../../commands/registry/registerOperator.js';
import { registerPointOfSale } from '../../../commands/registry/registerPointOfSale.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { registerTill } from '../../../commands/registry/registerTill.js';
import { setProgrammeRule } from '../../../commands/registry/setProgrammeRule.js';
import type {
  AppId,
  MerchantId,
  OperatorId,
  PointOfSaleId,
  TenantId,
  TillId,
} from '../../../domain/ids.js';
import { rule } from '../account/spec.js';
import { type House, openHouse } from '../commands/house.js';
import { type LoggedLine, now, operatorToken, testApi } from './testApi.js';

const noReadModels = new Proxy({} as PosQueries, {
  get: (_target, name) => () => {
    throw new Error(`${String(name)} asks Postgres: test it in test/integration`);
  },
});

export interface TestShop {
  readonly app: Express;
  readonly routes: readonly Route[];
  readonly lines: readonly LoggedLine[];
  readonly userId: string;
  /** Tokens of tills: two of merchant 1, one of merchant 2, one of another programme; an app of each programme. */
  readonly tokens: Readonly<
    Record<'till' | 'other' | 'foreign' | 'stranger' | 'app' | 'strangerApp', string>
  >;
  readonly owner: string;
  readonly password: string;
  readonly types: () => string[];
  readonly handler: Handler;
  readonly log: House['log'];
  post(path: string, body: string | object, token?: string): request.Test;
  close(): Promise<void>;
}

export const password = 'a long enough password';

/** Of the password at a cost of long ago: hashing takes a tenth of a second by intention, and hundreds of shops have this owner. */
const passwordHash =
  'scrypt$N=1024,r=8,p=1$AAAAAAAAAAAAAAAAAAAAAA$7Mf5ri9FbNTokKWrOfaqml47xPx8Y495DuA1TCAf_rk';

const registerOwner: typeof registerOperator = {
  ...registerOperator,
  lookUp: async () => ({ passwordHash }),
};

export const openTestShop = async (
  options: {
    readonly limits?: Partial<ApiLimits>;
    readonly withOwner?: boolean;
    readonly verifyToken?: VerifyToken;
    /** Besides those of tills. */
    readonly withRoutes?: (handler: Handler, log: Log, keys: House['keys']) => readonly Route[];
  } = {},
): Promise<TestShop> => {
  const house = openHouse(() => now);
  const { handler, directory } = house;
  const personalData = createPersonalData(house.keys);
  const enrolCustomer = createEnrolCustomer(handler, personalData);

  const programme = async (tenant: TenantId) => {
    const context = () => house.context({ tenant, now });
    const named = { name: tenant, currency: 'GBP', gsrnPrefix: '8018000010' };
    await handler.handle(registerTenant, named, context());
    await handler.handle(setProgrammeRule, { rule }, context());
    for (const id of [1, 2]) {
      const merchantId = id as MerchantId;
      const pointOfSaleId = (id * 10) as PointOfSaleId;
      await handler.handle(
        registerMerchant,
        { merchantId, name: `Merchant ${id}`, timeZone: 'UTC' },
        context(),
      );
      await handler.handle(
        registerPointOfSale,
        { merchantId, pointOfSaleId, name: 'Shop' },
        context(),
      );
    }
    const till = async (tillId: string, id: number): Promise<string> => {
      const place = { merchantId: id as MerchantId, pointOfSaleId: (id * 10) as PointOfSaleId };
      const input = { tillId: tillId as TillId, ...place, name: tillId };
      return (await handler.handle(registerTill, input, context())).answer.token ?? '';
    };
    const app = await handler.handle(
      registerApp,
      { appId: 'app1' as AppId, name: 'App' },
      context(),
    );
    return { context, till, app: app.answer.token ?? '' };
  };

  const demo = await programme('demo' as TenantId);
  const strange = await programme('strange' as TenantId);
  const operatorId = 'owner' as OperatorId;
  if (options.withOwner !== false) {
    const owner = { operatorId, name: 'Owner', password, roles: ['owner' as const] };
    await handler.handle(registerOwner, owner, demo.context());
  }
  const tokens = {
    till: await demo.till('till1', 1),
    other: await demo.till('till2', 1),
    foreign: await demo.till('till3', 2),
    stranger: await strange.till('till1', 1),
    app: demo.app,
    strangerApp: strange.app,
  };
  const { userId } = (await enrolCustomer({}, demo.context())).answer;

  const owner = operatorToken('demo' as TenantId, 'owner');
  const routes = posRoutes({
    handler,
    personalData,
    enrolCustomer,
    closeAccount: createCloseAccount(handler),
    erasePerson: createErasePerson(handler, personalData),
    addMember: createAddMember(handler, personalData),
    removeMember: createRemoveMember(handler),
    eraseMember: createEraseMember(handler, personalData),
    queries: noReadModels,
    operatorTokens: {
      issue: ({ tenant, operatorId: id }, at) => {
        const expiresAt = at + 60_000;
        return { token: operatorToken(tenant, id, expiresAt), expiresAt };
      },
    },
  });
  const { app, lines, close } = testApi(
    [...routes, ...(options.withRoutes?.(handler, house.log, house.keys) ?? [])],
    {
      directory,
      ...(options.limits ? { limits: options.limits } : {}),
      ...(options.verifyToken ? { verifyToken: options.verifyToken } : {}),
    },
  );
  return {
    app,
    routes,
    lines,
    userId,
    tokens,
    owner,
    password,
    types: house.types,
    handler,
    log: house.log,
    post: (path, body, token = tokens.till) =>
      request(app)
        .post(`/pos/v1${path}`)
        .set('authorization', `Bearer ${token}`)
        .set('content-type', 'application/json')
        .send(body),
    close: async () => {
      close();
      await house.close();
    },
  };
};
