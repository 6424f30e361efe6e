/** The segments: how each is defined, who is in it, and how large it was day by day. */
import { defineProjection } from '../projection.js';
import { eventTypes, projectSegments } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeSegments } from './write.js';

export const segments = defineProjection({
  name: 'segments',
  version: 2,
  question: 'Which segments are there, who is in them, and how did their size change?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectSegments,
  write: writeSegments,
});
