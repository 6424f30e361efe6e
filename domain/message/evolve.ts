/**
 * How a message moves, one recorded fact after the other. Nothing is judged here but what facts mean for each other: what is final stays,
 * a receipt that comes late is kept and counted, and an order holds or came too late by its place in the journal.
 */
import { unreachable } from '../event.js';
import type { MessageId } from '../ids.js';
import type {
  AttemptAnswered,
  AttemptStarted,
  Change,
  EngagementRecorded,
  ReceiptRecorded,
} from './changes.js';
import {
  type AttemptState,
  type Engagement,
  hasArrived,
  isOver,
  isUnsent,
  mayArrive,
  type Message,
  type MessageStatus,
  type Order,
} from './state.js';

type Of<Type extends Change['type']> = Extract<Change, { type: Type }>;

/** More than a strategy's steps with their tries can be; beyond it those go that nothing can be told of any more. */
export const attemptsKept = 64;
const ordersKept = 4;

/** For these the recipient's time is waited for, not a provider: the step's own time begins after them. */
const patientHolds: ReadonlySet<string> = new Set(['quiet-hours', 'frequency-cap', 'digest']);

/** While it is open. */
const statusNow = (message: Message, at: number): MessageStatus => {
  if (isOver(message)) return message.status;
  if (message.attempts.some(mayArrive)) return 'inProgress';
  const { held, notBefore } = message;
  if ((held && held.until > at) || (notBefore !== null && notBefore > at)) return 'scheduled';
  return message.attempts.length > 0 || message.step > 0 || held ? 'queued' : 'accepted';
};

const settled = (message: Message, at: number): Message => {
  const status = statusNow(message, at);
  return status === message.status ? message : { ...message, status };
};

const keptOf = (attempts: readonly AttemptState[]): readonly AttemptState[] => {
  if (attempts.length <= attemptsKept) return attempts;
  const gone = attempts.findIndex(({ outcome }) => outcome === 'throttled');
  return attempts.filter((_, i) => i !== Math.max(gone, 0));
};

const started = (message: Message, item: AttemptStarted, at: number): Message => {
  if (message.attempts.some(({ attempt }) => attempt === item.attempt)) return message;
  const { attempt, step, channel, providerId, clientReference, address } = item;
  const begun: AttemptState = {
    attempt,
    step,
    channel,
    providerId,
    clientReference,
    address,
    startedAt: at,
    outcome: null,
    answeredAt: null,
    errorClass: null,
    retryAt: null,
    reconciliations: 0,
    receipt: null,
    receiptAt: null,
    engagement: null,
    tellsNoMore: item.receipts === 'none',
    ...(item.silenceSeconds === undefined ? {} : { silenceMs: item.silenceSeconds * 1_000 }),
  };
  const attempts = keptOf([...message.attempts, begun]);
  return { ...message, attempts, step: Math.max(step, message.step), held: null };
};

const amended = (
  message: Message,
  number: number,
  amend: (attempt: AttemptState) => AttemptState,
): Message => {
  const attempts = message.attempts.map((one) => (one.attempt === number ? amend(one) : one));
  const deliveredTwice = message.deliveredTwice || attempts.filter(hasArrived).length > 1;
  return { ...message, attempts, deliveredTwice };
};

/** Said once; said again only of an attempt that nothing certain was known of. */
const answered = (message: Message, item: AttemptAnswered): Message =>
  amended(message, item.attempt, (attempt) => {
    if (attempt.outcome !== null && attempt.outcome !== 'unknown') return attempt;
    return {
      ...attempt,
      outcome: item.outcome,
      answeredAt: Date.parse(item.at),
      errorClass: item.errorClass ?? null,
      retryAt: item.retryAt === undefined ? null : Date.parse(item.retryAt),
      reconciliations: attempt.reconciliations + (item.reconciled ? 1 : 0),
    };
  });

const strength = { delayed: 0, deliveredToOperator: 1, undelivered: 2, delivered: 3 } as const;

const isLate = (message: Message, number: number): boolean => {
  const attempt = message.attempts.find((one) => one.attempt === number);
  return isOver(message) || (attempt !== undefined && attempt.step < message.step);
};

