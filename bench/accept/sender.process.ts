/** Asks for messages over the API, one or many a request, so many requests in flight. */
import { randomUUID } from 'node:crypto';
import { Pool } from 'undici';
import { answerParent } from '../child.js';
import type { Sample } from '../load/latencies.js';
import { createRecorder } from '../load/recorder.js';
import { requestOf } from './requests.js';

export interface SendPlan {
  readonly url: string;
  readonly token: string;
  /** Messages of a request; 1: alone, not in a batch. */
  readonly batch: number;
  readonly inFlight: number;
  /** ISO 8601 */
  readonly notBefore: string;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

export interface Sent {
  /** Of requests. */
  readonly sample: Sample;
  /** Messages that were refused. */
  readonly refused: number;
  readonly messageId: string;
}

let number = 0;

const bodyOf = ({ batch, notBefore }: SendPlan): string => {
  const messages = Array.from({ length: batch }, () => requestOf((number += 1), notBefore));
  return JSON.stringify(batch === 1 ? messages[0] : { messages });
};

interface Answer {
  readonly messageId?: string;
  readonly refused?: number;
  readonly items?: readonly { readonly messageId?: string }[];
}

answerParent(async (plan: SendPlan): Promise<Sent> => {
  const pool = new Pool(plan.url, { connections: plan.inFlight, pipelining: 1 });
  const recorder = createRecorder(plan.warmUpSeconds, plan.seconds);
  const stopAt = performance.now() + (plan.warmUpSeconds + plan.seconds) * 1000;
  let refused = 0;
  let messageId = '';
  const worker = async (): Promise<void> => {
    while (performance.now() < stopAt) {
      const body = bodyOf(plan);
      const started = performance.now();
      const answer = await pool.request({
        method: 'POST',
        path: '/outreach/v1/messages',
        headers: {
          authorization: `Bearer ${plan.token}`,
          'content-type': 'application/json',
          'idempotency-key': randomUUID(),
        },
        body,
      });
      const told = (await answer.body.json()) as Answer;
      recorder.record(answer.statusCode, performance.now() - started);
      refused += told.refused ?? 0;
      messageId = told.messageId ?? told.items?.[0]?.messageId ?? messageId;
    }
  };
  await Promise.all(Array.from({ length: plan.inFlight }, worker));
  await pool.close();
  return { sample: recorder.sample(), refused, messageId };
});
