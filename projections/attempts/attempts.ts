/** Which tries to hand a publication over were there, with what outcome, and what the endpoint said: for searches. */
import type { FactDocuments } from '../documents/documentProjection.js';
import { countOf, project } from './project.js';

/** The attempts of a subscription come in the order of their times under each of these. */
const ofSubscription = (name: string, ...paths: readonly string[]) => ({
  name,
  key: Object.fromEntries(
    ['tenant', 'subscriptionId', ...paths, 'startedAt', 'number'].map((path): [string, 1] => [
      path,
      1,
    ]),
  ),
});

export const attempts: FactDocuments = {
  name: 'attempts',
  version: 1,
  question: 'Which deliveries were tried, when, with what outcome, and what was answered?',
  eventTypes: ['DeliveriesAttempted'],
  timeField: 'startedAt',
  inMemoryMax: 50_000,
  indexes: [
    ofSubscription('time'),
    ofSubscription('outcome', 'outcome'),
    ofSubscription('status', 'status'),
    ofSubscription('webhook', 'webhookId'),
    ofSubscription('words', 'words'),
  ],
  countOf,
  project,
};
