/**
 * One message on its way, as the log tells: its status, its attempts with what became of each, and whether it was seen. Three axes, since
 * they move on their own: a message is over when nothing more is sent of it, while receipts of its attempts still come in.
 *
 * Plain JSON, times in milliseconds since the epoch, so that a queue can keep it beside its row.
 */
import type { EventOf } from '../event.js';
import type { MessageId, ProviderId } from '../ids.js';
import type { Step } from '../strategy/step.js';
import type { AttemptOutcome, MessageAccepted } from './events.js';
import type { Channel, ErrorClass, MessageClass } from './kinds.js';

export type Accepted = EventOf<typeof MessageAccepted>['data'];

export const terminalStatuses = [
  'delivered',
  'undelivered',
  'failed',
  'expired',
  'cancelled',
  'suppressed',
] as const;
export const openStatuses = ['accepted', 'scheduled', 'queued', 'inProgress'] as const;
export const messageStatuses = [...openStatuses, ...terminalStatuses] as const;
export type TerminalStatus = (typeof terminalStatuses)[number];
export type MessageStatus = (typeof messageStatuses)[number];

/** As whoever asks is told: what went out as a part of another message is neither open nor has an end of its own. */
export const shownStatuses = [...openStatuses, 'digested', ...terminalStatuses] as const;
export type ShownStatus = (typeof shownStatuses)[number];

export type Engagement = 'seen' | 'read' | 'clicked';

export interface AttemptState {
  readonly attempt: number;
  readonly step: number;
  readonly channel: Channel;
  readonly providerId: ProviderId;
  readonly clientReference: string;
  /** Hash of the address that it went to. */
  readonly address: string;
  readonly startedAt: number;
  /** Null: nothing came back yet. */
  readonly outcome: AttemptOutcome | null;
  readonly answeredAt: number | null;
  readonly errorClass: ErrorClass | null;
  /** Of what may be tried, or asked after, again. */
  readonly retryAt: number | null;
  /** How often the provider was asked what became of it. */
  readonly reconciliations: number;
  /** The strongest that came: undelivered never takes a delivery back. */
  readonly receipt: 'delayed' | 'deliveredToOperator' | 'undelivered' | 'delivered' | null;
  readonly receiptAt: number | null;
  readonly engagement: Engagement | null;
  /** The provider tells nothing after its answer, which is then the best proof there will be. */
  readonly tellsNoMore: boolean;
  /** The provider reports failures only: its silence for so long after its answer is proof enough. */
  readonly silenceMs?: number;
}

/** What came of an order of the requester. */
export interface Order {
  readonly kind: 'cancel' | 'reschedule';
  /** Of the event that gave it. */
  readonly position: string;
  readonly outcome: 'carried-out' | 'too-late';
}

export interface Message {
  readonly messageId: MessageId;
  readonly class: MessageClass;
  readonly steps: readonly Step[];
  readonly acceptedAt: number;
  readonly notBefore: number | null;
  /** No attempt is started from then on. */
  readonly expiresAt: number;
  readonly status: MessageStatus;
  /** Of a status that is final: why. */
  readonly reason: string | null;
  readonly endedAt: number | null;
  readonly step: number;
  /** From when on the step's time runs: since it had its turn and was allowed to be sent. */
  readonly stepSince: number;
  readonly held: { readonly until: number; readonly reason: string } | null;
  readonly attempts: readonly AttemptState[];
  readonly engagement: Engagement | null;
  /** That came after it was over, or of a step that was given up. */
  readonly lateReceipts: number;
  /** More than one attempt reached the recipient. */
  readonly deliveredTwice: boolean;
  readonly digest: { readonly key: string; readonly until: number } | null;
  /** It went out as a part of that one, whose fate it shares. */
  readonly digestedInto: MessageId | null;
  /** Those that go out as parts of this one. */
  readonly digests: readonly MessageId[];
  /** The latest ones. */
  readonly orders: readonly Order[];
}

const terminal: ReadonlySet<ShownStatus> = new Set(terminalStatuses);
export const isTerminal = (status: ShownStatus): status is TerminalStatus => terminal.has(status);
export const isOver = ({ status }: Pick<Message, 'status'>): boolean => isTerminal(status);

export const shownStatus = ({
  status,
  digestedInto,
}: Pick<Message, 'status' | 'digestedInto'>): ShownStatus =>
  digestedInto === null || isTerminal(status) ? status : 'digested';

/** It reached the recipient, and something proves it. */
export const hasArrived = ({ receipt, engagement }: AttemptState): boolean =>
  receipt === 'delivered' || engagement !== null;

/** It may reach the recipient, or has: nothing proves that it did not. */
export const mayArrive = (attempt: AttemptState): boolean => {
  if (hasArrived(attempt)) return true;
  const { outcome, receipt } = attempt;
  if (receipt !== null) return receipt !== 'undelivered';
  return outcome === null || outcome === 'submitted' || outcome === 'unknown';
};

/** Whether an order of the requester still holds: nothing of it may arrive. */
export const isUnsent = ({ attempts }: Pick<Message, 'attempts'>): boolean =>
  !attempts.some(mayArrive);

/** @param at when it was recorded. */
export const accepted = (data: Accepted, at: number): Message => {
  const notBefore = data.notBefore === null ? null : Date.parse(data.notBefore);
  return {
    messageId: data.messageId,
    class: data.class,
    steps: data.steps,
    acceptedAt: at,
    notBefore,
    expiresAt: Date.parse(data.expiresAt),
    status: notBefore !== null && notBefore > at ? 'scheduled' : 'accepted',
    reason: null,
    endedAt: null,
    step: 0,
    stepSince: Math.max(at, notBefore ?? at),
    held: null,
    attempts: [],
    engagement: null,
    lateReceipts: 0,
    deliveredTwice: false,
    digest: data.digest ? { key: data.digest.key, until: Date.parse(data.digest.until) } : null,
    digestedInto: null,
    digests: [],
    orders: [],
  };
};
