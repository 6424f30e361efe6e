/**
 * A message of Kafka as a request for a message to somebody: a CloudEvent whose data are the request, or the request as plain JSON. Its
 * topic says its class. Whoever may write to the topic is believed about whose request it is: `source` names a partner, or it is the
 * programme's own.
 */
import { hash } from 'node:crypto';
import type { AcceptItem } from '../../../commands/message/accept.js';
import type { Requester } from '../../../commands/message/resolve.js';
import { type Fault, InvalidInput } from '../../../commands/validation.js';
import type { PartnerId } from '../../../domain/ids.js';
import type { MessageClass } from '../../../domain/message/kinds.js';
import { publicationOf } from '../../kafka/in/message.js';
import type { FoundMessage } from '../../kafka/port.js';

export interface FoundRequest {
  readonly requester: Requester;
  readonly item: AcceptItem;
}

/** Of whatever comes without a partner's name. */
export const programme: Requester = { kind: 'operator', id: 'kafka' };
/** Made up for what is no event: names nobody. */
const noPartner = '' as PartnerId;

const faulty = (pointer: string, reason: string): InvalidInput => {
  const fault: Fault = { pointer, reason };
  return new InvalidInput([fault]);
};

const keyGrammar = /^[\x21-\x7e]{1,200}$/;
const traceGrammar = /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/;
const partners = '/partners/';
const ofPartner = /^\/partners\/([a-z][a-z0-9_]{1,39})$/;

const headerOf = ({ headers }: FoundMessage, name: string): string | undefined =>
  headers[name]?.toString('latin1');

const keyMax = 200;

/** Longer than a key may be, it is told from others by its digest. */
const keyOfEvent = (source: string, id: string): string => {
  const key = `${source} ${id}`;
  return key.length <= keyMax ? key : `sha256 ${hash('sha256', key, 'hex')}`;
};

/** The header, or what makes a CloudEvent one of its kind, or where it was found. @throws InvalidInput */
const keyOf = (message: FoundMessage, source: string, id: string): string => {
  const given = headerOf(message, 'idempotency-key');
  if (given === undefined) return keyOfEvent(source, id);
  if (keyGrammar.test(given)) return given;
  throw faulty('/headers/idempotency-key', 'must be 1 to 200 visible ASCII characters');
};

/** CloudEvents have both; a key without one of them would be that of others too. @throws InvalidInput */
const named = (value: unknown, pointer: string): string => {
  if (typeof value === 'string' && value !== '') return value;
  throw faulty(pointer, 'must be a string that is not empty');
};

/** Who seems to name a partner is not taken for the programme. @throws InvalidInput */
const requesterOf = (source: string): Requester => {
  if (!source.startsWith(partners)) return programme;
  const [, partnerId] = ofPartner.exec(source) ?? [];
  if (partnerId !== undefined) return { kind: 'partner', id: partnerId };
  throw faulty('/source', 'must be /partners/ and the name of a partner, and no more');
};

const requestOf = (data: unknown, of: MessageClass): Record<string, unknown> => {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw faulty('', 'must be a MessageRequest: an object');
  }
  const request = data as Record<string, unknown>;
  const { class: said = of } = request;
  if (said !== of) throw faulty('/class', `must be ${of}, as the topic has it, or left out`);
  return { ...request, class: of };
};

/**
 * @param place where it was found: its key where it brings none.
 * @throws InvalidInput
 */
export const foundRequest = (
  message: FoundMessage,
  of: MessageClass,
  place: string,
): FoundRequest => {
  const publication = publicationOf(message, { id: place, partnerId: noPartner });
  const id = named(publication.id, '/id');
  const source = named(publication.source, '/source');
  const isPlain = id === place && source === partners;
  const traceparent = headerOf(message, 'traceparent');
  return {
    requester: isPlain ? programme : requesterOf(source),
    item: {
      request: requestOf(publication.data, of),
      key: keyOf(message, source, id),
      correlationId: `kafka ${place}`,
      ...(traceparent !== undefined && traceGrammar.test(traceparent) ? { traceparent } : {}),
    },
  };
};
