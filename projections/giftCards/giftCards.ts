/** The gift cards: what is on them, who owes it, and what they paid where. */
import { defineProjection } from '../projection.js';
import { eventTypes, projectGiftCards } from './project.js';
import { indexes, tables, views } from './tables.js';
import { writeGiftCards } from './write.js';

export const giftCards = defineProjection({
  name: 'giftcards',
  version: 1,
  question: 'What is still on gift cards, who owes it, and what did they pay where?',
  eventTypes,
  tables,
  indexes,
  views,
  project: projectGiftCards,
  write: writeGiftCards,
});
