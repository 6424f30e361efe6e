/** undici alone: posts the same bodies to the same endpoints, as many at a time as deliveries do. What deliveries are measured by. */
import { Pool } from 'undici';
import { answerParent } from '../child.js';

export interface UndiciPlan {
  readonly urls: readonly string[];
  /** To each of them. */
  readonly requests: number;
  readonly concurrency: number;
  readonly body: string;
}

const headersOf = (place: number): Record<string, string> => ({
  'content-type': 'application/cloudevents+json; charset=utf-8',
  'kopilka-topic': 'bench_topic',
  'kopilka-place': String(place),
  'user-agent': 'bench',
  'webhook-id': 'msg_0000000000000000000000',
  'webhook-timestamp': '1767225600',
  'webhook-signature': `v1,${'A'.repeat(43)}=`,
});

const postTo = async (url: string, plan: UndiciPlan): Promise<void> => {
  const { origin, pathname } = new URL(url);
  const pool = new Pool(origin, { connections: plan.concurrency, pipelining: 1 });
  const body = Buffer.from(plan.body);
  let place = 0;
  const lane = async (): Promise<void> => {
    while (place < plan.requests) {
      const headers = headersOf(place);
      place += 1;
      const answer = await pool.request({ method: 'POST', path: pathname, headers, body });
      await answer.body.dump();
    }
  };
  await Promise.all(Array.from({ length: plan.concurrency }, lane));
  await pool.close();
};

answerParent(async (plan: UndiciPlan) => {
  await Promise.all(plan.urls.map((url) => postTo(url, plan)));
});
