/**
 * Asks endpoints whether they agree to be called and records what they said. Nobody gets an endpoint asked more often than once a
 * second by one subscription: whoever asks again within it is told the same, so that we are no tool against a stranger's machine.
 */
import { randomUUID } from 'node:crypto';
import { LRUCache } from 'lru-cache';
import type { CommandContext } from '../command.js';
import type { Handler } from '../handle.js';
import type { SubscriptionRecord } from '../subscriptions.js';
import { askEndpoint, type CallOut } from './handshake.js';
import { recordVerification, type Verdict } from './recordVerification.js';
import type { SubscriptionSecrets } from './secrets.js';

export interface Asked {
  readonly verdict: Verdict;
  readonly record: SubscriptionRecord;
}

/** @throws Rejected subscription-changed where it moved meanwhile, and what the log throws. */
export type AskAndRecord = (record: SubscriptionRecord, context: CommandContext) => Promise<Asked>;

const remembered = 10_000;
const sameAnswerMs = 1_000;

export const createAskAndRecord = (options: {
  readonly handler: Handler;
  readonly secrets: Pick<SubscriptionSecrets, 'headersOf'>;
  readonly callOut: CallOut;
  /** Who we are: a host name. */
  readonly origin: string;
}): AskAndRecord => {
  const { handler, secrets, callOut, origin } = options;
  const answers = new LRUCache<string, Promise<Verdict>>({ max: remembered, ttl: sameAnswerMs });

  const ask = (record: SubscriptionRecord): Promise<Verdict> => {
    const { tenant, subscriptionId, sealedHeaders = '' } = record;
    const key = [tenant, subscriptionId, record.endpoint.url, sealedHeaders].join('\n');
    const known = answers.get(key);
    if (known) return known;
    const { url } = record.endpoint;
    const { ratePerSecond } = record;
    const asking = secrets
      .headersOf(record)
      .then((headers) => askEndpoint(callOut, origin, { url, ratePerSecond, headers }));
    answers.set(key, asking);
    return asking;
  };

  return async (record, context) => {
    const verdict = await ask(record);
    const { subscriptionId, partnerId } = record;
    const input = { subscriptionId, partnerId, url: record.endpoint.url, verdict };
    // Each question is one of its own, whatever was asked before under the caller's key.
    const own = { ...context, idempotencyKey: randomUUID() };
    const { answer } = await handler.handle(recordVerification, input, own);
    return { verdict, record: answer };
  };
};
