/**
 * An exchange without its API, for tests of delivery: a real log on a real PostgreSQL, a dealer with a topic, and banks that subscribe.
 */
import { randomUUID } from 'node:crypto';
import { ledgerKey, readLedger } from '../../../commands/delivery/ledgers.js';
import { createSubscriptionSecrets } from '../../../commands/subscription/secrets.js';
import type { Ledger } from '../../../domain/delivery/ledger.js';
import type { Fact } from '../../../domain/fact.js';
import type { PartnerId, SubscriptionId, TenantId, TopicId } from '../../../domain/ids.js';
import { partnerStream } from '../../../domain/partner/partner.js';
import { type Publication, publicationsStream } from '../../../domain/publication/publication.js';
import { type SubscriptionTerms, subscriptionStream } from '../../../domain/subscription/events.js';
import { tenantStream } from '../../../domain/tenant/tenant.js';
import { topicAccessStream } from '../../../domain/topic/access.js';
import { topicStream } from '../../../domain/topic/topic.js';
import { type Deliveries, createDeliveries } from '../../../platform/compose/deliveries.js';
import { rangeOf } from '../../../platform/outbound/addresses.js';
import { createGuardedClient } from '../../../platform/outbound/guardedClient.js';
import { createPostgresPersonalKeys } from '../../../platform/postgres/personalKeys.js';
import type { DispatcherOptions } from '../../../workers/webhook/dispatcher.js';
import { factOf, type LogSettings, runBeside, startOwnLog, type Stores } from '../ownLog.js';

export const tenant = 'demo' as TenantId;
export const dealer = 'motor_house' as PartnerId;
export const topicId = 'cars_chosen' as TopicId;

/** What a process that delivers needs to know. */
export interface DeliverySettings extends LogSettings {
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
  const failures: unknown[] = [];
  const fail = (error: unknown): void => void failures.push(error);
  const latencies: number[] = [];
  const opened = [rangeOf('127.0.0.0/8')];
  const { worker: deliveries, stop } = runBeside(settings, 'deliveries', fail, (stores) =>
    createDeliveries({
      ...stores,
      openDialler: (connectionsMax) => createGuardedClient({ opened, connectionsMax }),
      measures: { attempted: () => undefined, latency: (ms) => latencies.push(ms) },
      owner: randomUUID(),
      now: Date.now,
      onFailed: fail,
      tuning: settings.tuning,
    }),
  );
  return { deliveries, failures, latencies, stop };
};

export interface Exchange extends Stores {
  readonly settings: DeliverySettings;
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

/** @param tuning of whoever delivers. */
export const startExchange = async (tuning: DeliverySettings['tuning'] = {}): Promise<Exchange> => {
  const own = await startOwnLog();
  const { log, feed, pool, stop } = own;
  const secrets = createSubscriptionSecrets(createPostgresPersonalKeys(pool));
  const append = (stream: string, type: string, data: unknown): Promise<void> =>
    own.append(tenant, stream, type, data);

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
    ...{ settings: { ...own.settings, tuning }, log, feed, pool, append, partner, stop },
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
        factOf(tenant, 'EventPublished', { partnerId: dealer, publication }),
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
