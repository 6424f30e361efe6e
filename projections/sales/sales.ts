/** The sales: what each shop turned over on each of its days. */
import { defineProjection } from '../projection.js';
import { eventTypes, projectSales } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeSales } from './write.js';

export const sales = defineProjection({
  name: 'sales',
  version: 2,
  question: 'What did each merchant and point of sale turn over, day by day?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectSales,
  write: writeSales,
});
