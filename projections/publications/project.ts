/**
 * Publications as documents. What was recorded is kept beside as text, from which answers are made, exactly as it was. What is personal
 * is null in what was recorded and sealed beside it, so it is not here in clear and nobody finds anything by it.
 */
import type { Fact } from '../../domain/fact.js';
import type { EventPublished } from '../../domain/publication/publication.js';
import type { EventOf } from '../../domain/event.js';
import { parseStreamName } from '../../domain/stream.js';
import type { StoredDocument } from '../documents/documentProjection.js';
import { wordsOf } from '../documents/words.js';
import { typed } from '../facts.js';
import { bounds, searchableOf, textsIn } from './searchable.js';

type Published = EventOf<typeof EventPublished>;

export const publicationId = (tenant: string, topicId: string, place: number): string =>
  `${tenant}/${topicId}/${place}`;

const documentOf = (fact: Fact): StoredDocument => {
  const {
    data: recorded,
    metadata,
    revision: place,
    position,
    recordedAt,
  } = typed<Published>(fact);
  const { tenant } = metadata;
  const topicId = parseStreamName(fact.stream)?.id ?? '';
  const { publication, partnerId, expiresAt } = recorded;
  const { id, source, type, subject, key, time, data } = publication;
  const texts = [subject ?? '', ...textsIn(data)];
  return {
    _id: publicationId(tenant, topicId, place),
    position,
    tenant,
    topicId,
    place,
    owner: partnerId,
    publishedAt: new Date(recordedAt),
    eventId: id,
    source,
    type,
    ...(subject === undefined ? {} : { subject }),
    ...(key === undefined ? {} : { key }),
    // Of one that says none the time at which it was published.
    time: new Date(time === undefined ? recordedAt : Date.parse(time)),
    ...(expiresAt === undefined ? {} : { expiresAt: new Date(expiresAt) }),
    ...(data === undefined ? {} : { data: searchableOf(data) }),
    words: wordsOf(texts, bounds.words),
    recorded: JSON.stringify({ id: fact.id, data: recorded, metadata }),
  };
};

export const project = (facts: readonly Fact[]): StoredDocument[] => facts.map(documentOf);