const received = (message: Message, item: ReceiptRecorded): Message => {
  const joined = amended(message, item.attempt, (attempt) => {
    if (attempt.receipt !== null && strength[attempt.receipt] >= strength[item.status]) {
      return attempt;
    }
    const { status: receipt, errorClass } = item;
    const why = receipt === 'undelivered' ? (errorClass ?? null) : attempt.errorClass;
    return { ...attempt, receipt, receiptAt: Date.parse(item.at), errorClass: why };
  });
  if (!isLate(message, item.attempt)) return joined;
  return { ...joined, lateReceipts: message.lateReceipts + 1 };
};

const depth: Readonly<Record<Engagement, number>> = { seen: 1, read: 2, clicked: 3 };
const deeper = (one: Engagement | null, other: Engagement): Engagement =>
  one !== null && depth[one] >= depth[other] ? one : other;

const engaged = (message: Message, { attempt: number, kind }: EngagementRecorded): Message => ({
  ...amended(message, number, (one) => ({ ...one, engagement: deeper(one.engagement, kind) })),
  engagement: deeper(message.engagement, kind),
});

const held = (message: Message, { item }: Of<'MessagesHeld'>): Message => {
  const until = Date.parse(item.until);
  const isPatient = patientHolds.has(item.reason);
  const stepSince = isPatient ? Math.max(message.stepSince, until) : message.stepSince;
  return { ...message, held: { until, reason: item.reason }, stepSince };
};

const advanced = (message: Message, { item, at }: Of<'MessagesAdvanced'>): Message =>
  item.step <= message.step || item.step >= message.steps.length
    ? message
    : { ...message, step: item.step, stepSince: at, held: null };

const ended = (
  message: Message,
  status: MessageStatus,
  reason: string,
  endedAt: number,
): Message => ({ ...message, status, reason, endedAt, held: null });

const ordered = (
  message: Message,
  kind: Order['kind'],
  position: bigint,
  carryOut: () => Message,
): Message => {
  const holds = !isOver(message) && message.digestedInto === null && isUnsent(message);
  const outcome = holds ? 'carried-out' : 'too-late';
  const order: Order = { kind, position: String(position), outcome };
  const orders = [...message.orders, order].slice(-ordersKept);
  return { ...(holds ? carryOut() : message), orders };
};

/** It stays worth sending for as long as before, unless the order says otherwise. */
const rescheduled = (message: Message, { item }: Of<'MessagesRescheduled'>): Message => {
  const notBefore = Date.parse(item.notBefore);
  const validMs = message.expiresAt - Math.max(message.acceptedAt, message.notBefore ?? 0);
  const expiresAt =
    item.expiresAt !== undefined
      ? Date.parse(item.expiresAt)
      : Math.max(message.expiresAt, notBefore + validMs);
  return { ...message, notBefore, expiresAt, stepSince: notBefore, held: null };
};

const union = (ids: readonly MessageId[], more: readonly MessageId[]): readonly MessageId[] => [
  ...new Set([...ids, ...more]),
];

const digested = (message: Message, { item }: Of<'MessagesDigested'>): Message => {
  if (item.messageId === item.into) {
    return { ...message, digests: union(message.digests, item.others) };
  }
  return isOver(message) ? message : { ...message, digestedInto: item.into };
};

const evolved = (message: Message, change: Change): Message => {
  switch (change.type) {
    case 'AttemptsStarted':
      return started(message, change.item, change.at);
    case 'AttemptsAnswered':
      return answered(message, change.item);
    case 'ReceiptsRecorded':
      return received(message, change.item);
    case 'EngagementsRecorded':
      return engaged(message, change.item);
    case 'MessagesHeld':
      return isOver(message) ? message : held(message, change);
    case 'MessagesAdvanced':
      return isOver(message) ? message : advanced(message, change);
    case 'MessagesEnded': {
      const { status, reason } = change.item;
      return isOver(message) ? message : ended(message, status, reason, change.at);
    }
    case 'MessagesCancelled':
      return ordered(message, 'cancel', change.position, () =>
        ended(message, 'cancelled', change.item.reason, change.at),
      );
    case 'MessagesRescheduled':
      return ordered(message, 'reschedule', change.position, () => rescheduled(message, change));
    case 'MessagesDigested':
      return digested(message, change);
    default:
      return unreachable(change);
  }
};

/** The message after `change`; the one given stays as it is. */
export const evolve = (message: Message, change: Change): Message =>
  settled(evolved(message, change), change.at);
