/** A dealer with a topic, a bank that may see it, and an endpoint that answers as it is told, over the log in memory. */
import { randomUUID } from 'node:crypto';
import request from 'supertest';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { subscriptionAdminRoutes } from '../../../api/admin/subscriptions.js';
import { topicRoutes } from '../../../api/admin/topics.js';
import { subscriptionRoutes } from '../../../api/exchange/subscriptions.js';
import type { Route } from '../../../api/route.js';
import type { Handler } from '../../../commands/handle.js';
import type { Log } from '../../../commands/log.js';
import type { CallOut, Outcome } from '../../../commands/subscription/handshake.js';
import { createSubscriptionSecrets } from '../../../commands/subscription/secrets.js';
import { createSubscribing } from '../../../commands/subscription/subscribing.js';
import { createAskAndRecord } from '../../../commands/subscription/verifying.js';
import type { NewFact } from '../../../domain/fact.js';
import type { TenantId } from '../../../domain/ids.js';
import { createMemoryPersonalKeys } from '../../../platform/memory/personalKeys.js';
import { faultOfUrl } from '../../../platform/outbound/url.js';
import { now } from '../api/testApi.js';
import { joinPartner } from '../api/partnerDesk.js';
import { openTestShop, type TestShop } from '../api/testShop.js';

export const origin = 'kopilka.example';

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete';
type Call = Parameters<CallOut>[0];

export const answered = (status: number, headers: Record<string, string> = {}): Outcome => ({
  kind: 'answered',
  status,
  headers,
});

export interface SubscriptionShop {
  readonly shop: TestShop;
  /** Tokens. */
  readonly bank: string;
  readonly dealer: string;
  /** Questions that endpoints were asked. */
  readonly calls: readonly Call[];
  /** Lets so much time pass for whoever asks endpoints. */
  passMs(milliseconds: number): void;
  send(method: Method, path: string, body?: object, token?: string, key?: string): request.Test;
  admin(method: Method, path: string, body?: object): request.Test;
  /** @returns the token of another partner. */
  join(partnerId: string): Promise<string>;
  publish(count: number): Promise<void>;
}

export const openSubscriptionShop = async (
  endpoint: (call: Call) => Outcome,
  withRoutes: (handler: Handler, log: Log) => readonly Route[] = () => [],
): Promise<SubscriptionShop> => {
  const calls: Call[] = [];
  let elapsedMs = 0;
  const monotonicMs = () => elapsedMs;
  const callOut: CallOut = async (call) => {
    calls.push(call);
    return endpoint(call);
  };
  const secrets = createSubscriptionSecrets(createMemoryPersonalKeys());
  const shop = await openTestShop({
    withRoutes: (handler, log) => {
      const subscribing = createSubscribing({
        ...{ handler, secrets, faultOfUrl, unverified: false },
        askAndRecord: createAskAndRecord({ handler, secrets, callOut, origin, monotonicMs }),
        lastRevision: async (stream) => (await log.read(stream, 0, 1_000)).at(-1)?.revision ?? null,
      });
      return [
        ...partnerRoutes({ handler }),
        ...topicRoutes({ handler }),
        ...subscriptionRoutes({ handler, subscribing, secrets }),
        ...subscriptionAdminRoutes({ handler, secrets }),
        ...withRoutes(handler, log),
      ];
    },
  });

  const send = (method: Method, path: string, body?: object, token = bank, key = randomUUID()) => {
    const call = request(shop.app)
      [method](path)
      .set('authorization', `Bearer ${token}`)
      .set('idempotency-key', key);
    return body === undefined ? call : call.send(body);
  };
  const admin: SubscriptionShop['admin'] = (method, path, body) =>
    send(method, `/admin/v1${path}`, body, shop.owner);
  const join = async (partnerId: string): Promise<string> =>
    (await joinPartner(admin, partnerId)).token;
  const publish = async (count: number) => {
    const facts = Array.from({ length: count }, (): NewFact => ({
      id: randomUUID(),
      type: 'EventPublished',
      data: { partnerId: 'motor_house', publication: { id: 'a', source: '/', type: 'x' } },
      metadata: {
        ...{ tenant: 'demo' as TenantId, actor: { kind: 'partner', id: 'motor_house' } },
        ...{ correlationId: '', causationId: '', commandId: '', fingerprint: '' },
        ...{ occurredAt: new Date(now).toISOString(), schemaVersion: 1 },
      },
    }));
    await shop.log.append('publications-demo.cars_chosen', 'any', facts);
  };

  let bank = '';
  const dealer = await join('motor_house');
  bank = await join('city_bank');
  await admin('post', '/topics', {
    ...{ topicId: 'cars_chosen', owner: 'motor_house' },
    ...{ name: 'Cars chosen', description: '', classification: 'open' },
  }).expect(201);
  await admin('put', '/topics/cars_chosen/grants/city_bank', { history: 'all' }).expect(200);
  const passMs = (milliseconds: number) => void (elapsedMs += milliseconds);
  return { shop, bank, dealer, calls, passMs, send, admin, join, publish };
};
