/** Who brought whom, and what became of it. */
import { defineProjection } from '../projection.js';
import { eventTypes, projectReferrals } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeReferrals } from './write.js';

export const referrals = defineProjection({
  name: 'referrals',
  version: 2,
  question: 'Who brought whom, did they qualify, and what did both get?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectReferrals,
  write: writeReferrals,
});
