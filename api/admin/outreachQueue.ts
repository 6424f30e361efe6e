/**
 * /admin/v1/outreach/queue and /health: how much waits, for what and since when; how those who carry messages do, and in sentences what is
 * wrong and what happens next.
 */
import { type Static, Type } from '@sinclair/typebox';
import type { ProviderRecord } from '../../commands/carriers.js';
import type { Directory } from '../../commands/directory.js';
import { ProviderId, type TenantId } from '../../domain/ids.js';
import { Channel, MessageClass } from '../../domain/message/kinds.js';
import type { RoutingRules } from '../../domain/routing/rules.js';
import { DocumentsNotReady } from '../../projections/documents/reading.js';
import type { CountMessages, Figures } from '../../projections/messages/figures.js';
import type { WaitingMessages } from '../../projections/outbox/waitingMessages.js';
import { readersOnly } from '../auth/access.js';
import { type Route, route } from '../route.js';
import { Instant, instantOf, InstantOrNull, orNull } from '../wire.js';
import { wholeTenant } from './operatorCommand.js';

export interface OutreachQueueRoutes {
  readonly directory: Pick<Directory, 'carriers'>;
  readonly waitingMessages: (tenant: TenantId) => Promise<readonly WaitingMessages[]>;
  readonly countMessages: CountMessages;
}

const Count = Type.Integer({ minimum: 0 });

const Waiting = Type.Object(
  {
    channel: Channel,
    class: MessageClass,
    ready: Count,
    oldestSeconds: orNull(Type.Number({ description: 'Of those that are ready' })),
    scheduled: Type.Integer({ description: 'Wait for their time, for the day, for others' }),
    retrying: Type.Integer({ description: 'Wait to be tried again' }),
    inFlight: Type.Integer({ description: 'Wait for an answer or a receipt' }),
    unknown: Type.Integer({ description: 'Nobody knows yet what became of an attempt' }),
    nextDueAt: InstantOrNull,
  },
  { title: 'QueueOfChannel' },
);
type Waiting = Static<typeof Waiting>;

const totals = ['ready', 'scheduled', 'retrying', 'inFlight', 'unknown'] as const;
type Total = (typeof totals)[number];

const totalOf: Readonly<Record<WaitingMessages['waitsFor'], Total>> = {
  ready: 'ready',
  'not-before': 'scheduled',
  hold: 'scheduled',
  digest: 'scheduled',
  retry: 'retrying',
  work: 'retrying',
  answer: 'inFlight',
  milestone: 'inFlight',
  unknown: 'unknown',
};

const earlier = (one: string | null, other: string): string =>
  one !== null && one < other ? one : other;

/** One entry for each channel and class of which something waits. */
export const queueShown = (depths: readonly WaitingMessages[], now: number): Waiting[] => {
  const shown = new Map<string, Waiting>();
  for (const { channel, class: messageClass, waitsFor, count, firstAt } of depths) {
    const key = `${channel} ${messageClass}`;
    const before = shown.get(key) ?? {
      channel,
      class: messageClass,
      ready: 0,
      oldestSeconds: null,
      scheduled: 0,
      retrying: 0,
      inFlight: 0,
      unknown: 0,
      nextDueAt: null,
    };
    const total = totalOf[waitsFor];
    const next = { ...before, [total]: before[total] + count };
    const age = Math.max(0, now - firstAt) / 1_000;
    shown.set(
      key,
      waitsFor === 'ready'
        ? { ...next, oldestSeconds: age }
        : { ...next, nextDueAt: earlier(before.nextDueAt, instantOf(firstAt)) },
    );
  }
  return [...shown.values()];
};

const healths = ['healthy', 'failing', 'idle', 'handicapped', 'breaker-open', 'disabled'] as const;

const ProviderHealth = Type.Object(
  {
    providerId: ProviderId,
    kind: Type.String(),
    channel: Channel,
    health: Type.Union(healths.map((one) => Type.Literal(one))),
    explanation: Type.String({ description: 'What is so, and why' }),
    advice: Type.String({ description: 'What to do; empty: nothing' }),
    breaker: orNull(
      Type.Object({
        reason: Type.String(),
        since: Instant,
        until: Instant,
        openings: Type.Integer({ description: 'In a row' }),
        code: orNull(Type.String()),
      }),
    ),
    handicap: Type.Integer({ description: 'Points of a hundred of its weight taken away' }),
    weights: Type.Array(
      Type.Object({ ruleId: Type.String(), weight: Type.Number(), effective: Type.Number() }),
      { description: 'In the rules that name it, as set and as they count at the moment' },
    ),
    lastHour: orNull(
      Type.Object(
        {
          attempts: Count,
          statuses: Type.Record(Type.String(), Type.Integer()),
          errors: Type.Record(Type.String(), Type.Integer()),
        },
        { description: 'Null: none, or the store that knows is being filled' },
      ),
    ),
  },
  { title: 'ProviderHealth' },
);
type ProviderHealth = Static<typeof ProviderHealth>;

const breakerWords: Readonly<Record<string, string>> = {
  failing: 'most calls of the last five minutes failed',
  account: 'it refuses our account: credentials or balance',
  'probe-failed': 'the message that was to find out whether it is well failed too',
};

type Diagnosis = Pick<ProviderHealth, 'health' | 'explanation' | 'advice'>;

