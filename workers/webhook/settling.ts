/**
 * What came of deliveries: onto the ledger at once, to the recorder, and, where it means that nothing more should be sent, to whoever
 * disables the subscription.
 */
import { applyAttempt, applyDelivery } from '../../domain/delivery/applyDelivery.js';
import type { Attempt, DeliveryEvent, PassedReason } from '../../domain/delivery/events.js';
import { isListed, isOpen, type Ledger } from '../../domain/delivery/ledger.js';
import type { Queue, Sending } from '../../domain/delivery/queue.js';
import { isHopeless } from '../../domain/delivery/schedule.js';
import type { Recorder } from './recorder.js';

/** What it measures. */
export interface DeliveryMeasures {
  attempted(attempt: Attempt): void;
  /** Milliseconds from the record of a publication to the start of its first attempt. */
  latency(ms: number): void;
}

export type DisablingCause = 'gone' | 'failing' | 'partner-revoked' | 'access-revoked';

export interface Settling {
  /** It is not sent, and why; both places included. */
  pass(first: number, last: number, reason: PassedReason): void;
  /** Whatever is still to do, up to the topic's last place, will not be done. What is parked stays so, for somebody to see. */
  passRest(reason: 'revoked' | 'ended', head: number): void;
  /** Access ended: what was still to do is passed, and the subscription is disabled. @param since milliseconds since the epoch; null: now. */
  shut(cause: 'partner-revoked' | 'access-revoked', since: number | null, head: number): void;
  /** An attempt was made. @param gone the endpoint wants no more. */
  take(sending: Sending, attempt: Attempt, gone: boolean, queue: Queue | undefined): void;
  /** Anything else that happened. */
  tell(event: DeliveryEvent): void;
  /** It is being disabled: nothing more is to be sent. */
  readonly closed: boolean;
}

/** Waiting for another attempt: beyond it what fails is parked at once. */
const waitingMax = 2_000;

export const createSettling = (options: {
  readonly ledger: Ledger;
  readonly recorder: Recorder;
  readonly measures: Pick<DeliveryMeasures, 'attempted'>;
  readonly now: () => number;
  readonly onDirty: () => void;
  readonly onDisable: (cause: DisablingCause, since: number, error: string | null) => void;
}): Settling => {
  const { ledger, recorder, measures, now, onDirty, onDisable } = options;
  let closed = false;

  const pass: Settling['pass'] = (first, last, reason) => {
    recorder.passed(first, last, reason);
    const ranges = [{ first, last, reason }];
    applyDelivery(ledger, { type: 'DeliveriesPassed', data: { ranges } }, now());
    onDirty();
  };

  const passRest: Settling['passRest'] = (reason, head) => {
    const last = Math.max(head, ledger.cursor);
    const listed = [...ledger.waiting.values()].flatMap(({ places }) => places);
    for (const place of listed.filter((one) => one <= ledger.cursor)) pass(place, place, reason);
    if (last > ledger.cursor) pass(ledger.cursor + 1, last, reason);
  };

  const shut: Settling['shut'] = (cause, since, head) => {
    if (closed) return;
    closed = true;
    passRest('revoked', head);
    onDisable(cause, since ?? now(), null);
  };

  const take: Settling['take'] = (sending, attempt, gone, queue) => {
    const { webhookId } = attempt;
    const failing = attempt.outcome === 'delivered' ? null : webhookId;
    const full = attempt.outcome === 'retry' && !ledger.waiting.has(webhookId);
    const overflow = full && ledger.waiting.size >= waitingMax;
    const made: Attempt = overflow ? { ...attempt, outcome: 'failed' } : attempt;
    const wasOpen = isOpen(ledger);
    recorder.attempted(made);
    applyAttempt(ledger, made);
    // What was skipped meanwhile stays so.
    if (made.outcome === 'failed' && made.places.some((place) => isListed(ledger, place))) {
      const manual = sending.waiting?.cause === 'manual';
      const reason = overflow ? 'too-many' : manual ? 'manual-failed' : 'attempts-used';
      const lane = attempt.lane === undefined ? {} : { lane: attempt.lane };
      const data = { webhookId, places: attempt.places, reason, ...lane } as const;
      recorder.told({ type: 'DeliveriesParked', data });
      applyDelivery(ledger, { type: 'DeliveriesParked', data }, now());
    }
    queue?.settled(sending, failing, made.next);
    // What waited need not wait any longer, or lost what it waited behind.
    const isOther = made.cause === 'replay' || made.cause === 'manual';
    if (made.outcome === 'delivered' && (wasOpen || isOther)) queue?.hurry();
    measures.attempted(made);
    onDirty();
    if (gone) giveUp('gone', made);
    else if (made.outcome !== 'delivered') {
      const { failingSince, lastFailureAt } = ledger.endpoint;
      if (isHopeless(failingSince, lastFailureAt ?? 0, now())) giveUp('failing', made);
    }
  };

  const giveUp = (cause: 'gone' | 'failing', { error }: Attempt): void => {
    if (closed) return;
    closed = true;
    const since = ledger.endpoint.failingSince ?? now();
    onDisable(cause, since, error ? `${error.code}: ${error.text}` : null);
  };

  return {
    pass,
    passRest,
    shut,
    take,
    tell: (event) => {
      recorder.told(event);
      applyDelivery(ledger, event, now());
      onDirty();
    },
    get closed() {
      return closed;
    },
  };
};
