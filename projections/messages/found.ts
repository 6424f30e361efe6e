/** A message as its document tells it, without what only searches need. Times in milliseconds since the epoch. */
import type { Document } from 'mongodb';
import type { MessageId } from '../../domain/ids.js';
import type { Channel, ErrorClass, MessageClass } from '../../domain/message/kinds.js';
import type { Engagement, ShownStatus } from '../../domain/message/message.js';
import type { StatusAt } from './document.js';

export interface FoundMessage {
  readonly messageId: MessageId;
  readonly class: MessageClass;
  /** Kind and id, with a slash between. */
  readonly requester: string;
  readonly reference: string | null;
  readonly userId: string | null;
  readonly campaign: string | null;
  readonly templateId: string | null;
  readonly templateVersion: number | null;
  readonly strategyId: string | null;
  readonly strategyVersion: number | null;
  readonly policyId: string | null;
  readonly factId: string | null;
  readonly callbackTopic: string | null;
  readonly acceptedAt: number;
  readonly changedAt: number;
  readonly endedAt: number | null;
  readonly notBefore: number | null;
  readonly expiresAt: number;
  readonly status: ShownStatus;
  readonly statuses: readonly StatusAt[];
  readonly reason: string | null;
  readonly detail: string | null;
  readonly step: number;
  readonly channel: Channel | null;
  /** Of the last attempt. */
  readonly providerId: string | null;
  readonly providerIds: readonly string[];
  readonly attempts: number;
  readonly attemptStatus: string | null;
  readonly errorClass: ErrorClass | null;
  readonly engagement: Engagement | null;
  readonly lateReceipts: number;
  readonly deliveredTwice: boolean;
  readonly unknown: boolean;
  readonly digestedInto: MessageId | null;
  readonly segments: number;
  /** Millionths of the currency's unit. */
  readonly costMicros: number;
  readonly currency: string | null;
  readonly erased: boolean;
  readonly lane: number;
  /** Revisions in the journal of its lane, where they were asked for. */
  readonly places: readonly number[];
  readonly placesLeftOut: number;
}

const numbers = ['segments', 'costMicros', 'attempts', 'step', 'lane', 'placesLeftOut'] as const;
const absent = [
  ...(['reference', 'userId', 'campaign', 'templateId', 'templateVersion', 'strategyId'] as const),
  ...(['strategyVersion', 'policyId', 'factId', 'callbackTopic'] as const),
];

const plain = (value: unknown): unknown => (value instanceof Date ? value.getTime() : value);

export const foundOf = (document: Document): FoundMessage => {
  const { _id, ...fields } = document;
  const found = Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, plain(value)]),
  );
  return {
    ...Object.fromEntries(absent.map((name) => [name, null])),
    places: [],
    ...found,
    ...Object.fromEntries(numbers.map((name) => [name, Number(found[name])])),
  } as unknown as FoundMessage;
};
