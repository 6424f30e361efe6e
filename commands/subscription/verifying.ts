/**
 * Asks endpoints whether they agree to be called and records what they said. We are no tool against a stranger's machine: a subscription
 * has its endpoint asked once a second, and whoever asks again within it is told the same; a host is asked by all of them
 * together as often as a person who sets many up at once needs.
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
const hostPerSecondMax = 20;

const overasked: Verdict = {
  agreed: false,
  reason: 'It was not called: its host is asked too often at the moment; verify it in a minute.',
};

export const createAskAndRecord = (options: {
  readonly handler: Handler;
  readonly secrets: Pick<SubscriptionSecrets, 'headersOf'>;
  readonly callOut: CallOut;
  /** Who we are: a host name. */
  readonly origin: string;
  readonly monotonicMs: () => number;
}): AskAndRecord => {
  const { handler, secrets, callOut, origin, monotonicMs } = options;
  const answers = new LRUCache<string, { readonly at: number; readonly verdict: Promise<Verdict> }>(
    {
      max: remembered,
    },
  );
  const hosts = new LRUCache<string, { readonly second: number; readonly asked: number }>({
    max: remembered,
  });

  const mayAsk = (url: string, at: number): boolean => {
    const { host } = new URL(url);
    const second = Math.floor(at / 1_000);
    const known = hosts.get(host);
    const asked = known?.second === second ? known.asked : 0;
    if (asked >= hostPerSecondMax) return false;
    hosts.set(host, { second, asked: asked + 1 });
    return true;
  };

  const ask = (record: SubscriptionRecord): Promise<Verdict> => {
    const { tenant, subscriptionId, sealedHeaders = '' } = record;
    const key = [tenant, subscriptionId, record.endpoint.url, sealedHeaders].join('\n');
    const at = monotonicMs();
    const known = answers.get(key);
    if (known && at < known.at + sameAnswerMs) return known.verdict;
    const { url } = record.endpoint;
    const { ratePerSecond } = record;
    if (!mayAsk(url, at)) return Promise.resolve(overasked);
    const verdict = secrets
      .headersOf(record)
      .then((headers) => askEndpoint(callOut, origin, { url, ratePerSecond, headers }));
    answers.set(key, { at, verdict });
    return verdict;
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
