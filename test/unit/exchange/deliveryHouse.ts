/** A shop with a dealer's topic and a bank that may see it: what is told of its deliveries, over a log and records in memory. */
import { randomUUID } from 'node:crypto';
import request, { type Test } from 'supertest';
import { deliveryAdminRoutes } from '../../../api/admin/deliveries.js';
import { createEndpointLook } from '../../../api/admin/endpointLook.js';
import { topicOverviewRoutes } from '../../../api/admin/topicOverview.js';
import { endpointRoutes } from '../../../api/admin/endpoints.js';
import { partnerRoutes } from '../../../api/admin/partners.js';
import { topicRoutes } from '../../../api/admin/topics.js';
import { attemptRoutes } from '../../../api/exchange/attempts.js';
import {
  createHandoversOf,
  handoverAdminRoutes,
  handoverRoutes,
} from '../../../api/exchange/handovers.js';
import { createOutcomeOf } from '../../../api/exchange/outcomes.js';
import { recipientAdminRoutes, recipientRoutes } from '../../../api/exchange/recipients.js';
import { createDeliveryOrders } from '../../../commands/delivery/ordering.js';
import { webhookIdOf } from '../../../commands/delivery/webhookId.js';
import type { Log } from '../../../commands/log.js';
import type { Attempt, DeliveryEvent } from '../../../domain/delivery/events.js';
import type { NewFact } from '../../../domain/fact.js';
import type { SubscriptionId, TenantId } from '../../../domain/ids.js';
import type { SubscriptionEvent } from '../../../domain/subscription/events.js';
import type { DocumentFields } from '../../../projections/documents/documentProjection.js';
import { handovers as handoverModel } from '../../../projections/handovers/handovers.js';
import type { FoundHandover, HandoverSearches } from '../../../projections/handovers/search.js';
import { ProjectionBehind } from '../../../projections/waiting.js';
import type { AttemptSearches } from '../../../projections/attempts/search.js';
import { DocumentsNotReady } from '../../../projections/documents/reading.js';
import { now } from '../api/testApi.js';
import { joinPartner } from '../api/partnerDesk.js';
import { openTestShop, type TestShop } from '../api/testShop.js';

export const tenant = 'demo' as TenantId;
export const hour = 3_600_000;
export const streamOf = (id: string) => `deliveries-demo.${id}`;

export const attemptAt = (id: string, place: number, more: Partial<Attempt> = {}): Attempt => ({
  webhookId: webhookIdOf(streamOf(id), [place]),
  places: [place],
  ids: [`e${place}`],
  attempt: 1,
  cause: 'first',
  startedAt: now + 1_000,
  ms: 20,
  outcome: 'delivered',
  status: 204,
  request: { url: 'https://bank.example/hooks', headers: ['webhook-id'], bytes: 10 },
  ...more,
});
export const failure = (id: string, place: number, more: Partial<Attempt> = {}): Attempt =>
  attemptAt(id, place, {
    ...{ outcome: 'retry', status: 500, next: now + hour },
    error: { code: 'status', text: 'it answered 500' },
    response: { headers: {}, body: 'out of order' },
    ...more,
  });

/** The attempts in the log, as the searches know them. */
const searchesOf = (log: Log): AttemptSearches => ({
  reach: async () => undefined,
  attempts: async ({ subscriptions, webhookId, place, outcome, status, limit }) => {
    const found = [];
    for (const subscriptionId of subscriptions) {
      for (const { type, data } of await log.read(streamOf(subscriptionId), 0, 1_000)) {
        if (type !== 'DeliveriesAttempted') continue;
        for (const attempt of (data as { attempts: Attempt[] }).attempts) {
          if (webhookId !== undefined && attempt.webhookId !== webhookId) continue;
          if (place !== undefined && !attempt.places.includes(place)) continue;
          if (outcome !== undefined && attempt.outcome !== outcome) continue;
          if (status !== undefined && attempt.status !== status) continue;
          found.unshift({ ...attempt, subscriptionId });
        }
      }
    }
    return { rows: found.slice(0, limit), next: null, keptFrom: null };
  },
});