/** How a provider does, in words. @param recent of the last hour; null: nothing was given to it. */
export const diagnose = (record: ProviderRecord, recent: Figures | null): Diagnosis => {
  const { status, disabled, breaker, handicap, providerId } = record;
  const path = `/admin/v1/outreach/providers/${providerId}`;
  if (status === 'disabled') {
    const since = disabled ? ` since ${instantOf(disabled.since)}: ${disabled.reason}` : '';
    return {
      health: 'disabled',
      explanation: `It is disabled${since}.`,
      advice: `It carries messages again after POST ${path}/enable.`,
    };
  }
  if (breaker) {
    const code = breaker.code === null ? '' : ` It said ${breaker.code}.`;
    const account = breaker.reason === 'account';
    return {
      health: 'breaker-open',
      explanation: `Nothing is sent by it, because ${breakerWords[breaker.reason] ?? breaker.reason}.${code} After ${instantOf(breaker.until)} one message finds out whether it is well again.`,
      advice: account ? `Mend its credentials or balance, then PATCH ${path}.` : '',
    };
  }
  if (handicap > 0) {
    return {
      health: 'handicapped',
      explanation: `It was slower or failed more than the others: ${handicap} points of a hundred of its weight go to them until it was calm for 15 minutes.`,
      advice: '',
    };
  }
  if (!recent) {
    return { health: 'idle', explanation: 'It was given nothing in the last hour.', advice: '' };
  }
  if (recent.count > 0 && !tookAny(recent)) {
    const why = Object.entries(recent.reasons).map(([reason, count]) => `${count} ${reason}`);
    const errors = why.length > 0 ? `: ${why.join(', ')}` : '';
    return {
      health: 'failing',
      explanation: `It took none of the ${recent.count} it was given in the last hour${errors}.`,
      advice: `POST ${path}/test tries it with a message to yourself and tells what comes back.`,
    };
  }
  return { health: 'healthy', explanation: 'It carries messages.', advice: '' };
};

/** Of attempts under way nobody knows yet. */
const tookAny = ({ statuses }: Figures): boolean =>
  ['started', 'submitted', 'deliveredToOperator', 'delivered', 'undelivered'].some(
    (status) => (statuses[status] ?? 0) > 0,
  );

const weightsOf = (
  { rules }: RoutingRules,
  { providerId, handicap }: ProviderRecord,
): ProviderHealth['weights'] =>
  rules.flatMap(({ ruleId, providers }) =>
    providers
      .filter((one) => one.providerId === providerId)
      .map(({ weight = 0 }) => ({ ruleId, weight, effective: (weight * (100 - handicap)) / 100 })),
  );

const hourMs = 3_600_000;
const providersMax = 1_000;
const deadlineMs = 2_000;

const recentFigures = async (
  countMessages: CountMessages,
  tenant: TenantId,
  now: number,
): Promise<ReadonlyMap<string | null, Figures>> => {
  try {
    const asked = { by: 'provider', from: now - hourMs, to: now } as const;
    const limits = { limit: providersMax, deadlineMs };
    const { groups } = await countMessages({ tenant, ...asked, ...limits });
    return new Map(groups.map((group) => [group.key, group]));
  } catch (error) {
    if (error instanceof DocumentsNotReady) return new Map();
    throw error;
  }
};

const tags = ['Outreach'] as const;

export const outreachQueueRoutes = (services: OutreachQueueRoutes): Route[] => [
  route({
    method: 'GET',
    path: '/admin/v1/outreach/queue',
    summary: 'How many messages wait, for what, and since when',
    tags,
    access: readersOnly,
    response: Type.Object(
      {
        totals: Type.Object(Object.fromEntries(totals.map((total) => [total, Count]))),
        items: Type.Array(Waiting, { description: 'By channel and class' }),
      },
      { title: 'OutreachQueue' },
    ),
    problems: ['read-model-unavailable'],
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const items = queueShown(await services.waitingMessages(tenant), request.now);
      const sum = (total: Total): number => items.reduce((all, item) => all + item[total], 0);
      return { body: { totals: Object.fromEntries(totals.map((one) => [one, sum(one)])), items } };
    },
  }),
  route({
    method: 'GET',
    path: '/admin/v1/outreach/health',
    summary: 'How the providers do: breakers, weights, what became of the last hour, and why',
    tags,
    access: readersOnly,
    response: Type.Object({ items: Type.Array(ProviderHealth) }, { title: 'ProvidersHealth' }),
    problems: ['search-too-costly', 'read-model-unavailable'],
    handle: async (request) => {
      const { tenant } = wholeTenant(request);
      const { carriers } = services.directory;
      const recent = await recentFigures(services.countMessages, tenant, request.now);
      const routing = carriers.routing(tenant);
      const items = [...carriers.providers(tenant)].map((record): ProviderHealth => {
        const { providerId, kind, channel, breaker, handicap } = record;
        const figures = recent.get(providerId) ?? null;
        return {
          providerId,
          kind,
          channel,
          handicap,
          ...diagnose(record, figures),
          breaker: breaker && {
            ...breaker,
            since: instantOf(breaker.since),
            until: instantOf(breaker.until),
          },
          weights: weightsOf(routing, record),
          lastHour: figures && {
            attempts: figures.count,
            statuses: { ...figures.statuses },
            errors: { ...figures.reasons },
          },
        };
      });
      return { body: { items } };
    },
  }),
];
