/** Which messages are there, to whom, how far they came, and why: for searches. */
import type { HistoryDocuments } from '../documents/documentProjection.js';
import { changesOf, eventTypes, sweepOf } from './project.js';

/** The messages of a programme come in the order in which they were accepted under each of these. */
const ofTenant = (name: string, ...paths: readonly string[]) => ({
  name,
  key: Object.fromEntries(
    ['tenant', ...paths, 'acceptedAt', 'messageId'].map((path): [string, 1] => [path, 1]),
  ),
});

export const messages: HistoryDocuments = {
  name: 'messages',
  version: 2,
  question: 'Which messages are there, to whom, how far did they come, and why?',
  eventTypes,
  // Nothing else means anything before the first.
  triggers: ['MessageAccepted'],
  timeField: 'acceptedAt',
  inMemoryMax: 50_000,
  indexes: [
    ofTenant('time'),
    ofTenant('requester', 'requester'),
    ofTenant('user', 'userId'),
    ofTenant('address', 'addresses'),
    ofTenant('status', 'status'),
    ofTenant('campaign', 'campaign'),
    ofTenant('template', 'templateId'),
    ofTenant('reference', 'reference'),
    ofTenant('words', 'words'),
  ],
  changesOf,
  sweepOf,
};