/** The handovers in the log, as the read model has them; pages of `after` so many. */
const handoverSearchesOf = (log: Log): HandoverSearches => ({
  reach: async () => undefined,
  handovers: async ({ topicId, place, at = Infinity, limit, after = '0' }) => {
    const documents = new Map<string, DocumentFields>();
    for (const fact of await log.read(`handovers-demo.${topicId}`, 0, 1_000)) {
      for (const { id, apply } of handoverModel.changesOf(fact)) {
        documents.set(id, apply(documents.get(id)) as DocumentFields);
      }
    }
    const rows = [...documents.values()].flatMap((document): FoundHandover[] => {
      const runs = document['runs'] as {
        first: number;
        last: number;
        firstAt: Date;
        lastAt: Date;
      }[];
      const run = runs.find(({ first, last }) => first <= place && place <= last);
      if (!run || run.firstAt.getTime() > at) return [];
      const { partnerId, way, by } = document as unknown as FoundHandover;
      return [{ partnerId, way, by, firstAt: run.firstAt.getTime(), lastAt: run.lastAt.getTime() }];
    });
    const end = Number(after) + limit;
    const next = end < rows.length ? String(end) : null;
    return { rows: rows.slice(Number(after), end), next, keptFrom: null };
  },
});

export interface DeliveryHouse {
  readonly shop: TestShop;
  /** Tokens. */
  readonly bank: string;
  readonly dealer: string;
  readonly send: (method: Method, path: string, token: string, body?: object) => Test;
  /** As the owner of the programme. */
  readonly admin: (method: Method, path: string, body?: object) => Test;
  /** @returns a token of the new partner. */
  readonly join: (partnerId: string) => Promise<string>;
  readonly record: (
    stream: string,
    ...events: { readonly type: string; readonly data: unknown }[]
  ) => Promise<void>;
  readonly delivered: (id: string, ...events: DeliveryEvent[]) => Promise<void>;
  /** The bank, to the topic of cars. */
  readonly subscribe: (id: string, ...then: SubscriptionEvent[]) => Promise<void>;
  readonly publish: (count: number) => Promise<void>;
  /** What is read of documents is behind from now on. */
  readonly fallBehind: () => void;
  readonly catchUp: () => void;
}

type Method = 'get' | 'post' | 'put';

