/**
 * What a partner orders about its deliveries: one of them once more or not at all, or everything between two places. And how they stand.
 *
 * Orders are appended to the deliveries stream at any revision, as publications are (docs/decisions/0014): while the dispatcher appends
 * some ten times a second, nobody could win against it by expecting a revision. Whoever folds the stream passes over an order
 * that comes too late. A repeat under the same key has the same event id and the same replay's id.
 */
import type { DeliveryEvent, ReplayTerms } from '../../domain/delivery/events.js';
import { isAccounted, isListed, type Ledger, type Replay } from '../../domain/delivery/ledger.js';
import type { Position } from '../../domain/fact.js';
import type { PartnerId, ReplayId, SubscriptionId } from '../../domain/ids.js';
import { publicationsStream } from '../../domain/publication/publication.js';
import { rejected } from '../../domain/rejected.js';
import type { EventFilter } from '../../domain/subscription/filter.js';
import type { CommandContext } from '../command.js';
import { commandIdOf, eventIdOf, fingerprintOf } from '../commandId.js';
import type { Directory } from '../directory.js';
import type { Log } from '../log.js';
import type { SubscriptionRecord } from '../subscriptions.js';
import { ledgerKey, type LedgerSnapshots, readLedger } from './ledgers.js';
import { createSpanReading, type SpanReading } from './spanReading.js';
import { webhookIdOf } from './webhookId.js';

/** Of a replay: a place, a time (milliseconds since the epoch), or where the topic begins or ends at the moment. */
export type Bound = { readonly place: number } | { readonly time: number } | null;

export interface ReplayQuestion {
  readonly from: Bound;
  readonly to: Bound;
  readonly filter?: EventFilter;
  readonly status: 'failed' | 'all';
  readonly ratePerSecond: number;
}

export interface ReplayPreview {
  readonly from: number;
  readonly to: number;
  /** How many would be sent, as far as they were counted. */
  readonly deliveries: number;
  /** Whether all of them were looked at. */
  readonly complete: boolean;
}

export interface DeliveryState {
  readonly record: SubscriptionRecord;
  readonly ledger: Ledger;
  /** The last place of the topic; -1: none. */
  readonly head: number;
}

interface Own {
  readonly subscriptionId: SubscriptionId;
  readonly partnerId: PartnerId;
}

export interface Ordered<Answer> {
  readonly answer: Answer;
  readonly position: Position;
}

export interface DeliveryOrders {
  /** @throws Rejected subscription-not-found */
  state(own: Own, context: Pick<CommandContext, 'tenant'>): Promise<DeliveryState>;
  /**
   * @param places of a delivery that is neither waiting nor parked. @throws Rejected subscription-not-found, subscription-ended, delivery-not-found
   */
  retry(
    own: Own,
    webhookId: string,
    places: readonly number[],
    context: CommandContext,
  ): Promise<Ordered<readonly number[]>>;
  /**
   * No further attempt of one that waits or is parked; again: the same answer. @param places of one that was parked long ago.
   * @throws Rejected subscription-not-found, subscription-ended, delivery-not-found
   */
  skip(
    own: Own,
    webhookId: string,
    places: readonly number[],
    context: CommandContext,
  ): Promise<Ordered<readonly number[]>>;
  preview(own: Own, question: ReplayQuestion, context: CommandContext): Promise<ReplayPreview>;
  /** @throws Rejected subscription-not-found, subscription-ended, nothing-to-replay, too-many-replays */
  replay(own: Own, question: ReplayQuestion, context: CommandContext): Promise<Ordered<Replay>>;
  /** @throws Rejected subscription-not-found, replay-not-found, replay-over */
  steer(
    own: Own,
    job: ReplayId,
    step: 'pause' | 'resume' | 'cancel',
    context: CommandContext,
  ): Promise<Ordered<Replay>>;
}

export const replaysMax = 5;

const steps = {
  pause: { type: 'ReplayPaused', status: 'paused' },
  resume: { type: 'ReplayResumed', status: 'running' },
  cancel: { type: 'ReplayCancelled', status: 'cancelled' },
} as const;

