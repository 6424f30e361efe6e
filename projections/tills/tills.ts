/** The register: which tenants, merchants, shops, tills, apps, operators, products and rules there are. */
import { defineProjection } from '../projection.js';
import { eventTypes, projectRegister } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeRegister } from './write.js';

export const tills = defineProjection({
  name: 'tills',
  version: 1,
  question:
    'Which merchants, shops, tills, apps, operators and products are there, and which left?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectRegister,
  write: writeRegister,
});
