/** What facts make of the documents of messages: one for each, from its request through all that the journal says of it. */
import type { EventOf } from '../../domain/event.js';
import type { Fact } from '../../domain/fact.js';
import { type MessageAccepted, outboxEvents } from '../../domain/message/events.js';
import { addressKindOf } from '../../domain/message/kinds.js';
import { type Change, changesOf as itemsOf, evolve } from '../../domain/message/message.js';
import type { DocumentChange, DocumentFields, Sweep } from '../documents/documentProjection.js';
import { ownerOf, typed } from '../facts.js';
import {
  addressMark,
  documentId,
  firstDocument,
  forgotten,
  nextDocument,
  stateOf,
} from './document.js';

export const eventTypes: readonly string[] = [
  'MessageAccepted',
  ...outboxEvents.map(({ type }) => type),
  'PersonErased',
];

type Started = Extract<Change, { type: 'AttemptsStarted' }>['item'];

/** Before the state knows of it. */
const withAttempt = (document: DocumentFields, item: Started): DocumentFields => {
  const { address, channel, providerId, segments = 0, cost } = item;
  const mark = addressMark(addressKindOf[channel], address);
  const union = (field: string, value: string): string[] => [
    ...new Set([...(document[field] as readonly string[]), value]),
  ];
  return {
    ...document,
    addresses: document['erased'] === true ? [] : union('addresses', mark),
    providerIds: union('providerIds', providerId),
    segments: Number(document['segments']) + segments,
    // One currency to a programme; of another only the attempt tells.
    ...(cost && (document['currency'] === null || document['currency'] === cost.currency)
      ? { costMicros: Number(document['costMicros']) + cost.micros, currency: cost.currency }
      : {}),
  };
};

const detailOf = (change: Change): string | null =>
  'detail' in change.item ? (change.item.detail ?? null) : null;

const changed = (document: DocumentFields, change: Change, revision: number): DocumentFields => {
  const message = stateOf(document);
  const next = evolve(message, change);
  const isNew =
    change.type === 'AttemptsStarted' &&
    !message.attempts.some(({ attempt }) => attempt === change.item.attempt);
  const grown = isNew ? withAttempt(document, change.item) : document;
  const told = nextDocument(grown, next, { at: change.at, revision });
  const detail = detailOf(change);
  return detail === null ? told : { ...told, detail };
};

export const changesOf = (fact: Fact): readonly DocumentChange[] => {
  const { tenant } = fact.metadata;
  if (fact.type === 'MessageAccepted') {
    const { data, recordedAt } = typed<EventOf<typeof MessageAccepted>>(fact);
    const apply = (earlier: DocumentFields | undefined) =>
      earlier ?? firstDocument(tenant, data, recordedAt);
    return [{ id: documentId(tenant, data.messageId), apply }];
  }
  return itemsOf(fact).map(({ messageId, change }) => ({
    id: documentId(tenant, messageId),
    // Of one that a bounded store let go nothing is told any more.
    apply: (earlier) => earlier && changed(earlier, change, fact.revision),
  }));
};

export const sweepOf = (fact: Fact): Sweep | null =>
  fact.type === 'PersonErased'
    ? {
        filter: { tenant: fact.metadata.tenant, userId: ownerOf(fact), erased: false },
        apply: forgotten,
      }
    : null;
