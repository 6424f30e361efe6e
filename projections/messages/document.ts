/**
 * A message as a document: what is searched by, in fields of its own, and the state that it goes on from, as text. Nothing personal is in
 * clear: addresses and words are keyed hashes, and go when the person is erased.
 */
import {
  type Accepted,
  accepted,
  type Message,
  shownStatus,
  type ShownStatus,
} from '../../domain/message/message.js';
import type { AddressKind } from '../../domain/message/kinds.js';
import type { TenantId } from '../../domain/ids.js';
import type { DocumentFields } from '../documents/documentProjection.js';
import { wordsOf } from '../documents/words.js';

export const documentId = (tenant: TenantId, messageId: string): string => `${tenant}/${messageId}`;

/** Hashes of different kinds never meet. */
export const addressMark = (kind: AddressKind, hash: string): string => `${kind}:${hash}`;
/** Keyed hashes of the words of a text, among words in clear. */
export const hashedWord = (hash: string): string => `#${hash}`;
export const requesterMark = ({ kind, id }: Accepted['requester']): string => `${kind}/${id}`;

export interface StatusAt {
  readonly status: ShownStatus;
  /** Milliseconds since the epoch. */
  readonly at: number;
}

/** Changes of status that are kept; a message seldom has ten. */
const statusesMax = 60;
/** Places in the journal that are kept: the first and the latest. */
export const placesMax = 400;
const wordsMax = 30;

export const stateOf = (document: DocumentFields): Message =>
  JSON.parse(String(document['state'])) as Message;

/** What follows from the state alone. */
const told = (message: Message) => {
  const latest = message.attempts.at(-1);
  return {
    status: shownStatus(message),
    reason: message.reason ?? message.held?.reason ?? null,
    endedAt: message.endedAt === null ? null : new Date(message.endedAt),
    notBefore: message.notBefore === null ? null : new Date(message.notBefore),
    expiresAt: new Date(message.expiresAt),
    step: message.step,
    channel: latest?.channel ?? message.steps[message.step]?.channel ?? null,
    providerId: latest?.providerId ?? null,
    attempts: latest?.attempt ?? 0,
    attemptStatus: latest ? (latest.receipt ?? latest.outcome ?? 'started') : null,
    errorClass: latest?.errorClass ?? null,
    engagement: message.engagement,
    lateReceipts: message.lateReceipts,
    deliveredTwice: message.deliveredTwice,
    unknown: message.attempts.some(({ outcome, receipt }) => outcome === 'unknown' && !receipt),
    digestedInto: message.digestedInto,
    state: JSON.stringify(message),
  };
};

/** @param at when it was recorded. */
export const firstDocument = (tenant: TenantId, data: Accepted, at: number): DocumentFields => {
  const { messageId, recipient, template, strategy, policy, callback, campaign, reference } = data;
  const message = accepted(data, at);
  const addresses = Object.entries(recipient.addresses) as [AddressKind, string][];
  const named = [template?.templateId, campaign, reference].filter((one) => one !== undefined);
  const statuses: StatusAt[] = [{ status: shownStatus(message), at }];
  return {
    _id: documentId(tenant, messageId),
    tenant,
    messageId,
    class: data.class,
    requester: requesterMark(data.requester),
    ...(reference === undefined ? {} : { reference }),
    ...(recipient.userId === null ? {} : { userId: recipient.userId }),
    subject: recipient.subject,
    addresses: addresses.map(([kind, hash]) => addressMark(kind, hash)),
    ...(campaign === undefined ? {} : { campaign }),
    ...(template ? { templateId: template.templateId, templateVersion: template.version } : {}),
    ...(strategy ? { strategyId: strategy.strategyId, strategyVersion: strategy.version } : {}),
    ...(policy ? { policyId: policy.policyId, factId: policy.factId } : {}),
    ...(callback ? { callbackTopic: callback.topicId } : {}),
    acceptedAt: new Date(at),
    day: new Date(at).toISOString().slice(0, 10),
    changedAt: new Date(at),
    statuses,
    ...told(message),
    detail: null,
    providerIds: [],
    segments: 0,
    costMicros: 0,
    currency: null,
    words: [...wordsOf(named, wordsMax), ...(data.words ?? []).map(hashedWord)],
    erased: false,
    lane: data.lane,
    places: [],
    placesLeftOut: 0,
  };
};

/** What is kept of where the journal speaks of it: how it began, and the latest. */
const placesAfter = (document: DocumentFields, revision: number) => {
  const places = [...(document['places'] as readonly number[]), revision];
  const surplus = places.length > placesMax ? 1 : 0;
  places.splice(placesMax / 2, surplus);
  return { places, placesLeftOut: Number(document['placesLeftOut']) + surplus };
};

export interface Recorded {
  readonly at: number;
  /** In the journal. */
  readonly revision: number;
}

/** The document once its message is `next`. */
export const nextDocument = (
  document: DocumentFields,
  next: Message,
  { at, revision }: Recorded,
): DocumentFields => {
  const statuses = document['statuses'] as readonly StatusAt[];
  const status = shownStatus(next);
  const moved = document['status'] !== status;
  return {
    ...document,
    ...told(next),
    changedAt: new Date(at),
    ...placesAfter(document, revision),
    ...(moved ? { statuses: [...statuses, { status, at }].slice(-statusesMax), detail: null } : {}),
  };
};

/** Of a person who was erased: hashes of addresses and words, and whose they were. */
export const forgotten = (document: DocumentFields): DocumentFields => ({
  ...document,
  addresses: [],
  words: [],
  subject: null,
  erased: true,
});
