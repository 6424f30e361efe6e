/**
 * The load generator: autocannon in a process of its own. Requests are made before the clock runs, and each connection has its own,
 * so that no receipt is sent twice and building them is not measured.
 */
import autocannon from 'autocannon';
import { answerParent } from '../child.js';
import type { Sample } from './latencies.js';
import { purchasesPath, type ReceiptPlan, receipts } from './receipts.js';
import { createRecorder } from './recorder.js';

export interface LoadPlan extends ReceiptPlan {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
  /** More requests a second than any rival answers: what is prepared. */
  readonly perSecondMax: number;
}

/** One list for each connection, dealt in turn. */
const prepare = (plan: LoadPlan): autocannon.Request[][] => {
  const perConnection = Math.ceil(
    (plan.perSecondMax * (plan.warmUpSeconds + plan.seconds + 1)) / plan.connections,
  );
  const source = receipts(plan);
  return Array.from({ length: plan.connections }, () =>
    Array.from({ length: perConnection }, () => {
      const { userId, body } = source.next().value;
      return { method: 'POST' as const, path: purchasesPath(userId), body };
    }),
  );
};

const shoot = (plan: LoadPlan): Promise<Sample> => {
  const lists = prepare(plan);
  const perConnection = lists[0]?.length ?? 0;
  return new Promise((resolve, reject) => {
    let sent = 0;
    const instance = autocannon(
      {
        url: plan.url,
        connections: plan.connections,
        duration: plan.warmUpSeconds + plan.seconds + 0.2,
        timeout: 20,
        method: 'POST',
        headers: { 'content-type': 'application/json', ...plan.headers },
        setupClient: (client) => {
          const requests = lists.pop();
          if (requests) client.setRequests(requests);
        },
      },
      (error: Error | null, result) => {
        if (error) return reject(error);
        if (sent / plan.connections > perConnection * 0.98) {
          return reject(new Error('receipts ran out: raise perSecondMax'));
        }
        if (result.errors > 0) recorder.record(0, 0);
        resolve(recorder.sample());
      },
    );
    const recorder = createRecorder(plan.warmUpSeconds, plan.seconds);
    instance.on('response', (_client, status, _bytes, milliseconds) => {
      sent += 1;
      recorder.record(status, milliseconds);
    });
  });
};

answerParent(shoot);
