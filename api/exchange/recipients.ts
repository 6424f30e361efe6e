/**
 * Who could see one publication, and who got it: what a publisher can show when it is asked. For its owner, and for operators.
 *
 * Seeing follows from the grants as they were made, with their times. Getting is what the deliveries of subscriptions recorded, and what
 * was recorded of pulls, streams and searches before their answers left (handovers.ts).
 */
import { type Static, Type } from '@sinclair/typebox';
import type { Directory } from '../../commands/directory.js';
import type { Log } from '../../commands/log.js';
import type { TopicRecord } from '../../commands/exchange.js';
import { AttemptCause } from '../../domain/delivery/events.js';
import { PartnerId, SubscriptionId, type TenantId, TopicId } from '../../domain/ids.js';
import type { Published } from '../../domain/publication/publication.js';
import { couldSee, History } from '../../domain/topic/access.js';
import { DocumentsNotReady } from '../../projections/documents/reading.js';
import { ProjectionBehind } from '../../projections/waiting.js';
import { wholeTenant } from '../admin/operatorCommand.js';
import { actingPartner, partnersOnly, readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { Instant, InstantOrNull, instantOf, instantOrNull } from '../wire.js';
import { attemptProblems, ShownAttempt } from './attempts.js';
import {
  FirstHandovers,
  type HandoversAsked,
  type HandoversOf,
  ownedTopic,
  publicationAt,
  topicOf,
} from './handovers.js';
import type { OutcomeOf, PlaceOutcome } from './outcomes.js';
import { Place } from './shownItem.js';

const Became = Type.Union(
  (['delivered', 'waiting', 'parked', 'passed', 'pending', 'before', 'unknown'] as const).map(
    (one) => Type.Literal(one),
  ),
  {
    description:
      'passed: not for this subscription; pending: not its turn yet; before: the subscription begins behind it; unknown: settled, and how ' +
      'is not kept any more where this looks',
  },
);

const Tried = Type.Object({
  startedAt: Instant,
  ms: Type.Integer(),
  cause: AttemptCause,
  outcome: ShownAttempt.properties.outcome,
  status: Type.Union([Type.Integer(), Type.Null()]),
  error: Type.Union([Type.String(), Type.Null()], { description: 'How it failed' }),
});

const Recipients = Type.Object(
  {
    topicId: TopicId,
    place: Place,
    owner: PartnerId,
    eventId: Type.String(),
    publishedAt: Instant,
    at: Instant,
    visibleTo: Type.Array(PartnerId, { description: 'Who could see it at the time `at`' }),
    couldSee: Type.Array(
      Type.Object({
        partnerId: PartnerId,
        history: History,
        from: Instant,
        until: Type.Union([Instant, Type.Null()], { description: 'Null: it still can' }),
      }),
      { description: 'Everybody who ever could, with the times' },
    ),
    subscriptions: Type.Array(
      Type.Object({
        subscriptionId: SubscriptionId,
        partnerId: PartnerId,
        outcome: Became,
        reason: Type.Union([Type.String(), Type.Null()]),
        deliveredAt: InstantOrNull,
        nextAttemptAt: InstantOrNull,
        attempts: Type.Array(Tried, { description: 'The first 20' }),
      }),
    ),
    more: Type.Boolean({ description: 'There are more subscriptions than are looked at' }),
    handovers: Type.Union([FirstHandovers, Type.Null()], {
      description:
        'Who pulled, streamed or found it, at the time `at`; null: not known at the moment, ask again',
    }),
  },
  { title: 'Recipients' },
);
type Recipients = Static<typeof Recipients>;

export interface RecipientRoutes {
  readonly directory: Directory;
  readonly log: Pick<Log, 'read'>;
  readonly outcomeOf: OutcomeOf;
  readonly handoversOf: HandoversOf;
}

const subscriptionsMax = 100;
const handoversMax = 100;
const groupMax = 8;

const shownOutcome = (outcome: PlaceOutcome): Recipients['subscriptions'][number] => ({
  subscriptionId: outcome.record.subscriptionId,
  partnerId: outcome.record.partnerId,
  outcome: outcome.became,
  reason: outcome.reason,
  deliveredAt: instantOrNull(outcome.deliveredAt),
  nextAttemptAt: instantOrNull(outcome.nextAt),
  attempts: outcome.attempts.map(({ startedAt, ms, cause, outcome: came, status, error }) => ({
    startedAt: instantOf(startedAt),
    ms,
    cause,
    outcome: came,
    status: status ?? null,
    error: error?.code ?? null,
  })),
});

/** Null: the read model is being filled, or behind. A list that lacks somebody would be worse than none. */
const firstHandovers = async (
  handoversOf: HandoversOf,
  asked: HandoversAsked,
): Promise<Recipients['handovers']> => {
  try {
    const { items, next, knownFrom } = await handoversOf(asked);
    return { items, more: next !== null, knownFrom };
  } catch (error) {
    if (error instanceof DocumentsNotReady || error instanceof ProjectionBehind) return null;
    throw error;
  }
};

const createRecipientsOf = ({ directory, log, outcomeOf, handoversOf }: RecipientRoutes) => {
  const grantsOf = (tenant: TenantId, topicId: TopicId, publishedAt: number) =>
    directory.exchange
      .access(tenant, topicId)
      .grants.filter(({ history, since }) => history === 'all' || since <= publishedAt)
      .map(({ partnerId, history, since, until }) => ({
        partnerId,
        history,
        from: Math.max(since, publishedAt),
        until,
      }))
      // One that ended before it was published showed it to nobody.
      .filter(({ from, until }) => until === null || until > from)
      .map((one) => ({ ...one, from: instantOf(one.from), until: instantOrNull(one.until) }));

  /** @throws Refused not-found */
  return async (
    tenant: TenantId,
    { topicId, owner }: TopicRecord,
    place: number,
    at: number,
    now: number,
  ): Promise<Recipients> => {
    const fact = await publicationAt(log, tenant, topicId, place);
    const { recordedAt: publishedAt } = fact;
    const ordered = [...directory.subscriptions.ofTopic(tenant, topicId)];
    const looked = ordered.slice(0, subscriptionsMax);
    const outcomes: PlaceOutcome[] = [];
    for (let i = 0; i < looked.length; i += groupMax) {
      const group = looked.slice(i, i + groupMax).map((record) => outcomeOf(record, fact));
      outcomes.push(...(await Promise.all(group)));
    }
    const about = { tenant, topicId, publication: fact, at, limit: handoversMax, now };
    const handovers = await firstHandovers(handoversOf, about);
    const access = directory.exchange.access(tenant, topicId);
    return {
      topicId,
      place,
      owner,
      eventId: (fact.data as Published).publication.id,
      publishedAt: instantOf(publishedAt),
      at: instantOf(at),
      visibleTo: at < publishedAt ? [] : couldSee(access, publishedAt, at),
      couldSee: grantsOf(tenant, topicId, publishedAt),
      subscriptions: outcomes.map(shownOutcome),
      more: ordered.length > looked.length,
      handovers,
    };
  };
};

const shape = {
  params: { topicId: TopicId, place: Place },
  query: {
    at: Type.Optional(
      Type.String({
        format: 'date-time',
        description: 'For `visibleTo` and `handovers`; now unless told',
      }),
    ),
  },
  response: Recipients,
} as const;
const description =
  'Who could see it follows from the grants; who got it is what deliveries recorded, and what was recorded of pulls, streams and searches ' +
  'before their answers left.';

export const recipientRoutes = (services: RecipientRoutes): Route[] => {
  const recipientsOf = createRecipientsOf(services);
  const { directory } = services;
  return [
    route({
      method: 'GET',
      path: '/exchange/v1/topics/{topicId}/publications/{place}/recipients',
      summary: 'Who could see a publication of an own topic, and who got it',
      description,
      tags: ['Exchange'],
      access: partnersOnly,
      ...shape,
      problems: ['topic-not-found', 'not-topic-owner', 'not-found', ...attemptProblems.slice(1)],
      handle: async ({ caller, params, query, now }) => {
        const { tenant, partnerId } = actingPartner(caller);
        const topic = ownedTopic(directory, tenant, params.topicId, partnerId);
        const at = query.at === undefined ? now : Date.parse(query.at);
        return { body: await recipientsOf(tenant, topic, params.place, at, now) };
      },
    }),
  ];
};

export const recipientAdminRoutes = (services: RecipientRoutes): Route[] => {
  const recipientsOf = createRecipientsOf(services);
  return [
    route({
      method: 'GET',
      path: '/admin/v1/topics/{topicId}/publications/{place}/recipients',
      summary: 'Who could see a publication, and who got it.',
      description,
      tags: ['Topics'],
      access: readersOnly,
      ...shape,
      problems: ['topic-not-found', 'not-found', ...attemptProblems.slice(1)],
      handle: async (request) => {
        const { tenant } = wholeTenant(request);
        const { params, query, now } = request;
        const topic = topicOf(services.directory, tenant, params.topicId);
        const at = query.at === undefined ? now : Date.parse(query.at);
        return { body: await recipientsOf(tenant, topic, params.place, at, now) };
      },
    }),
  ];
};
