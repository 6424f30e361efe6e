/**
 * A publication: one event that a partner told the readers of a topic, as CloudEvents 1.0 has it. Its place among the others of its
 * topic is its revision in the topic's stream: from 0 and without gaps, so that a receiver sees when something is missing.
 */
import { type Static, Type } from '@sinclair/typebox';
import { event, type EventOf } from '../event.js';
import { type Branded, PartnerId, type TenantId, type TopicId } from '../ids.js';
import { streamName } from '../stream.js';
import { SchemaVersion } from '../topic/schemas.js';
import { Classification } from '../topic/topic.js';
import { JsonPointer } from './pointer.js';

export const publicationsStream = (tenant: TenantId, id: TopicId) =>
  streamName('publications', tenant, id);

const text = (maxLength: number, description: string, example: string) =>
  Type.String({ minLength: 1, maxLength, description, examples: [example] });

/** Values of further attributes, which CloudEvents calls extensions. */
const Extensions = Type.Record(
  Type.String({ pattern: '^[a-z0-9]{1,20}$' }),
  Type.Union([Type.String({ maxLength: 500 }), Type.Number(), Type.Boolean()]),
  { maxProperties: 20, additionalProperties: false },
);

const attributes = {
  id: text(200, 'Unique for its source', 'choice-17'),
  source: text(500, 'Where it happened: a URI or a path', '/sites/motor-house'),
  type: text(200, 'What happened', 'com.motorhouse.car.chosen'),
  subject: Type.Optional(text(500, 'Of what', 'car:42')),
  time: Type.Optional(Type.String({ format: 'date-time' })),
  datacontenttype: Type.Optional(text(100, 'Of the data', 'application/json')),
  dataschema: Type.Optional(text(500, 'A URI', 'https://motorhouse.example/car-chosen.json')),
} as const;

/** What is published; of `data` and `dataBase64` one or none. */
export const Publication = Type.Object(
  {
    ...attributes,
    /** Those with the same key are handed out in order, to receivers that ask for it. */
    key: Type.Optional(text(200, 'What belongs together, in order', 'customer:17')),
    extensions: Type.Optional(Extensions),
    data: Type.Optional(Type.Unknown()),
    dataBase64: Type.Optional(Type.String({ contentEncoding: 'base64' })),
  },
  { additionalProperties: false, title: 'Publication' },
);
export type Publication = Static<typeof Publication>;

/** Whom personal data are of, as their publisher names the person: a keyed hash, so that the log does not tell who it is. */
export type SubjectKey = Branded<string, 'SubjectKey'>;
export const SubjectKey = Type.Unsafe<SubjectKey>(Type.String({ pattern: '^[0-9a-f]{32}$' }));

// These names are the storage format: proof-read, version with care.
export const EventPublished = event('EventPublished', {
  partnerId: PartnerId,
  /** Where something is personal, null stands in its place. */
  publication: Publication,
  /** Of the topic's schema that it was judged by. */
  schemaVersion: Type.Optional(SchemaVersion),
  /** From then on it is shown to nobody. */
  expiresAt: Type.Optional(Type.String({ format: 'date-time' })),
  classification: Type.Optional(Classification),
  /** What is personal, under the key of the person: without it, nobody can read it any more. */
  personal: Type.Optional(
    Type.Object(
      {
        subjectKey: SubjectKey,
        pointers: Type.Array(JsonPointer, { maxItems: 20 }),
        sealed: Type.String({ maxLength: 1_500_000 }),
      },
      { additionalProperties: false },
    ),
  ),
});

export const publicationEvents = [EventPublished] as const;
export type Published = EventOf<typeof EventPublished>['data'];

/** Attributes by which a publication says how it is to be handled; the first two are extensions that CloudEvents documents. */
export const handlingAttributes = {
  expiry: 'expirytime',
  classification: 'dataclassification',
  subject: 'personalsubject',
  pointers: 'personaldata',
  /** Set where personal data were erased. */
  erased: 'personalerased',
} as const;

/** How a publication was handled, for its receivers. */
export interface Handled {
  /** Of the topic's schema that it was judged by. */
  readonly schemaVersion?: number;
  /** ISO 8601 */
  readonly expiresAt?: string;
  readonly classification: Classification;
}

/** @param ofTopic where the publication is from before it was kept with it. */
export const handledOf = (
  { schemaVersion, expiresAt, classification }: Published,
  ofTopic: Classification,
): Handled => ({
  classification: classification ?? ofTopic,
  ...(schemaVersion === undefined ? {} : { schemaVersion }),
  ...(expiresAt === undefined ? {} : { expiresAt }),
});

/** The JSON form of CloudEvents, as receivers get it. */
export const cloudEventOf = (publication: Publication): Record<string, unknown> => {
  const { key, extensions, data, dataBase64, ...rest } = publication;
  return {
    specversion: '1.0',
    ...rest,
    ...extensions,
    ...(key === undefined ? {} : { partitionkey: key }),
    ...(data === undefined ? {} : { data }),
    ...(dataBase64 === undefined ? {} : { data_base64: dataBase64 }),
  };
};
