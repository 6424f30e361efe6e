/**
 * One attempt: the request is signed as of now, sent, and judged. Whatever happens comes back as an attempt to be recorded; only what
 * cannot be told (the process is ending) comes back as nothing, and is then sent again under the same id.
 */
import { laneOf } from '../../commands/delivery/webhookId.js';
import type { SubscriptionSecrets } from '../../commands/subscription/secrets.js';
import type { SubscriptionRecord } from '../../commands/subscriptions.js';
import type { Attempt } from '../../domain/delivery/events.js';
import type { Sending } from '../../domain/delivery/queue.js';
import { retryDelayMs } from '../../domain/delivery/schedule.js';
import type { ReplayId } from '../../domain/ids.js';
import type { Dialler, DialOutcome } from './dial.js';
import { render, type Shown } from './rendering.js';
import { signatureHeaders } from './signature.js';
import { createResponseOf, failureOf, nextOf } from './verdict.js';

export interface Sender {
  /** Null: the process is ending, and nobody knows whether it arrived. @param startedAt milliseconds since the epoch. */
  send(order: {
    readonly record: SubscriptionRecord;
    readonly sending: Sending;
    readonly webhookId: string;
    readonly shown: readonly Shown[];
    readonly job: ReplayId | null;
    readonly startedAt: number;
  }): Promise<{ readonly attempt: Attempt; readonly gone: boolean } | null>;
  close(): Promise<void>;
}

export interface SenderOptions {
  readonly dialler: Dialler;
  readonly secrets: SubscriptionSecrets;
  readonly chance: () => number;
  /** Instead of the schedule's. */
  readonly delays?: readonly number[];
}

const deadlineMs = 15_000;
const userAgent = 'Kopilka-Webhooks/1.0';
const usualNames = [
  ...['content-type', 'kopilka-topic', 'kopilka-place', 'user-agent'],
  ...['webhook-id', 'webhook-timestamp', 'webhook-signature'],
];

export const createSender = ({ dialler, secrets, chance, delays }: SenderOptions): Sender => {
  /** Derived once for each change of the subscription. */
  let known: {
    readonly record: SubscriptionRecord;
    readonly until: number;
    readonly keys: readonly string[];
    readonly own: Readonly<Record<string, string>>;
    /** Whether requests have the usual headers and no others. */
    readonly isUsual: boolean;
  } | null = null;

  const secretsOf = async (record: SubscriptionRecord, now: number) => {
    if (known?.record === record && now < known.until) return known;
    const [keys, own] = await Promise.all([
      secrets.signingKeys(record, now),
      secrets.headersOf(record),
    ]);
    const ends = record.overlap?.until ?? 0;
    const isUsual = Object.keys(own).length === 0 && (record.mode !== 'binary' || !!record.batch);
    return (known = { record, keys, own, isUsual, until: now < ends ? ends : Infinity });
  };

  const isEnding = (outcome: DialOutcome): boolean =>
    outcome.kind === 'failed' && outcome.code === 'CLOSED';

  const responseOf = createResponseOf();
  let knownNames: string[] = [];
  /** The same array as long as they are the same. */
  const namesOf = (headers: object): string[] => {
    const names = Object.keys(headers);
    const isSame =
      names.length === knownNames.length && names.every((name, i) => name === knownNames[i]);
    return isSame ? knownNames : (knownNames = names);
  };

  return {
    send: async ({ record, sending, webhookId, shown, job, startedAt }) => {
      const { keys, own, isUsual } =
        known?.record === record && startedAt < known.until
          ? known
          : await secretsOf(record, startedAt);
      const { headers: described, body } = render(record, shown);
      const timestamp = Math.floor(startedAt / 1_000);
      const signed = signatureHeaders(keys, { id: webhookId, timestamp, body });
      const fixed: Record<string, string> = {
        'content-type': described['content-type'] ?? '',
        'kopilka-topic': described['kopilka-topic'] ?? '',
        'kopilka-place': described['kopilka-place'] ?? '',
        'user-agent': userAgent,
        'webhook-id': signed['webhook-id'],
        'webhook-timestamp': signed['webhook-timestamp'],
        'webhook-signature': signed['webhook-signature'],
      };
      // Most have no others, and are of one shape.
      const headers = isUsual ? fixed : { ...own, ...described, ...fixed };
      const { url } = record.endpoint;
      const outcome = await dialler.call({
        url,
        headers,
        body,
        deadlineMs: Math.min(record.timeoutMs ?? deadlineMs, deadlineMs),
        traceparents: shown.map(({ traceparent }) => traceparent),
      });
      if (isEnding(outcome)) return null;
      // A probe counts for nothing: what it asked with is as far as it was.
      const made = (sending.waiting?.attempt ?? 0) + 1;
      const attempt: Attempt = {
        webhookId,
        places: [...sending.places],
        ids: shown.map((one) => one.eventId ?? one.publication.id),
        attempt: sending.cause === 'probe' ? Math.max(1, made - 1) : made,
        cause: sending.cause,
        startedAt,
        ms: Math.max(0, Math.round(outcome.milliseconds)),
        outcome: 'delivered',
        request: { url, headers: isUsual ? usualNames : namesOf(headers), bytes: body.length },
      };
      if (job !== null) attempt.job = job;
      if (sending.lane !== null) attempt.lane = sending.lane;
      if (outcome.kind === 'answered') attempt.status = outcome.status;
      const response = responseOf(outcome);
      if (response) attempt.response = response;
      const error = failureOf(outcome);
      if (error) {
        const endedAt = startedAt + attempt.ms;
        Object.assign(attempt, { error }, failed(sending, outcome, endedAt, chance(), delays));
      }
      return { attempt, gone: attempt.status === 410 };
    },
    close: () => dialler.close(),
  };
};

/** What becomes of one that did not arrive. @param endedAt milliseconds since the epoch. */
const failed = (
  sending: Sending,
  outcome: DialOutcome,
  endedAt: number,
  chance: number,
  delays: readonly number[] | undefined,
): Pick<Attempt, 'outcome' | 'next' | 'notBefore'> => {
  if (sending.cause === 'probe') {
    const planned = Math.max(0, (sending.waiting?.due ?? endedAt) - endedAt);
    return { outcome: 'retry', ...nextOf(outcome, planned, endedAt) };
  }
  const made = (sending.waiting?.attempt ?? 0) + 1;
  const delay = sending.waiting?.cause === 'manual' ? null : retryDelayMs(made, chance, delays);
  if (delay === null) return { outcome: 'failed' };
  return { outcome: 'retry', ...nextOf(outcome, delay, endedAt) };
};

/** Of a publication that is to be in order; null: of none. */
export const laneFor = (
  record: SubscriptionRecord,
  stream: string,
  key: string | undefined,
): string | null => (record.order.by === 'key' && key !== undefined ? laneOf(stream, key) : null);
