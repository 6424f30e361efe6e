/**
 * What is handed on, as the Kafka protocol binding of CloudEvents 1.0 has it in binary mode: attributes in headers that begin with ce_,
 * the type of the data in content-type, the data as the value.
 *
 * The id is the event's own, so a receiver knows a message that comes twice; its place among those of its source is in kopilka_place.
 */
import type { Fact } from '../../../domain/fact.js';
import {
  cloudEventOf,
  type Publication,
  type Published,
} from '../../../domain/publication/publication.js';
import { parseStreamName } from '../../../domain/stream.js';
import type { KafkaMessage } from '../port.js';
import { traceHeader } from '../tracing.js';

const json = 'application/json';
const isJson = (mediaType: string): boolean => /^[^;]*[/+]json\s*(;|$)/i.test(mediaType);

type Attributes = Readonly<Record<string, unknown>>;

const headersOf = (attributes: Attributes, contentType: string | undefined) => ({
  ...Object.fromEntries(
    Object.entries(attributes).flatMap(([name, value]) =>
      value === undefined || value === null ? [] : [[`ce_${name}`, String(value)] as const],
    ),
  ),
  ...(contentType === undefined ? {} : { 'content-type': contentType }),
});

const traceOf = ({ metadata: { traceparent } }: Fact) =>
  traceparent === undefined ? {} : { [traceHeader]: traceparent };

/** No data is an empty value: none at all would be a tombstone, which deletes what came before under the key. */
const valueOf = (data: unknown, base64: string | undefined, contentType: string): Buffer => {
  if (base64 !== undefined) return Buffer.from(base64, 'base64');
  if (data === undefined) return Buffer.alloc(0);
  const isText = typeof data === 'string' && !isJson(contentType);
  return Buffer.from(isText ? data : JSON.stringify(data));
};

/** @param publication as it may be shown. */
export const messageOfPublication = (fact: Fact, publication: Publication): KafkaMessage => {
  const event = cloudEventOf(publication);
  const { data, data_base64: _base64, datacontenttype: _contentType, ...attributes } = event;
  const hasData = data !== undefined || publication.dataBase64 !== undefined;
  const contentType = publication.datacontenttype ?? (hasData ? json : undefined);
  return {
    key: publication.key ?? null,
    value: valueOf(data, publication.dataBase64, contentType ?? json),
    headers: {
      ...headersOf(attributes, contentType),
      kopilka_topic: parseStreamName(fact.stream)?.id ?? '',
      kopilka_partner: (fact.data as Published).partnerId,
      ...traceOf(fact),
    },
    timestamp: fact.recordedAt,
    place: fact.revision,
  };
};

/** An event of the programme: its stream is what belongs together. */
export const messageOfEvent = (fact: Fact): KafkaMessage => {
  const { metadata, stream } = fact;
  const attributes = {
    specversion: '1.0',
    id: fact.id,
    source: `/kopilka/${metadata.tenant}`,
    type: `com.kopilka.${fact.type}`,
    subject: stream,
    time: metadata.occurredAt,
    partitionkey: stream,
    schemaversion: metadata.schemaVersion,
    correlationid: metadata.correlationId,
    causationid: metadata.causationId,
  };
  return {
    key: stream,
    value: Buffer.from(JSON.stringify(fact.data)),
    headers: {
      ...headersOf(attributes, json),
      kopilka_position: String(fact.position),
      ...traceOf(fact),
    },
    timestamp: fact.recordedAt,
    place: fact.revision,
  };
};
