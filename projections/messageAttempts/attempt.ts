/**
 * One try to send a message, as its document tells it: why by this provider and by what right, what the provider answered, what its
 * receipts say. Nothing of the recipient is here: no address and no hash of one; what providers say is masked before it is recorded.
 */
import type { Permission, RoutingDecision } from '../../domain/message/events.js';
import type { Change } from '../../domain/message/message.js';

type ItemOf<Type extends Change['type']> = Extract<Change, { type: Type }>['item'];
export type Started = ItemOf<'AttemptsStarted'>;
export type Answered = ItemOf<'AttemptsAnswered'>;
export type Receipt = ItemOf<'ReceiptsRecorded'>;
export type Engaged = ItemOf<'EngagementsRecorded'>;

type WithoutAttempt<Item> = Omit<Item, 'messageId' | 'attempt'>;

export interface Attempt extends WithoutAttempt<
  Omit<Started, 'decision' | 'address' | 'contentHash' | 'permission' | 'receipts'>
> {
  readonly messageId: string;
  readonly attempt: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly decision: RoutingDecision | null;
  readonly permission: Permission;
  /** The provider tells nothing after its answer. */
  readonly tellsNoMore: boolean;
  /** The last that counts, of those that came. */
  readonly answer: WithoutAttempt<Answered> | null;
  /** As they came, at most `toldMax`. */
  readonly receipts: readonly WithoutAttempt<Receipt>[];
  readonly engagements: readonly WithoutAttempt<Engaged>[];
}

export const attemptStatuses = [
  'started',
  'submitted',
  'throttled',
  'retryable',
  'permanent',
  'unknown',
  'delayed',
  'deliveredToOperator',
  'delivered',
  'undelivered',
] as const;
export type AttemptStatus = (typeof attemptStatuses)[number];

const toldMax = 10;

const own = <Item extends { messageId: unknown; attempt: unknown }>({
  messageId: _messageId,
  attempt: _attempt,
  ...rest
}: Item): Omit<Item, 'messageId' | 'attempt'> => rest;

/** @param at when it was recorded. */
export const begun = (
  item: Started,
  decisions: readonly RoutingDecision[],
  at: number,
): Attempt => {
  const { decision, address: _address, contentHash: _contentHash, receipts, ...rest } = item;
  return {
    startedAt: at,
    decision: decisions[decision] ?? null,
    tellsNoMore: receipts === 'none',
    answer: null,
    receipts: [],
    engagements: [],
    ...rest,
  };
};

/** Said once; said again only of one that nothing certain was known of. */
export const answered = (attempt: Attempt, item: Answered): Attempt => {
  const { answer } = attempt;
  return answer && answer.outcome !== 'unknown' ? attempt : { ...attempt, answer: own(item) };
};

export const received = (attempt: Attempt, item: Receipt): Attempt => ({
  ...attempt,
  receipts: [...attempt.receipts, own(item)].slice(-toldMax),
});

export const engaged = (attempt: Attempt, item: Engaged): Attempt => ({
  ...attempt,
  engagements: [...attempt.engagements, own(item)].slice(-toldMax),
});

const strength = { delayed: 0, deliveredToOperator: 1, undelivered: 2, delivered: 3 } as const;

/** A delivery is never taken back. */
export const strongest = ({ receipts }: Attempt): WithoutAttempt<Receipt> | null =>
  receipts.reduce<WithoutAttempt<Receipt> | null>(
    (best, one) => (best && strength[best.status] >= strength[one.status] ? best : one),
    null,
  );

export const statusOf = (attempt: Attempt): AttemptStatus =>
  strongest(attempt)?.status ?? attempt.answer?.outcome ?? 'started';
