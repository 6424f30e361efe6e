/** The balances: points of every account, where each came from and went, and when the rest activates and expires. */
import { defineProjection } from '../projection.js';
import { eventTypes, projectBalances } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeBalances } from './write.js';

export const balances = defineProjection({
  name: 'balances',
  version: 1,
  question: 'How many points has a customer, from what, and until when?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectBalances,
  write: writeBalances,
});
