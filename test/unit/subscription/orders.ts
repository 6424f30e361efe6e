/** Standing orders for specs: one in full, and the events that happen to it. */
import type { PartnerId, SubscriptionId, TopicId } from '../../../domain/ids.js';
import type { SubscriptionEvent, SubscriptionTerms } from '../../../domain/subscription/events.js';

export const url = 'https://bank.example/hooks/cars';

export const terms: SubscriptionTerms = {
  subscriptionId: 'sub_cars1' as SubscriptionId,
  partnerId: 'city_bank' as PartnerId,
  topicId: 'cars_chosen' as TopicId,
  endpoint: { url },
  mode: 'structured',
  signing: ['v1'],
  order: { by: 'none' },
  concurrency: 8,
  from: { kind: 'now', after: null },
  verification: 'handshake',
};

export const created: SubscriptionEvent = { type: 'SubscriptionCreated', data: terms };
export const unasked: SubscriptionEvent = {
  type: 'SubscriptionCreated',
  data: { ...terms, verification: 'none' },
};
export const verified: SubscriptionEvent = {
  type: 'EndpointVerified',
  data: { url, allowedRate: null },
};
export const refused: SubscriptionEvent = {
  type: 'EndpointVerificationFailed',
  data: { url, reason: 'It answered 404.' },
};
export const paused: SubscriptionEvent = {
  type: 'SubscriptionPaused',
  data: { reason: 'maintenance' },
};
export const resumed: SubscriptionEvent = { type: 'SubscriptionResumed', data: {} };
export const disabled: SubscriptionEvent & { type: 'SubscriptionDisabled' } = {
  type: 'SubscriptionDisabled',
  data: { reason: 'failing', since: '2026-03-01T12:00:00.000Z', explanation: 'It failed.' },
};
export const byOperator: SubscriptionEvent = {
  type: 'SubscriptionDisabled',
  data: { ...disabled.data, reason: 'operator', explanation: 'It was told to.' },
};
export const enabled: SubscriptionEvent = { type: 'SubscriptionEnabled', data: {} };
export const ended: SubscriptionEvent = { type: 'SubscriptionEnded', data: { reason: 'over' } };
