/** The tiers: which one every customer has, and how many customers each had day by day. */
import { defineProjection } from '../projection.js';
import { eventTypes, projectTiers } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeTiers } from './write.js';

export const tiers = defineProjection({
  name: 'tiers',
  version: 1,
  question: 'Which tier has each customer, and how many customers had each tier day by day?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectTiers,
  write: writeTiers,
});
