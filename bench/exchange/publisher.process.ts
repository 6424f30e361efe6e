/** Publishes over the API: at a steady rate, one event a request, or as fast as it goes, a hundred a request. */
import { Pool } from 'undici';
import { answerParent } from '../child.js';
import { wallClockMs } from '../subscribers/probe.js';

export interface PublishPlan {
  readonly url: string;
  readonly token: string;
  readonly topicId: string;
  readonly events: number;
  /** Null: as fast as it goes, in batches. */
  readonly perSecond: number | null;
}

export interface Published {
  /** Epoch milliseconds of the answer, by place. */
  readonly accepted: Float64Array;
  readonly seconds: number;
  /** Answers other than 201. */
  readonly refused: number;
}

const connections = 16;
const batchMax = 100;

export const eventOf = (number: number): object => ({
  specversion: '1.0',
  id: `choice-${number}`,
  source: '/sites/motor-house',
  type: 'com.motorhouse.car.chosen',
  subject: `car:${number % 997}`,
  partitionkey: `customer:${number % 1_009}`,
  data: {
    brand: 'Lada',
    model: 'Niva',
    colour: 'red',
    price: { amount: 1_250_000, currency: 'EUR' },
  },
});

answerParent(async ({ url, token, topicId, events, perSecond }: PublishPlan) => {
  const pool = new Pool(url, { connections, pipelining: 1 });
  const accepted = new Float64Array(events);
  let refused = 0;
  const post = async (body: object, type: string): Promise<void> => {
    const answer = await pool.request({
      method: 'POST',
      path: `/exchange/v1/topics/${topicId}/publications`,
      headers: { authorization: `Bearer ${token}`, 'content-type': `application/${type}` },
      body: JSON.stringify(body),
    });
    const at = wallClockMs();
    const published = (await answer.body.json()) as { items?: { place: number }[] };
    if (answer.statusCode !== 201) refused += 1;
    for (const { place } of published.items ?? []) accepted[place] = at;
  };
  const started = performance.now();
  if (perSecond === null) {
    let next = 0;
    const lane = async (): Promise<void> => {
      while (next < events) {
        const from = next;
        next = Math.min(events, next + batchMax);
        const batch = Array.from({ length: next - from }, (_, i) => eventOf(from + i));
        await post(batch, 'cloudevents-batch+json');
      }
    };
    await Promise.all(Array.from({ length: 4 }, lane));
  } else {
    const under: Promise<void>[] = [];
    for (let sent = 0; sent < events;) {
      const due = Math.min(events, Math.floor(((performance.now() - started) / 1_000) * perSecond));
      for (; sent < due; sent += 1) under.push(post(eventOf(sent), 'cloudevents+json'));
      await new Promise((resolve) => setTimeout(resolve, 1));
    }
    await Promise.all(under);
  }
  const seconds = (performance.now() - started) / 1_000;
  await pool.close();
  return { accepted, seconds, refused } satisfies Published;
});
