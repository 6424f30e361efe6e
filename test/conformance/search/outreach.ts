/** Messages and what their journal says of them, as facts: so many that each way to find them has some to find and some to leave. */
import type { Accepted } from '../../../domain/message/message.js';
import { messageClasses } from '../../../domain/message/kinds.js';
import { demo, type Filled } from './filled.js';

export const messageIdOf = (n: number): string => n.toString(16).padStart(32, '0');
export const hashOf = (name: string): string =>
  Buffer.from(name).toString('hex').padEnd(64, '0').slice(0, 64);
export const userOf = (n: number): string =>
  `80180000000000000000000${String(n % 7).padStart(2, '0')}`;
const after = '2027-01-01T00:00:00.000Z';
export const outbox = `outbox-${demo}.0`;

export const acceptedOf = (n: number): Accepted =>
  ({
    messageId: messageIdOf(n),
    class: messageClasses[n % 4],
    requester:
      n % 3 === 0
        ? { kind: 'operator', id: 'olga' }
        : { kind: 'partner', id: n % 3 === 1 ? 'motor' : 'bank' },
    ...(n % 2 ? { reference: `order-${n % 10}` } : {}),
    recipient: {
      userId: n % 5 ? userOf(n) : null,
      subject: n % 5 ? userOf(n) : `addr_${hashOf(`mail${n % 4}`).slice(0, 40)}`,
      addresses: n % 5 ? {} : { email: hashOf(`mail${n % 4}`) },
    },
    template: n % 4 ? { templateId: `template_${n % 3}`, version: 1 } : null,
    sealed: 'c2VhbGVk',
    ...(n % 4 ? {} : { words: [`w${n % 6}`] }),
    strategy: null,
    steps: [
      { channel: n % 2 ? 'sms' : 'email', until: 'delivered', waitSeconds: 600 },
      { channel: 'sms', until: 'delivered', waitSeconds: 600 },
    ],
    notBefore: null,
    expiresAt: after,
    ...(n % 6 ? {} : { campaign: 'autumn' }),
    lane: 0,
  }) as unknown as Accepted;

export const providerOf = (n: number): string => (n % 2 ? `sms_${n % 3}` : 'mail_1');

export const startedOf = (n: number) => ({
  decisions: [
    {
      ...{ version: 1, rule: 'all', chosen: providerOf(n) },
      candidates: [{ providerId: providerOf(n), weight: 100, verdict: 'chosen' }],
    },
  ],
  attempts: [
    {
      ...{ messageId: messageIdOf(n), attempt: 1, step: 0, channel: n % 2 ? 'sms' : 'email' },
      ...{ providerId: providerOf(n), clientReference: `${messageIdOf(n)}.1`, decision: 0 },
      permission: { basis: 'class', asOf: '1' },
      address: hashOf(`address${n % 9}`),
      ...(n % 2 ? { segments: 2, cost: { micros: 50_000, currency: 'EUR' } } : {}),
    },
  ],
});

export const answerOf = (n: number) => ({
  ...{ messageId: messageIdOf(n), attempt: 1, at: '2026-05-01T08:00:00.000Z', ms: n },
  ...(n % 8 === 7
    ? {
        outcome: 'permanent',
        errorClass: 'recipientPermanent',
        code: '550',
        text: `No such user, box${n % 3}`,
      }
    : { outcome: 'submitted', providerReference: `p-${n}` }),
});

export const isStarted = (n: number): boolean => n % 10 !== 9;
const isDelivered = (n: number): boolean => isStarted(n) && n % 8 !== 7 && n % 2 === 0;

/** What they are found by in the end. */
export const statusOf = (n: number): string => {
  if (!isStarted(n)) return 'accepted';
  if (isDelivered(n)) return 'delivered';
  return n % 8 === 7 ? 'undelivered' : 'inProgress';
};

/** All of the first `count`; answers with the last position. */
export const recordMessages = async (filled: Filled, count: number): Promise<bigint> => {
  const all = Array.from({ length: count }, (_, n) => n);
  for (const n of all) {
    await filled.record(`message-${demo}.${messageIdOf(n)}`, 'MessageAccepted', acceptedOf(n));
  }
  const journal = (type: string, data: unknown) => filled.record(outbox, type, data);
  const sent = all.filter(isStarted);
  await journal('AttemptsStarted', {
    decisions: sent.flatMap((n) => startedOf(n).decisions),
    attempts: sent.flatMap((n, decision) =>
      startedOf(n).attempts.map((attempt) => ({ ...attempt, decision })),
    ),
  });
  await journal('AttemptsAnswered', { answers: sent.map(answerOf) });
  await journal('ReceiptsRecorded', {
    receipts: all.filter(isDelivered).map((n) => ({
      ...{ messageId: messageIdOf(n), attempt: 1, status: 'delivered' },
      at: '2026-05-01T08:00:01.000Z',
    })),
  });
  return journal('MessagesEnded', {
    items: sent
      .filter((n) => statusOf(n) !== 'inProgress')
      .map((n) => ({
        messageId: messageIdOf(n),
        status: statusOf(n),
        reason: isDelivered(n) ? 'delivered' : 'recipient',
      })),
  });
};
