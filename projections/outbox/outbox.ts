/** The queue of messages: what is to be sent, in which order, and what is known of those it goes to. */
import { defineProjection, type Projection } from '../projection.js';
import { eventTypes, projectOutbox } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeOutbox } from './write.js';
import type { QueueNews } from './write/news.js';

export { joined, newsKey, type QueueNews } from './write/news.js';

/** @param onNews told of what was written, before it is committed. */
export const outboxTelling = (onNews?: (news: readonly QueueNews[]) => void): Projection =>
  defineProjection({
    name: 'outbox',
    version: 2,
    question: 'Which messages are to be sent now, and which later, and who may be written to?',
    eventTypes,
    tables,
    indexes,
    views,
    project: projectOutbox,
    write: (changes) => writeOutbox(changes, onNews),
  });

export const outbox = outboxTelling();
