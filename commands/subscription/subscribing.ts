/**
 * What a partner does with its standing orders that takes more than a decision: headers to seal, a place to find, an endpoint to ask.
 *
 * An order whose endpoint did not agree stands all the same, unverified and with what the endpoint said, so that its partner can mend
 * the endpoint and have it asked again.
 */
import type { PartnerId, SubscriptionId, TenantId, TopicId } from '../../domain/ids.js';
import { publicationsStream } from '../../domain/publication/publication.js';
import { rejected } from '../../domain/rejected.js';
import {
  type SubscriptionChanges,
  subscriptionStream,
  type SubscriptionTerms,
} from '../../domain/subscription/events.js';
import { subscription } from '../../domain/subscription/subscription.js';
import type { CommandContext } from '../command.js';
import { derivedId } from '../credentials.js';
import type { Handled, Handler } from '../handle.js';
import { presentPartner } from '../partner/present.js';
import { seenTopic } from '../publication/seenTopic.js';
import { recordOf, type SubscriptionRecord } from '../subscriptions.js';
import { assertValid, InvalidInput } from '../validation.js';
import { changeSubscription } from './changeSubscription.js';
import { createSubscription } from './createSubscription.js';
import { enableSubscription } from './enableSubscription.js';
import { normalised, type OwnHeaders } from './headers.js';
import {
  assertAcceptable,
  orderDefaults,
  type Rules,
  SubscriptionChange,
  SubscriptionOrder,
} from './order.js';
import type { SubscriptionSecrets } from './secrets.js';
import type { AskAndRecord } from './verifying.js';

/** A subscription and whose it must be. */
export interface Own {
  readonly subscriptionId: SubscriptionId;
  readonly partnerId: PartnerId;
}

export interface Subscribing {
  /** @throws InvalidInput, Rejected topic-not-found, topic-archived, too-many-subscriptions, already-registered */
  subscribe(
    order: SubscriptionOrder,
    partnerId: PartnerId,
    context: CommandContext,
  ): Promise<Handled<SubscriptionRecord>>;
  /** @throws InvalidInput, Rejected subscription-not-found, subscription-ended */
  change(
    own: Own,
    change: SubscriptionChange,
    context: CommandContext,
  ): Promise<Handled<SubscriptionRecord>>;
  /** @throws Rejected subscription-not-found, subscription-ended, endpoint-not-verified with what it answered */
  verify(own: Own, context: CommandContext): Promise<SubscriptionRecord>;
  /** @throws Rejected as `verify` does, topic-not-found, disabled-by-operator */
  enable(own: Own, context: CommandContext): Promise<Handled<SubscriptionRecord>>;
}

export interface SubscribingOptions extends Rules {
  readonly handler: Handler;
  readonly secrets: SubscriptionSecrets;
  readonly askAndRecord: AskAndRecord;
  /** Of the last event of a stream; null where there is none. */
  readonly lastRevision: (stream: string) => Promise<number | null>;
}

const isUnasked = ({ status, verified, verification }: SubscriptionRecord): boolean =>
  status !== 'ended' && verified === null && verification === 'handshake';

export const createSubscribing = (options: SubscribingOptions): Subscribing => {
  const { handler, secrets, askAndRecord } = options;
  const { directory } = handler;

  const sealed = async (tenant: TenantId, id: SubscriptionId, headers: OwnHeaders) =>
    Object.keys(headers).length === 0 ? null : secrets.seal(tenant, id, normalised(headers));

  /** @throws InvalidInput where it would skip what is to come. */
  const beginning = async (
    tenant: TenantId,
    topicId: TopicId,
    from: NonNullable<SubscriptionOrder['from']>,
  ): Promise<SubscriptionTerms['from']> => {
    const last = await options.lastRevision(publicationsStream(tenant, topicId));
    if (from.kind === 'now') return { kind: 'now', after: last };
    if (from.after === null || from.after <= (last ?? -1)) return from;
    const reason =
      last === null
        ? 'must be null: nothing was published yet'
        : `must not lie beyond the last place, ${last}`;
    throw new InvalidInput([{ pointer: '/from/after', reason }]);
  };

  const termsOf = async (
    order: SubscriptionOrder,
    partnerId: PartnerId,
    { tenant, idempotencyKey }: CommandContext,
  ): Promise<SubscriptionTerms> => {
    const { headers = {}, from = { kind: 'now' as const }, ...rest } = order;
    const subscriptionId =
      order.subscriptionId ?? (derivedId('sub_', tenant, idempotencyKey) as SubscriptionId);
    const seal = await sealed(tenant, subscriptionId, headers);
    return {
      ...orderDefaults,
      signing: [...orderDefaults.signing],
      ...rest,
      subscriptionId,
      partnerId,
      from: await beginning(tenant, order.topicId, from),
      ...(seal === null ? {} : { sealedHeaders: seal }),
    };
  };

  /** Asks where there is something to ask; what is answered is in the record. */
  const asked = async (
    handled: Handled<SubscriptionRecord>,
    context: CommandContext,
  ): Promise<Handled<SubscriptionRecord>> => {
    if (!isUnasked(handled.answer)) return handled;
    const { record } = await askAndRecord(handled.answer, context);
    return { ...handled, answer: record };
  };

  const present = async (
    { subscriptionId, partnerId }: Own,
    tenant: TenantId,
  ): Promise<SubscriptionRecord> => {
    const state = await handler.state(subscriptionStream(tenant, subscriptionId), subscription);
    const order = state.status === 'unknown' ? null : state;
    if (order?.terms.partnerId !== partnerId) {
      throw rejected('subscription-not-found', { subscriptionId });
    }
    if (order.ended) throw rejected('subscription-ended', { subscriptionId });
    return recordOf(tenant, order);
  };

  const mustAgree = async (record: SubscriptionRecord, context: CommandContext) => {
    const { verdict, record: after } = await askAndRecord(record, context);
    if (verdict.agreed) return after;
    const { url } = record.endpoint;
    throw rejected('endpoint-not-verified', { url, reason: verdict.reason });
  };

  return {
    subscribe: async (order, partnerId, context) => {
      const { tenant } = context;
      assertValid(SubscriptionOrder, order);
      assertAcceptable(order, options);
      presentPartner(directory, tenant, partnerId);
      seenTopic(directory, tenant, order.topicId, partnerId);
      const terms = await termsOf(order, partnerId, context);
      return asked(await handler.handle(createSubscription, terms, context), context);
    },
    change: async (own, change, context) => {
      assertValid(SubscriptionChange, change);
      assertAcceptable(change, options);
      const { headers, ...rest } = change;
      const seal =
        headers === undefined
          ? {}
          : { sealedHeaders: await sealed(context.tenant, own.subscriptionId, headers ?? {}) };
      const changes: SubscriptionChanges = { ...rest, ...seal };
      const handled = await handler.handle(changeSubscription, { ...own, ...changes }, context);
      return change.endpoint === undefined ? handled : asked(handled, context);
    },
    verify: async (own, context) => mustAgree(await present(own, context.tenant), context),
    enable: async (own, context) => {
      const { tenant } = context;
      const record = await present(own, tenant);
      seenTopic(directory, tenant, record.topicId, own.partnerId);
      const reason = record.disabled?.reason;
      const isItsFault = reason === 'gone' || reason === 'failing';
      if (isItsFault && record.verification === 'handshake') await mustAgree(record, context);
      return handler.handle(enableSubscription, own, context);
    },
  };
};
