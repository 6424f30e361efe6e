/** Which tries to send a message were there, by whom, why by that one, what came of each, and what it cost: for searches. */
import type { HistoryDocuments } from '../documents/documentProjection.js';
import { changesOf, eventTypes } from './project.js';

const ofTenant = (name: string, ...paths: readonly string[]) => ({
  name,
  key: Object.fromEntries(
    ['tenant', ...paths, 'startedAt', 'messageId', 'attempt'].map((path): [string, 1] => [path, 1]),
  ),
});

export const messageAttempts: HistoryDocuments = {
  name: 'messageAttempts',
  version: 1,
  question: 'Which tries to send messages were there, why by that provider, and what came of each?',
  eventTypes,
  triggers: ['MessageAccepted'],
  timeField: 'startedAt',
  inMemoryMax: 50_000,
  indexes: [
    ofTenant('time'),
    { name: 'message', key: { tenant: 1, messageId: 1, attempt: 1 } },
    ofTenant('provider', 'providerId'),
    ofTenant('status', 'status'),
    ofTenant('words', 'words'),
  ],
  changesOf,
};
