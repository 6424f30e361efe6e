/**
 * The customers: who is enrolled, with which cards and who else of their household, found by card, phone or e-mail of any of them
 * without either being readable.
 */
import { defineProjection } from '../projection.js';
import { eventTypes, projectCustomers } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeCustomers } from './write.js';

export const customers = defineProjection({
  name: 'customers',
  version: 3,
  question:
    'Who is a customer, who else of their household, by which cards and contacts, and who has left?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectCustomers,
  write: writeCustomers,
});
