/** Which publications are there with such attributes, such values in their payload, such words: for searches. */
import type { FactDocuments } from '../documents/documentProjection.js';
import { project } from './project.js';

/** A topic's publications come in the order of their places under each of these. */
const inTopic = (name: string, ...paths: readonly string[]) => ({
  name,
  key: Object.fromEntries(['tenant', 'topicId', ...paths].map((path): [string, 1] => [path, 1])),
});

export const publications: FactDocuments = {
  name: 'publications',
  version: 2,
  question: 'Which publications are there with such attributes, values and words?',
  eventTypes: ['EventPublished'],
  timeField: 'publishedAt',
  inMemoryMax: 150_000,
  indexes: [
    inTopic('place', 'place'),
    inTopic('published', 'publishedAt', 'place'),
    inTopic('time', 'time', 'place'),
    inTopic('type', 'type', 'place'),
    inTopic('subject', 'subject', 'place'),
    inTopic('key', 'key', 'place'),
    inTopic('event', 'eventId', 'place'),
    inTopic('words', 'words', 'place'),
    { name: 'data', key: { 'data.$**': 1 }, optional: true },
  ],
  project,
};
