/** What facts make of the documents of messages: one for each, from its request through all that the journal says of it. */
import type { EventOf } from '../../domain/event.js';
import type { Fact } from '../../domain/fact.js';
import { type MessageAccepted, outboxEvents } from '../../domain/message/events.js';
import type { RecipientErased } from '../../domain/message/erasedRecipient.js';
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
  'RecipientErased',
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

/** Undefined: it says nothing of why. */
const detailOf = (change: Change): string | null | undefined =>
  'reason' in change.item && change.type !== 'MessagesCancelled'
    ? (change.item.detail ?? null)
    : undefined;

const changed = (document: DocumentFields, change: Change, revision: number): DocumentFields => {
  const message = stateOf(document);
  const next = evolve(message, change);
  const isNew =
    change.type === 'AttemptsStarted' &&
    !message.attempts.some(({ attempt }) => attempt === change.item.attempt);
  const grown = isNew ? withAttempt(document, change.item) : document;
  const told = nextDocument(grown, next, { at: change.at, revision });
  const detail = detailOf(change);
  return detail === undefined ? told : { ...told, detail };
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

type Erased = EventOf<typeof RecipientErased>;

/** Of messages that somebody else's key seals, only the address itself goes. */
const withoutAddress =
  (subject: string, mark: string) =>
  (document: DocumentFields): DocumentFields =>
    document['subject'] === subject
      ? forgotten(document)
      : {
          ...document,
          addresses: (document['addresses'] as readonly string[]).filter((one) => one !== mark),
        };

export const sweepOf = (fact: Fact): Sweep | null => {
  const { tenant } = fact.metadata;
  if (fact.type === 'PersonErased') {
    return { filter: { tenant, userId: ownerOf(fact), erased: false }, apply: forgotten };
  }
  if (fact.type !== 'RecipientErased') return null;
  const { kind, address, subject } = typed<Erased>(fact).data;
  const mark = addressMark(kind, address);
  return { filter: { tenant, addresses: mark }, apply: withoutAddress(subject, mark) };
};
