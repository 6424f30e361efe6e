/**
 * An exchange without its API, for tests of delivery: a real log on a real PostgreSQL, a dealer with a topic, and banks that subscribe.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { ledgerKey, readLedger } from '../../../commands/delivery/ledgers.js';
import type { Log } from '../../../commands/log.js';
import { createSubscriptionSecrets } from '../../../commands/subscription/secrets.js';
import type { Ledger } from '../../../domain/delivery/ledger.js';
import type { Fact, NewFact } from '../../../domain/fact.js';
import type { PartnerId, SubscriptionId, TenantId, TopicId } from '../../../domain/ids.js';
import { partnerStream } from '../../../domain/partner/partner.js';
import { type Publication, publicationsStream } from '../../../domain/publication/publication.js';
import { eventDefinitions } from '../../../domain/registry.js';
import { type SubscriptionTerms, subscriptionStream } from '../../../domain/subscription/events.js';
import { tenantStream } from '../../../domain/tenant/tenant.js';
import { topicAccessStream } from '../../../domain/topic/access.js';
import { topicStream } from '../../../domain/topic/topic.js';
import { startEventStoreThread } from '../../../embedded/eventstore/startThread.js';
import { startPostgres } from '../../../embedded/postgres/startPostgres.js';
import { type Deliveries, createDeliveries } from '../../../platform/compose/deliveries.js';
import { connect, createLog, disconnect } from '../../../platform/eventstore/client.js';
import { createCodec } from '../../../platform/eventstore/codec.js';
import { createFeed } from '../../../platform/eventstore/feed.js';
import { rangeOf } from '../../../platform/outbound/addresses.js';
import { createGuardedClient } from '../../../platform/outbound/guardedClient.js';
import { migrate } from '../../../platform/postgres/migrate.js';
import { createPostgresPersonalKeys } from '../../../platform/postgres/personalKeys.js';
import { createPool, type PostgresConfig } from '../../../platform/postgres/pool.js';
import type { Feed } from '../../../projections/feed.js';
import type { DispatcherOptions } from '../../../workers/webhook/dispatcher.js';

export const tenant = 'demo' as TenantId;
export const dealer = 'motor_house' as PartnerId;
export const topicId = 'cars_chosen' as TopicId;

/** What a process that delivers needs to know. */
export interface DeliverySettings {
  readonly connectionString: string;
  readonly postgres: PostgresConfig;
  readonly tuning: Partial<Pick<DispatcherOptions, 'limits' | 'delays' | 'leaseMs'>>;
}

export interface Delivering {
  readonly deliveries: Deliveries;
  readonly failures: unknown[];
  readonly latencies: number[];
  stop(): Promise<void>;
}

/** Delivers in this process, to loopback too. */
export const deliver = (settings: DeliverySettings): Delivering => {
  const client = connect(settings.connectionString);
  const codec = createCodec(eventDefinitions);
  const failures: unknown[] = [];
  const latencies: number[] = [];
  const pool = createPool(settings.postgres, {
    applicationName: 'deliveries',
    onIdleError: (error) => failures.push(error),
  });
  const opened = [rangeOf('127.0.0.0/8')];
  const deliveries = createDeliveries({
    log: createLog(client, codec),
    feed: createFeed(client, codec),
    pool,
    openDialler: (connectionsMax) => createGuardedClient({ opened, connectionsMax }),
    measures: { attempted: () => undefined, latency: (ms) => latencies.push(ms) },
    owner: randomUUID(),
    now: Date.now,
    onFailed: (error) => failures.push(error),
    tuning: settings.tuning,
  });
  const stopping = new AbortController();
  const running = deliveries.run(stopping.signal).catch((error: unknown) => failures.push(error));
  let stopped: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    stopping.abort();
    await running;
    await pool.end();
    await disconnect(client);
  };
  return { deliveries, failures, latencies, stop: () => (stopped ??= stop()) };
};

export interface Exchange {
  readonly settings: DeliverySettings;
  readonly log: Log;
  readonly feed: Feed;
  readonly pool: pg.Pool;
  append(stream: string, type: string, data: unknown): Promise<void>;
  partner(id: string): Promise<PartnerId>;
  revoke(id: PartnerId): Promise<void>;
  subscribe(
    id: string,
    url: string,
    terms?: Partial<SubscriptionTerms>,
  ): Promise<SubscriptionTerms & { readonly secret: string }>;
  publish(publications: readonly Publication[]): Promise<void>;
  ledger(terms: SubscriptionTerms): Promise<Ledger>;
  facts(terms: SubscriptionTerms): Promise<Fact[]>;
  stop(): Promise<void>;
}

const quiet = (): void => undefined;
const logger = { debug: quiet, info: quiet, warn: quiet, error: quiet };

