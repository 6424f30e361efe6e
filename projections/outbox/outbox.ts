/** The queue of messages: what is to be sent, in which order, and what is known of those it goes to. */
import { defineProjection } from '../projection.js';
import { eventTypes, projectOutbox } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeOutbox } from './write.js';

export const outbox = defineProjection({
  name: 'outbox',
  version: 1,
  question: 'Which messages are to be sent now, and which later, and who may be written to?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectOutbox,
  write: writeOutbox,
});
