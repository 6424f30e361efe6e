/**
 * A shop of the past: the POS and admin APIs of the product over the log in memory and real read models, with a clock that can be
 * set. A campaign holds from now on at the earliest, so one that is to hold for receipts of 2011 has to be scheduled in 2010.
 */
import { createServer, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type pg from 'pg';
import { campaignRoutes } from '../../../api/admin/campaigns.js';
import { campaignStepRoutes } from '../../../api/admin/campaignSteps.js';
import { productRoutes } from '../../../api/admin/products.js';
import { resultRoutes } from '../../../api/admin/results.js';
import { salesRoutes } from '../../../api/admin/sales.js';
import { createSegmentRefreshes } from '../../../api/admin/segmentRefreshes.js';
import { segmentRoutes } from '../../../api/admin/segments.js';
import { createReadModels } from '../../../api/pos/readModels.js';
import { posRoutes } from '../../../api/pos/routes.js';
import { connectHttp, type Http } from '../../../cli/http/http.js';
import { createPosReceiver } from '../../../cli/import/posReceiver.js';
import type { Receiver } from '../../../cli/import/receiver.js';
import type { ReceiptFormat } from '../../../cli/import/sourceLine.js';
import { createCloseAccount } from '../../../commands/customer/closeAccount.js';
import { createEnrolCustomer } from '../../../commands/customer/enrolCustomer.js';
import { createErasePerson } from '../../../commands/customer/erasePerson.js';
import { createAddMember } from '../../../commands/household/addMember.js';
import { createEraseMember } from '../../../commands/household/eraseMember.js';
import { createRemoveMember } from '../../../commands/household/removeMember.js';
import { createPersonalData } from '../../../commands/personalData.js';
import { registerMerchant } from '../../../commands/registry/registerMerchant.js';
import { registerOperator } from '../../../commands/registry/registerOperator.js';
import { registerPointOfSale } from '../../../commands/registry/registerPointOfSale.js';
import { registerTenant } from '../../../commands/registry/registerTenant.js';
import { registerTill } from '../../../commands/registry/registerTill.js';
import { setProgrammeRule } from '../../../commands/registry/setProgrammeRule.js';
import type { MerchantId, OperatorId, PointOfSaleId, TenantId } from '../../../domain/ids.js';
import type { ProgrammeRule } from '../../../domain/programme/rule.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { allProjections } from '../../../projections/all.js';
import { fill, headOf } from '../../../projections/fill.js';
import { openProjection, type Opened } from '../../../projections/open.js';
import { createWaiting } from '../../../projections/waiting.js';
import { rule as plain } from '../../unit/account/spec.js';
import { operatorToken, testApi } from '../../unit/api/testApi.js';
import { demo, type House, openHouse } from '../../unit/commands/house.js';

export const tenant = demo;
export const gsrnPrefix = '8018000010';

/** One point for every pound; nothing is ever spent by an import. */
export const rule: ProgrammeRule = {
  ...plain,
  earn: { points: 100, per: 100 },
  activationDelayDays: 0,
  lifetimeDays: null,
  clawback: 'withinBalance',
};

const [merchantId, pointOfSaleId] = [1 as MerchantId, 10 as PointOfSaleId];

export interface PastShop {
  readonly house: House;
  readonly pool: pg.Pool;
  setClock(ms: number): void;
  /** As a manager. @throws Problem */
  send<Body = unknown>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object): Promise<Body>;
  /** The importer's own, over the POS API. */
  receiver(format: ReceiptFormat): Receiver;
  /** Brings the read models to the end of the log. */
  catchUp(): Promise<void>;
  close(): Promise<void>;
}

export const openPastShop = async (pool: pg.Pool, startMs: number): Promise<PastShop> => {
  let clock = startMs;
  const house = openHouse(() => clock);
  const { handler, directory } = house;
  const { signal } = new AbortController();
  const token = await founded(house, tenant);
  const targets: Opened[] = [];
  for (const projection of allProjections) targets.push(await openProjection(pool, projection));
  const waiting = createWaiting({ pool });
  const personalData = createPersonalData(createMemoryPersonalKeys());
  const { app, lines, close } = testApi(
    [
      ...posRoutes({
        ...{ handler, personalData, enrolCustomer: createEnrolCustomer(handler, personalData) },
        closeAccount: createCloseAccount(handler),
        erasePerson: createErasePerson(handler, personalData),
        addMember: createAddMember(handler, personalData),
        removeMember: createRemoveMember(handler),
        eraseMember: createEraseMember(handler, personalData),
        queries: createReadModels({ pool, waiting }),
        operatorTokens: { issue: () => ({ token: '', expiresAt: 0 }) },
      }),
      ...productRoutes({ handler }),
      ...campaignRoutes({ handler }),
      ...campaignStepRoutes({ handler }),
      ...resultRoutes({ pool, waiting }),
      ...salesRoutes({ pool, waiting }),
      ...segmentRoutes({
        ...{ handler, pool, waiting },
        segmentRefreshes: createSegmentRefreshes({
          refresh: () => Promise.reject(new Error('nothing is refreshed here')),
          now: () => clock,
        }),
      }),
    ],
    { directory, now: () => clock },
  );
  const server = createServer((request, response) => {
    lines.length = 0; // a log of half a million receipts is of no use here
    app(request, response);
  });
  const http = await connectedTo(server);

  return {
    house,
    pool,
    setClock: (ms) => void (clock = ms),
    send: async <Body>(method: 'GET' | 'POST' | 'PUT', path: string, body?: object) => {
      const call = { method, path: `/admin/v1${path}`, ...(body && { body }) };
      const answer = await http.send<Body>({
        ...call,
        token: operatorToken(tenant, 'manager', clock + 60_000),
      });
      return answer.body;
    },
    receiver: (format) => createPosReceiver({ http, tillToken: token, format, gsrnPrefix }),
    catchUp: async () => {
      const until = { position: await headOf(house.log) };
      await fill({ feed: house.log, pool, targets, until, signal });
    },
    close: async () => {
      http.close();
      await new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      });
      close();
      waiting.close();
      await house.close();
    },
  };
};

const connectedTo = async (server: HttpServer): Promise<Http> => {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return connectHttp(`http://127.0.0.1:${port}`, { connections: 8 });
};

/** A programme with one shop and a manager. The token of its till. */
const founded = async ({ handler, context }: House, of: TenantId): Promise<string> => {
  const named = { name: of, currency: 'GBP', gsrnPrefix };
  await handler.handle(registerTenant, named, context());
  await handler.handle(setProgrammeRule, { rule }, context());
  const merchant = { merchantId, name: 'Online Retail', timeZone: 'UTC' };
  await handler.handle(registerMerchant, merchant, context());
  const shop = { merchantId, pointOfSaleId, name: 'Online Retail' };
  await handler.handle(registerPointOfSale, shop, context());
  const till = { merchantId, pointOfSaleId, name: 'Import' };
  const { answer } = await handler.handle(registerTill, till, context());
  const manager = { operatorId: 'manager' as OperatorId, name: 'Manager' };
  const password = 'a long enough password';
  const roles = ['manager' as const];
  await handler.handle(registerOperator, { ...manager, password, roles }, context());
  return answer.token ?? '';
};
