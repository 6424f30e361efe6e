/** Which partner was handed which publication by pull, stream or search, and when: for whoever has to prove it. */
import type { HistoryDocuments } from '../documents/documentProjection.js';
import { changesOf } from './project.js';

export const handovers: HistoryDocuments = {
  name: 'handovers',
  version: 1,
  question: 'Who was handed a publication by pull, stream or search, by whom asked, and when?',
  eventTypes: ['PublicationsHandedOver'],
  timeField: 'lastAt',
  // Each stands for up to 128 places of a topic and one who asked: some six million handovers.
  inMemoryMax: 50_000,
  indexes: [
    { name: 'block', key: { tenant: 1, topicId: 1, block: 1, partnerId: 1, way: 1, by: 1 } },
  ],
  changesOf,
};