export const openDeliveryHouse = async (): Promise<DeliveryHouse> => {
  let documentsReady = true;
  const shop = await openTestShop({
    withRoutes: (handler, log) => {
      const { directory } = handler;
      const all = searchesOf(log);
      const searches: AttemptSearches = {
        ...all,
        attempts: async (search) => {
          if (!documentsReady) throw new DocumentsNotReady('attempts');
          return all.attempts(search);
        },
      };
      const orders = createDeliveryOrders({
        ...{ log, directory, snapshots: { load: async () => null } },
        lastRevision: async (stream) =>
          (await log.read(stream, 0, 10_000)).at(-1)?.revision ?? null,
      });
      const history = {
        stream: async (
          name: string,
          asked: { direction: string; from: number | null; limit: number },
        ) => {
          const facts = await log.read(name, 0, 10_000);
          const { direction, from, limit } = asked;
          if (direction === 'backwards') return { facts: facts.slice(-limit), next: null };
          const page = facts.slice(from ?? 0, (from ?? 0) + limit);
          const next = (from ?? 0) + limit;
          return { facts: page, next: next < facts.length ? next : null };
        },
      };
      const outcomeOf = createOutcomeOf({ directory, orders, searches, history });
      const known = handoverSearchesOf(log);
      const handoversOf = createHandoversOf({
        history,
        keptDays: 0,
        searches: {
          reach: async (position) => {
            if (!documentsReady) throw new ProjectionBehind('handovers', position, 1);
          },
          handovers: (search) => known.handovers(search),
        },
      });
      const services = { directory, log, searches, orders, outcomeOf, handoversOf };
      const recent = async (_tenant: TenantId, subscriptionId: SubscriptionId) => {
        const { rows } = await all.attempts({
          ...{ tenant, subscriptions: [subscriptionId], limit: 100, deadlineMs: 1 },
        });
        const arrived = rows.filter(({ outcome }) => outcome === 'delivered').length;
        const figures = { lastStatus: rows[0]?.status ?? null, lastError: null };
        const times = { firstAt: now, lastAt: now, medianMs: 20, p95Ms: 20 };
        return rows.length === 0
          ? null
          : { attempts: rows.length, delivered: arrived, ...figures, ...times };
      };
      const look = createEndpointLook({ directory, orders, recent });
      return [
        ...partnerRoutes({ handler }),
        ...topicRoutes({ handler }),
        ...attemptRoutes(services),
        ...recipientRoutes(services),
        ...deliveryAdminRoutes(services),
        ...recipientAdminRoutes(services),
        ...handoverRoutes(services),
        ...handoverAdminRoutes(services),
        ...endpointRoutes({ directory, look }),
        ...topicOverviewRoutes({ directory, look, history }),
      ];
    },
  });
  const send = (method: Method, path: string, token: string, body?: object) => {
    const call = request(shop.app)
      [method](path)
      .set('authorization', `Bearer ${token}`)
      .set('idempotency-key', randomUUID());
    return body === undefined ? call : call.send(body);
  };
  const admin = (method: Method, path: string, body?: object) =>
    send(method, `/admin/v1${path}`, shop.owner, body);

  const join = async (partnerId: string): Promise<string> =>
    (await joinPartner(admin, partnerId)).token;

  const record = async (stream: string, ...events: { type: string; data: unknown }[]) => {
    const facts = events.map((event): NewFact => ({
      id: randomUUID(),
      ...event,
      metadata: {
        ...{ tenant, actor: { kind: 'worker', id: 'test' }, correlationId: '', causationId: '' },
        ...{ commandId: '', fingerprint: '', schemaVersion: 1 },
        occurredAt: new Date(now).toISOString(),
      },
    }));
    const { position } = await shop.log.append(stream, 'any', facts);
    await shop.handler.directory.waitFor(position, 1_000).catch(() => undefined);
  };
  const delivered = (id: string, ...events: DeliveryEvent[]) => record(streamOf(id), ...events);
  const subscribe = (id: string, ...then: SubscriptionEvent[]) =>
    record(
      `subscription-demo.${id}`,
      {
        type: 'SubscriptionCreated',
        data: {
          ...{ subscriptionId: id, partnerId: 'bank', topicId: 'cars', mode: 'structured' },
          ...{ endpoint: { url: `https://bank.example/${id}` }, signing: ['v1'], concurrency: 8 },
          ...{ order: { by: 'none' }, from: { kind: 'place', after: null }, verification: 'none' },
        },
      },
      ...then,
    );
  const publish = (count: number) =>
    record(
      'publications-demo.cars',
      ...Array.from({ length: count }, (_, i) => ({
        type: 'EventPublished',
        data: { partnerId: 'dealer', publication: { id: `e${i}`, source: '/', type: 'x' } },
      })),
    );

  const dealer = await join('dealer');
  const bank = await join('bank');
  const about = { name: 'Cars', description: '', classification: 'open' };
  await admin('post', '/topics', { topicId: 'cars', owner: 'dealer', ...about }).expect(201);
  await admin('put', '/topics/cars/grants/bank', { history: 'all' }).expect(200);
  const fallBehind = (): void => void (documentsReady = false);
  const catchUp = (): void => void (documentsReady = true);
  return {
    shop,
    bank,
    dealer,
    send,
    admin,
    join,
    record,
    delivered,
    subscribe,
    publish,
    fallBehind,
    catchUp,
  };
};
