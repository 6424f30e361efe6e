/**
 * How an endpoint does, in one word and in sentences: what happened, since when, when it is tried again, and what to do. Made of what the
 * subscription's terms and its ledger say, and of nothing else, so that a person reads the reasons that the dispatcher acts on.
 */
import type { Obstacle } from '../../commands/subscription/standing.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import { isOpen, type Ledger } from '../../domain/delivery/ledger.js';
import * as spans from '../../domain/delivery/spans.js';
import { disableAfterMs } from '../../domain/delivery/schedule.js';
import { instantOf } from '../wire.js';

export const healths = [
  'healthy',
  'untried',
  'behind',
  'failing',
  'broken',
  'unverified',
  'paused',
  'disabled',
  'blocked',
  'ended',
] as const;
export type Health = (typeof healths)[number];

export interface Diagnosis {
  readonly health: Health;
  /** What is so, for people. */
  readonly explanation: string;
  /** Empty: nothing. */
  readonly advice: string;
  /** Since when, milliseconds since the epoch; null: it is well, or nobody knows. */
  readonly since: number | null;
  /** When it is called again by itself, milliseconds since the epoch; null: as soon as there is something, or not at all. */
  readonly nextAt: number | null;
}

export interface EndpointFacts {
  readonly record: SubscriptionRecord;
  readonly obstacle: Obstacle | null;
  readonly ledger: Ledger;
  /** Publications that are not accounted for yet. */
  readonly lag: number;
  /** Milliseconds since the epoch. */
  readonly now: number;
}

/** More is told as being behind. */
const behindMin = 100;

const counted = (count: number, one: string, many = `${one}s`): string =>
  `${count} ${count === 1 ? one : many}`;

/** Nothing of it is lost: it says so, since that is what people ask first. */
const backlog = ({ ledger, lag }: EndpointFacts): string => {
  const { size: waiting } = ledger.waiting;
  const parked = parkedCount(ledger);
  const parts = [
    ...(lag > 0 ? [`${counted(lag, 'publication waits', 'publications wait')} in the topic`] : []),
    ...(waiting > 0
      ? [`${counted(waiting, 'delivery waits', 'deliveries wait')} for another attempt`]
      : []),
    ...(parked > 0
      ? [`${counted(parked, 'delivery is', 'deliveries are')} parked until somebody asks for them`]
      : []),
  ];
  return parts.length === 0 ? 'Nothing waits.' : `${parts.join(', ')}.`;
};

export const parkedCount = ({ parked, parkedBefore }: Ledger): number =>
  parked.size + spans.sizeOf(parkedBefore);

const pathOf = ({ subscriptionId }: SubscriptionRecord): string =>
  `/admin/v1/subscriptions/${subscriptionId}`;

const adviceOnObstacle = (reason: string, record: SubscriptionRecord): string => {
  const enable = `POST ${pathOf(record)}/enable, or by its partner /exchange/v1/subscriptions/${record.subscriptionId}/enable`;
  switch (reason) {
    case 'gone':
      return `The endpoint said that it is gone for good. Its partner names another with PATCH, then: ${enable}.`;
    case 'failing':
      return `Its partner mends the endpoint; its last answers are under ${pathOf(record)}/deliveries. Then: ${enable}.`;
    case 'operator':
      return `An operator stopped it and an operator lets it go on: POST ${pathOf(record)}/enable.`;
    case 'access-revoked':
      return `Where that was not meant: grant access to the topic again, then: ${enable}.`;
    case 'unverified':
      return `Its partner lets the endpoint answer to OPTIONS as the explanation says, then sends /exchange/v1/subscriptions/${record.subscriptionId}/verify.`;
    case 'paused':
      return `POST ${pathOf(record)}/resume, or its partner resumes it.`;
    default:
      return '';
  }
};

/** Reasons that people gave are words, not sentences. */
const sentence = (text: string): string =>
  `${text.charAt(0).toUpperCase()}${text.slice(1)}${/[.!?]$/.test(text) ? '' : '.'}`;

const stopped = (facts: EndpointFacts, obstacle: Obstacle): Diagnosis => {
  const { record } = facts;
  const { status } = record;
  const health: Health = status === 'active' ? 'blocked' : status;
  const since = obstacle.since === null ? '' : ` since ${instantOf(obstacle.since)}`;
  const rest = status === 'ended' ? '' : ` ${backlog(facts)} Deliveries go on from there.`;
  return {
    health,
    explanation: `Not delivered to${since}. ${sentence(obstacle.explanation)}${rest}`,
    advice: adviceOnObstacle(status === 'unverified' ? 'unverified' : obstacle.reason, record),
    since: obstacle.since,
    nextAt: null,
  };
};

/** The earliest time at which something is due; null: nothing waits. */
export const nextDueOf = ({ waiting }: Ledger): number | null => {
  let earliest: number | null = null;
  for (const { due } of waiting.values()) {
    if (earliest === null || due < earliest) earliest = due;
  }
  return earliest;
};

const failingSince = ({ endpoint }: Ledger, now: number): string => {
  const { failures, failingSince: since, lastError } = endpoint;
  const times = counted(failures, 'failure');
  const start = since === null ? '' : ` since ${instantOf(Math.min(since, now))}`;
  return `${times} in a row${start}${lastError === null ? '' : `, the last: ${lastError}`}.`;
};

export const diagnose = (facts: EndpointFacts): Diagnosis => {
  const { obstacle, ledger, lag, now, record } = facts;
  if (obstacle) return stopped(facts, obstacle);
  const { endpoint } = ledger;
  const quiet = endpoint.quietUntil > now ? endpoint.quietUntil : null;
  if (isOpen(ledger)) {
    const nextAt = Math.max(endpoint.nextProbe, quiet ?? 0);
    const givenUpAt = instantOf((endpoint.failingSince ?? now) + disableAfterMs);
    return {
      health: 'broken',
      explanation: `${failingSince(ledger, now)} It is only probed until it answers. ${backlog(facts)}`,
      advice: `Tell its partner; what it answered is under ${pathOf(record)}/deliveries. Without a success it is disabled after ${givenUpAt}.`,
      since: endpoint.failingSince,
      nextAt,
    };
  }
  if (endpoint.failures > 0) {
    return {
      health: 'failing',
      explanation: `${failingSince(ledger, now)} ${backlog(facts)}`,
      advice: `Nothing yet: it is tried again by itself. What it answered is under ${pathOf(record)}/deliveries.`,
      since: endpoint.failingSince,
      nextAt: quiet ?? nextDueOf(ledger),
    };
  }
  const nextAt = quiet ?? nextDueOf(ledger);
  if (lag > behindMin) {
    return {
      health: 'behind',
      explanation: `It answers, and does not keep up. ${backlog(facts)}`,
      advice:
        record.ratePerSecond === undefined && record.concurrency >= 50
          ? 'Its partner makes it answer sooner, or takes batches.'
          : 'Its partner raises ratePerSecond or concurrency with PATCH, or takes batches.',
      since: null,
      nextAt,
    };
  }
  if (ledger.counts.attempts === 0) {
    const explanation = `Nothing was delivered to it yet. ${backlog(facts)}`;
    return { health: 'untried', explanation, advice: '', since: null, nextAt };
  }
  const advice =
    parkedCount(ledger) > 0 ? 'What is parked is delivered by a replay of the failed.' : '';
  return {
    health: 'healthy',
    explanation: `It answers. ${backlog(facts)}`,
    advice,
    since: null,
    nextAt,
  };
};
