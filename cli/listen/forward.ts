/**
 * Hands an event to a receiver on the developer's machine as the webhook would: the same request, the same signature, the same id. So a
 * receiver can be tried before it has a public address. What comes of it is told and nothing more: it is not tried again.
 */
import { performance } from 'node:perf_hooks';
import type { Publication } from '../../domain/publication/publication.js';
import { deliveriesStream } from '../../domain/delivery/events.js';
import type { SubscriptionId, TenantId, TopicId } from '../../domain/ids.js';
import { webhookIdOf } from '../../commands/delivery/webhookId.js';
import { render } from '../../workers/webhook/rendering.js';
import { SecretUnusable, signatureHeaders } from '../../workers/webhook/signature.js';
import { exitCodes, Failure } from '../failure.js';

export interface Receiver {
  readonly url: string;
  /** `whsec_…`; several while they are being rotated. */
  readonly secrets: readonly string[];
  readonly mode: 'structured' | 'binary';
  readonly tenant: TenantId;
  readonly topicId: TopicId;
  /** Ids are those that its deliveries have; without one they are of this command's own. */
  readonly subscriptionId: SubscriptionId;
}

export interface Forwarded {
  readonly webhookId: string;
  readonly ms: number;
  /** Null: there was no answer. */
  readonly status: number | null;
  /** Why not. */
  readonly error: string | null;
}

const deadlineMs = 15_000;

/** @throws Failure where the secret is none, before anything is sent. */
export const checkReceiver = ({ url, secrets }: Receiver): void => {
  if (!URL.canParse(url) || !/^https?:$/.test(new URL(url).protocol)) {
    throw new Failure(`${url} is no address to forward to.`, {
      exitCode: exitCodes.usage,
      advice: 'Write --forward http://localhost:3000/hooks',
    });
  }
  try {
    signatureHeaders(secrets, { id: 'msg_', timestamp: 0, body: '' });
  } catch (error) {
    if (!(error instanceof SecretUnusable)) throw error;
    throw new Failure(`The secret cannot be used: ${error.message}.`, {
      exitCode: exitCodes.usage,
    });
  }
};

/** @param nowSeconds since the epoch. */
export const forward = async (
  receiver: Receiver,
  place: number,
  publication: Publication,
  nowSeconds: number,
  signal: AbortSignal,
): Promise<Forwarded> => {
  const { tenant, topicId, subscriptionId, mode } = receiver;
  const webhookId = webhookIdOf(deliveriesStream(tenant, subscriptionId), [place]);
  const { headers, body } = render({ topicId, mode }, [{ place, publication, structured: null }]);
  const signed = { id: webhookId, timestamp: nowSeconds, body };
  const started = performance.now();
  const done = (status: number | null, error: string | null): Forwarded => {
    return { webhookId, ms: Math.round(performance.now() - started), status, error };
  };
  try {
    const response = await fetch(receiver.url, {
      method: 'POST',
      headers: {
        ...headers,
        ...signatureHeaders(receiver.secrets, signed),
        'user-agent': 'kopilka-cli',
      },
      body: new Uint8Array(body),
      redirect: 'manual',
      signal: AbortSignal.any([signal, AbortSignal.timeout(deadlineMs)]),
    });
    await response.arrayBuffer();
    return done(response.status, null);
  } catch (error) {
    const { cause, name } = error as { cause?: { message?: string; code?: string }; name: string };
    if (name === 'TimeoutError') return done(null, `no answer within ${deadlineMs / 1_000} s`);
    return done(null, cause?.message || cause?.code || (error as Error).message);
  }
};
