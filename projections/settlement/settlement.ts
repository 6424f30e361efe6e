/** The settlement: what merchants of a coalition owe each other for points and gift cards that one issued and another took. */
import { defineProjection } from '../projection.js';
import { eventTypes, projectSettlement } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeSettlement } from './write.js';

export const settlement = defineProjection({
  name: 'settlement',
  version: 2,
  question:
    'What do merchants owe each other for points and gift cards that one issued and another took?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectSettlement,
  write: writeSettlement,
});
