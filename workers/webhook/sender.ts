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
import { failureOf, nextOf, responseOf } from './verdict.js';

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

export const createSender = ({ dialler, secrets, chance, delays }: SenderOptions): Sender => {
  /** Derived once for each change of the subscription. */
  let known: {
    readonly record: SubscriptionRecord;
    readonly until: number;
    readonly keys: readonly string[];
    readonly own: Readonly<Record<string, string>>;
  } | null = null;

  const secretsOf = async (record: SubscriptionRecord, now: number) => {
    if (known?.record === record && now < known.until) return known;
    const [keys, own] = await Promise.all([
      secrets.signingKeys(record, now),
      secrets.headersOf(record),
    ]);
    const ends = record.overlap?.until ?? 0;
    return (known = { record, keys, own, until: now < ends ? ends : Infinity });
  };

  const isEnding = (outcome: DialOutcome): boolean =>
    outcome.kind === 'failed' && outcome.code === 'CLOSED';

  return {
    send: async ({ record, sending, webhookId, shown, job, startedAt }) => {
      const { keys, own } =
        known?.record === record && startedAt < known.until
          ? known
          : await secretsOf(record, startedAt);
      const { headers: described, body } = render(record, shown);
      const signed = { id: webhookId, timestamp: Math.floor(startedAt / 1_000), body };
      const headers: Record<string, string> = {
        ...own,
        ...described,
        'user-agent': userAgent,
        ...signatureHeaders(keys, signed),
      };
      const { url } = record.endpoint;
      const timeoutMs = Math.min(record.timeoutMs ?? deadlineMs, deadlineMs);
      const outcome = await dialler.call({
        url,
        headers,
        body,
        deadlineMs: timeoutMs,
        traceparents: shown.map(({ fact }) => fact?.metadata.traceparent),
      });
      if (isEnding(outcome)) return null;
      const request = { url, headers: Object.keys(headers), bytes: body.length };
      const made = { webhookId, places: [...sending.places], request, startedAt };
      const ids = shown.map(({ publication }) => publication.id);
      const cause = { cause: sending.cause, ...(job === null ? {} : { job }) };
      const attempt = judged(sending, outcome, startedAt, chance(), delays);
      const status = outcome.kind === 'answered' ? outcome.status : undefined;
      return {
        attempt: { ids, ...made, ...cause, ...attempt },
        gone: status === 410,
      };
    },
    close: () => dialler.close(),
  };
};

type Judged = Omit<Attempt, 'webhookId' | 'places' | 'ids' | 'cause' | 'startedAt' | 'request'>;

const judged = (
  sending: Sending,
  outcome: DialOutcome,
  startedAt: number,
  chance: number,
  delays: readonly number[] | undefined,
): Judged => {
  const error = failureOf(outcome);
  const response = responseOf(outcome);
  const ms = Math.max(0, Math.round(outcome.milliseconds));
  const isProbe = sending.cause === 'probe';
  // A probe counts for nothing: what it asked with is as far as it was.
  const made = (sending.waiting?.attempt ?? 0) + 1;
  const common = {
    attempt: isProbe ? Math.max(1, made - 1) : made,
    ms,
    ...(outcome.kind === 'answered' ? { status: outcome.status } : {}),
    ...(response ? { response } : {}),
    ...(sending.lane === null ? {} : { lane: sending.lane }),
  };
  if (!error) return { outcome: 'delivered', ...common };
  const endedAt = startedAt + ms;
  if (isProbe) {
    const planned = Math.max(0, (sending.waiting?.due ?? endedAt) - endedAt);
    return { error, outcome: 'retry', ...common, ...nextOf(outcome, planned, endedAt) };
  }
  const delay = sending.waiting?.cause === 'manual' ? null : retryDelayMs(made, chance, delays);
  if (delay === null) return { error, outcome: 'failed', ...common };
  return { error, outcome: 'retry', ...common, ...nextOf(outcome, delay, endedAt) };
};

/** Of a publication that is to be in order; null: of none. */
export const laneFor = (
  record: SubscriptionRecord,
  stream: string,
  key: string | undefined,
): string | null => (record.order.by === 'key' && key !== undefined ? laneOf(stream, key) : null);
