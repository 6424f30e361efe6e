/**
 * The subscriptions of every tenant as decisions and the dispatcher look them up. A part of the directory, and the same fold that the
 * decisions are made on (domain/subscription), so that nothing is delivered under a state that nobody decided on. Of what was ended the
 * last of each partner stay: a partner that creates and ends without end fills the log, not the memory.
 */
import type { Recorded } from '../domain/event.js';
import type { Fact } from '../domain/fact.js';
import type { PartnerId, SubscriptionId, TenantId, TopicId } from '../domain/ids.js';
import {
  type SubscriptionEvent,
  subscriptionEvents,
  subscriptionStream,
  type SubscriptionTerms,
} from '../domain/subscription/events.js';
import {
  type StandingOrder,
  type Subscription,
  subscription,
} from '../domain/subscription/subscription.js';
import type { DirectoryPart } from './directoryPart.js';
import { createShelves } from './shelves.js';

/** Its terms with every change, and how it stands. Times are in milliseconds since the epoch. */
export type SubscriptionRecord = SubscriptionTerms &
  Omit<StandingOrder, 'terms'> & {
    readonly tenant: TenantId;
    /** Of a status that does not deliver: since when, and what to tell people; null while it is active. */
    readonly why: {
      readonly reason: string;
      readonly since: number;
      readonly explanation: string;
    } | null;
  };

export interface Subscriptions extends DirectoryPart {
  subscription(tenant: TenantId, id: SubscriptionId): SubscriptionRecord | undefined;
  subscriptions(tenant: TenantId): Iterable<SubscriptionRecord>;
  ofTopic(tenant: TenantId, topicId: TopicId): Iterable<SubscriptionRecord>;
  ofPartner(tenant: TenantId, partnerId: PartnerId): Iterable<SubscriptionRecord>;
  /** Of every tenant. */
  all(): Iterable<SubscriptionRecord>;
}

interface Shelf {
  readonly records: Map<SubscriptionId, SubscriptionRecord>;
  readonly ofTopic: Map<TopicId, Map<SubscriptionId, SubscriptionRecord>>;
  readonly ofPartner: Map<PartnerId, Map<SubscriptionId, SubscriptionRecord>>;
}

const newShelf = (): Shelf => ({ records: new Map(), ofTopic: new Map(), ofPartner: new Map() });
const none: readonly SubscriptionRecord[] = [];

const whyOf = (order: StandingOrder): SubscriptionRecord['why'] => {
  const { status, createdAt, refusal, paused, disabled, ended } = order;
  if (status === 'ended' && ended) {
    return { reason: 'ended', since: ended.at, explanation: ended.reason };
  }
  if (status === 'disabled' && disabled) return disabled;
  if (status === 'paused' && paused) {
    return { reason: 'paused', since: paused.at, explanation: paused.reason };
  }
  if (status !== 'unverified') return null;
  const explanation = refusal?.reason ?? 'The endpoint was not asked yet whether it agrees.';
  return { reason: 'unverified', since: refusal?.at ?? createdAt, explanation };
};

export const recordOf = (tenant: TenantId, order: StandingOrder): SubscriptionRecord => {
  const { terms, ...rest } = order;
  return { ...terms, ...rest, tenant, why: whyOf(order) };
};

const shelve = <Id>(
  index: Map<Id, Map<SubscriptionId, SubscriptionRecord>>,
  id: Id,
  record: SubscriptionRecord,
): void => {
  let group = index.get(id);
  if (!group) index.set(id, (group = new Map()));
  group.set(record.subscriptionId, record);
};

/** Of one partner. */
const endedMax = 1_000;

/** The oldest that ended and are too many, in the order in which they were created. */
const surplus = (group: ReadonlyMap<SubscriptionId, SubscriptionRecord>): SubscriptionRecord[] => {
  if (group.size <= endedMax) return [];
  const ended = [...group.values()].filter(({ status }) => status === 'ended');
  return ended.slice(0, Math.max(0, ended.length - endedMax));
};

export const createSubscriptions = (): Subscriptions => {
  const shelves = createShelves(newShelf);
  const orders = new Map<string, Subscription>();
  const { at } = shelves;

  const file = (fact: Fact): void => {
    const { tenant, occurredAt } = fact.metadata;
    const before = orders.get(fact.stream) ?? subscription.initial();
    const event = {
      type: fact.type,
      data: fact.data,
      revision: fact.revision,
      occurredAt: Date.parse(occurredAt),
    } as Recorded<SubscriptionEvent>;
    const order = subscription.evolve(before, event);
    if (order.status === 'unknown') return;
    orders.set(fact.stream, order);
    const shelf = shelves.of(tenant);
    const record = recordOf(tenant, order);
    shelf.records.set(record.subscriptionId, record);
    shelve(shelf.ofTopic, record.topicId, record);
    shelve(shelf.ofPartner, record.partnerId, record);
    if (record.status === 'ended') forget(shelf, record.partnerId);
  };

  const forget = (shelf: Shelf, partnerId: PartnerId): void => {
    const group = shelf.ofPartner.get(partnerId);
    for (const { tenant, subscriptionId, topicId } of group ? surplus(group) : []) {
      orders.delete(subscriptionStream(tenant, subscriptionId));
      shelf.records.delete(subscriptionId);
      shelf.ofTopic.get(topicId)?.delete(subscriptionId);
      group?.delete(subscriptionId);
    }
  };

  return {
    eventTypes: new Set(subscriptionEvents.map(({ type }) => type)),
    apply: file,
    subscription: (tenant, id) => at(tenant).records.get(id),
    subscriptions: (tenant) => at(tenant).records.values(),
    ofTopic: (tenant, topicId) => at(tenant).ofTopic.get(topicId)?.values() ?? none,
    ofPartner: (tenant, partnerId) => at(tenant).ofPartner.get(partnerId)?.values() ?? none,
    all: function* () {
      for (const { records } of shelves.all()) yield* records.values();
    },
  };
};
