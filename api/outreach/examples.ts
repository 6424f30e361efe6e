/** Requests for messages, as the description of the API shows them. */
import type { Example } from '../route.js';

export const messageExamples: readonly Example[] = [
  {
    summary: 'A text of its own to a phone',
    value: {
      class: 'transactional',
      recipient: { phone: '+371 2612 3456' },
      channel: 'sms',
      text: { text: 'Your parcel is waiting at the shop in Riga.' },
      reference: 'parcel-17',
    },
  },
  {
    summary: 'A template along a strategy to a customer, from tomorrow on',
    value: {
      class: 'service',
      recipient: { userId: '0000000000000000000000017', locale: 'lv', timeZone: 'Europe/Riga' },
      strategy: { strategyId: 'push_then_sms' },
      template: { templateId: 'points_expire' },
      variables: { points: 300, until: '2026-03-31' },
      notBefore: '2026-03-03T09:00:00Z',
      callback: { topicId: 'message_statuses' },
    },
  },
  {
    summary: 'A batch, each with a key of its own',
    value: {
      messages: [
        {
          idempotencyKey: 'spring-1',
          class: 'marketing',
          recipient: { email: 'ada@example.com', name: 'Ada' },
          channel: 'email',
          template: { templateId: 'spring_sale' },
          campaign: 'spring',
        },
        {
          idempotencyKey: 'spring-2',
          class: 'marketing',
          recipient: { email: 'ben@example.com' },
          channel: 'email',
          template: { templateId: 'spring_sale' },
          campaign: 'spring',
        },
      ],
    },
  },
];