const factOf = (type: string, data: unknown): NewFact => {
  const id = randomUUID();
  return {
    id,
    type,
    data,
    metadata: {
      tenant,
      actor: { kind: 'system', id: 'test' },
      ...{ correlationId: id, causationId: id, commandId: id, fingerprint: '' },
      occurredAt: new Date().toISOString(),
      schemaVersion: 1,
    },
  };
};

/** @param tuning of whoever delivers. */
export const startExchange = async (tuning: DeliverySettings['tuning'] = {}): Promise<Exchange> => {
  const folder = mkdtempSync(join(tmpdir(), 'kopilka-delivery-'));
  const server = await startPostgres({ dataDir: join(folder, 'postgres'), logger });
  await server.ensureDatabase('log');
  await server.ensureDatabase('models');
  await migrate(server.connection('models'), { logger });
  const node = await startEventStoreThread({
    postgres: server.connection('log'),
    host: '127.0.0.1',
    port: 0,
  });
  const client = connect(node.connectionString);
  const codec = createCodec(eventDefinitions);
  const log = createLog(client, codec);
  const pool = createPool(server.connection('models'), {
    applicationName: 'test',
    onIdleError: quiet,
  });
  const secrets = createSubscriptionSecrets(createPostgresPersonalKeys(pool));
  const append = async (stream: string, type: string, data: unknown): Promise<void> =>
    void (await log.append(stream, 'any', [factOf(type, data)]));

  const partner = async (id: string): Promise<PartnerId> => {
    const partnerId = id as PartnerId;
    await append(partnerStream(tenant, partnerId), 'PartnerRegistered', { partnerId, name: id });
    if (partnerId === dealer) return partnerId;
    const access = { partnerId, history: 'all' };
    await append(topicAccessStream(tenant, topicId), 'TopicAccessGranted', access);
    return partnerId;
  };
  await append(tenantStream(tenant), 'TenantRegistered', {
    ...{ tenantId: tenant, name: 'Demo', currency: 'EUR', gsrnPrefix: '8018000010' },
  });
  await partner(dealer);
  await append(topicStream(tenant, topicId), 'TopicCreated', {
    ...{ topicId, owner: dealer, name: 'Cars', description: '', classification: 'open' },
  });

  return {
    settings: {
      connectionString: node.connectionString,
      postgres: server.connection('models'),
      tuning,
    },
    ...{ log, feed: createFeed(client, codec), pool, append, partner },
    revoke: (partnerId) =>
      append(topicAccessStream(tenant, topicId), 'TopicAccessRevoked', { partnerId, reason: 'x' }),
    subscribe: async (id, url, given = {}) => {
      const partnerId = given.partnerId ?? (await partner(`bank_${id}`));
      const terms: SubscriptionTerms = {
        subscriptionId: `sub_${id}` as SubscriptionId,
        ...{ partnerId, topicId, endpoint: { url }, mode: 'structured', signing: ['v1'] },
        ...{ order: { by: 'none' }, concurrency: 8, from: { kind: 'place', after: null } },
        verification: 'none',
        ...given,
      };
      const stream = subscriptionStream(tenant, terms.subscriptionId);
      await append(stream, 'SubscriptionCreated', terms);
      const secretive = { ...terms, tenant, secretVersion: 1, overlap: null };
      const [shown] = await secrets.shown(secretive, Date.now());
      return { ...terms, secret: shown?.v1 ?? shown?.v1a ?? '' };
    },
    publish: async (publications) => {
      const facts = publications.map((publication) =>
        factOf('EventPublished', { partnerId: dealer, publication }),
      );
      await log.append(publicationsStream(tenant, topicId), 'any', facts);
    },
    ledger: ({ subscriptionId, from }) => readLedger(log, { tenant, subscriptionId, from }, null),
    facts: async ({ subscriptionId }) => {
      const found: Fact[] = [];
      for (;;) {
        const page = await log.read(ledgerKey({ tenant, subscriptionId }), found.length, 500);
        found.push(...page);
        if (page.length < 500) return found;
      }
    },
    stop: async () => {
      await pool.end();
      await disconnect(client);
      await node.stop();
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
};

/** `count` events of as many ids, of `keys` keys in turn. */
export const choices = (count: number, keys = 5, from = 0): Publication[] =>
  Array.from({ length: count }, (_, index) => ({
    id: `choice-${from + index}`,
    source: '/sites/motor-house',
    type: 'com.motorhouse.car.chosen',
    key: `customer:${(from + index) % keys}`,
    data: { number: from + index },
  }));

/** Looks until it holds. */
export const eventually = async (
  what: string,
  holds: () => boolean | Promise<boolean>,
  deadlineMs = 10_000,
): Promise<void> => {
  const until = performance.now() + deadlineMs;
  while (!(await holds())) {
    if (performance.now() > until) throw new Error(`not in time: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
