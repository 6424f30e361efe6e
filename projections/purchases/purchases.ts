/** The purchases: every receipt with its lines, what was given back of it, and the recorded why. */
import { defineProjection } from '../projection.js';
import { eventTypes, projectPurchases } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writePurchases } from './write.js';

export const purchases = defineProjection({
  name: 'purchases',
  version: 4,
  question: 'What was bought where, what came back, and why did it earn and cost what it did?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectPurchases,
  write: writePurchases,
});
