/** Providers and routes over HTTP in one programme, as the product composes them, over the log in memory. */
import request from 'supertest';
import type { ReportedReceipt } from '../../../../commands/provider/receipts.js';
import { registerTenant } from '../../../../commands/registry/registerTenant.js';
import type { TenantId } from '../../../../domain/ids.js';
import { openProviders } from '../../../../platform/compose/providers.js';
import { createLogger } from '../../../../platform/logging.js';
import { operatorToken, testApi } from '../../api/testApi.js';
import { openHouse } from '../../commands/house.js';

export const demo = 'demo' as TenantId;
export const now = Date.parse('2026-03-01T12:00:00Z');

type Method = 'get' | 'post' | 'patch' | 'put';

export const openProviderShop = async () => {
  const house = openHouse(() => now);
  const taken: ReportedReceipt[] = [];
  const log = { isDown: false };
  const tenant = { name: 'demo', currency: 'EUR', gsrnPrefix: '8018000010' };
  await house.handler.handle(registerTenant, tenant, house.context());
  for (const role of ['owner', 'analyst']) {
    const operator = { operatorId: role, name: role, passwordHash: 'scrypt$', merchantId: null };
    const metadata = {
      ...({ tenant: demo, actor: { kind: 'system', id: 'test' }, correlationId: '' } as const),
      ...{ causationId: '', commandId: '', schemaVersion: 1, fingerprint: '' },
      occurredAt: new Date(now).toISOString(),
    };
    const data = { ...operator, roles: [role] };
    const { position } = await house.log.append(`operator-demo.${role}`, 'any', [
      { id: crypto.randomUUID(), type: 'OperatorRegistered', data, metadata },
    ]);
    await house.directory.waitFor(position, 1_000);
  }
  const routes = openProviders({
    config: { webhookPrivateNetworks: [] },
    ...{ handler: house.handler, personalKeys: house.keys, hasRole: () => true, now: () => now },
    logger: createLogger({ logLevel: 'silent', logFormat: 'json', logFile: '' }),
    takeReceipts: async (_tenant, _provider, receipts) => {
      if (log.isDown) throw new Error('the log does not answer');
      taken.push(...receipts);
    },
  });
  const { app, close } = testApi(routes, { directory: house.directory, now: () => now });
  return {
    ...{ house, app, taken, log },
    send: (method: Method, path: string, body?: object, who = 'owner') =>
      request(app)
        [method](path)
        .set({ authorization: `Bearer ${operatorToken(demo, who)}` })
        .send(body),
    close: async () => {
      close();
      await house.close();
    },
  };
};
export type ProviderShop = Awaited<ReturnType<typeof openProviderShop>>;