export const createDeliveryOrders = (options: {
  readonly log: Log;
  readonly directory: Pick<Directory, 'subscriptions' | 'exchange'>;
  readonly snapshots: LedgerSnapshots;
  /** Of a stream; null: it does not exist. */
  readonly lastRevision: (stream: string) => Promise<number | null>;
}): DeliveryOrders => {
  const { log, directory, snapshots, lastRevision } = options;
  const spans: SpanReading = createSpanReading(log, directory);

  const presentRecord = (own: Own, { tenant }: Pick<CommandContext, 'tenant'>) => {
    const record = directory.subscriptions.subscription(tenant, own.subscriptionId);
    if (record?.partnerId !== own.partnerId) {
      throw rejected('subscription-not-found', { subscriptionId: own.subscriptionId });
    }
    return record;
  };
  const standingRecord = (own: Own, context: CommandContext): SubscriptionRecord => {
    const record = presentRecord(own, context);
    if (record.status === 'ended') throw rejected('subscription-ended');
    return record;
  };
  const ledgerOf = async (record: SubscriptionRecord): Promise<Ledger> =>
    readLedger(log, record, await snapshots.load(ledgerKey(record)));
  const headOf = async ({ tenant, topicId }: SubscriptionRecord): Promise<number> =>
    (await lastRevision(publicationsStream(tenant, topicId))) ?? -1;

  const append = async (
    name: string,
    record: SubscriptionRecord,
    context: CommandContext,
    event: DeliveryEvent,
  ): Promise<Position> => {
    const stream = ledgerKey(record);
    const commandId = commandIdOf(name, stream, context.idempotencyKey);
    const metadata = {
      tenant: context.tenant,
      actor: context.actor,
      correlationId: context.correlationId,
      causationId: context.causationId ?? context.correlationId,
      commandId,
      occurredAt: new Date(context.now).toISOString(),
      schemaVersion: 1,
      fingerprint: fingerprintOf(event.data),
    };
    const fact = { id: eventIdOf(commandId, 0), ...event, metadata };
    return (await log.append(stream, 'any', [fact])).position;
  };

  const bound = async (record: SubscriptionRecord, given: Bound, end: number, isFrom: boolean) => {
    if (given === null) return isFrom ? 0 : end;
    if ('place' in given) return given.place;
    const first = await spans.firstAt(record, given.time, end);
    return isFrom ? first : first - 1;
  };
  const spanOf = async (record: SubscriptionRecord, { from, to }: ReplayQuestion) => {
    const head = await headOf(record);
    const first = await bound(record, from, head, true);
    return { first, last: Math.min(head, await bound(record, to, head, false)) };
  };
  const byOf = ({ actor }: CommandContext): string => `${actor.kind} ${actor.id}`.slice(0, 100);

  return {
    state: async (own, context) => {
      const record = presentRecord(own, context);
      const [ledger, head] = await Promise.all([ledgerOf(record), headOf(record)]);
      return { record, ledger, head };
    },
    retry: async (own, webhookId, given, context) => {
      const record = standingRecord(own, context);
      const ledger = await ledgerOf(record);
      const listed = ledger.waiting.get(webhookId) ?? ledger.parked.get(webhookId);
      const isNamed = given.length > 0 && webhookIdOf(ledgerKey(record), given) === webhookId;
      const isPast = given.every((place) => isAccounted(ledger, place));
      const places = listed?.places ?? (isNamed && isPast ? given : undefined);
      if (!places) throw rejected('delivery-not-found', { webhookId });
      const data = { webhookId, places: [...places], by: byOf(context) };
      const event = { type: 'DeliveryRequeued', data } as const;
      return { answer: places, position: await append('RetryDelivery', record, context, event) };
    },
    skip: async (own, webhookId, given, context) => {
      const record = standingRecord(own, context);
      const ledger = await ledgerOf(record);
      const done = ledger.skipped.get(webhookId);
      const listed = ledger.waiting.get(webhookId) ?? ledger.parked.get(webhookId);
      if (!listed && done) return { answer: done, position: 0n }; // already carried out
      const isNamed = given.length > 0 && webhookIdOf(ledgerKey(record), given) === webhookId;
      const isThere = isNamed && given.every((place) => isListed(ledger, place));
      const places = listed?.places ?? (isThere ? given : undefined);
      if (!places) throw rejected('delivery-not-found', { webhookId });
      const data = { webhookId, places: [...places], by: byOf(context) };
      const event = { type: 'DeliverySkipped', data } as const;
      return { answer: places, position: await append('SkipDelivery', record, context, event) };
    },
    preview: async (own, question, context) => {
      const record = standingRecord(own, context);
      const { first, last } = await spanOf(record, question);
      const ledger = question.status === 'failed' ? await ledgerOf(record) : null;
      const counted = await spans.count(
        record,
        { first, last },
        question.filter,
        ledger,
        context.now,
      );
      return { from: first, to: last, ...counted };
    },
    replay: async (own, question, context) => {
      const record = standingRecord(own, context);
      const stream = ledgerKey(record);
      const commandId = commandIdOf('RequestReplay', stream, context.idempotencyKey);
      const job = `rep_${commandId.replaceAll('-', '').slice(0, 24)}` as ReplayId;
      const ledger = await ledgerOf(record);
      const known = ledger.replays.get(job);
      if (known) return { answer: known, position: 0n };
      const open = [...ledger.replays.values()].filter(
        ({ status }) => status === 'running' || status === 'paused',
      );
      if (open.length >= replaysMax) throw rejected('too-many-replays', { most: replaysMax });
      const { first, last } = await spanOf(record, question);
      if (last < first) throw rejected('nothing-to-replay', { from: first, to: last });
      const { filter, status, ratePerSecond } = question;
      const terms: ReplayTerms = {
        job,
        from: first,
        to: last,
        status,
        ratePerSecond,
        by: byOf(context),
        ...(filter ? { filter } : {}),
      };
      const event = { type: 'ReplayRequested', data: terms } as const;
      const position = await append('RequestReplay', record, context, event);
      const progress = { after: first - 1, delivered: 0, failed: 0, passed: 0 };
      return {
        answer: { terms, requestedAt: context.now, status: 'running', ...progress },
        position,
      };
    },
    steer: async (own, job, step, context) => {
      const record = presentRecord(own, context);
      const replay = (await ledgerOf(record)).replays.get(job);
      if (!replay) throw rejected('replay-not-found', { job });
      const { type, status } = steps[step];
      if (replay.status === status) return { answer: replay, position: 0n }; // already carried out
      if (replay.status === 'finished' || replay.status === 'cancelled') {
        throw rejected('replay-over', { job, status: replay.status });
      }
      const position = await append(type, record, context, { type, data: { job } });
      return { answer: { ...replay, status }, position };
    },
  };
};
