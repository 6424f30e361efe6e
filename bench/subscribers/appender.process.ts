/** Appends one event after the other at a fixed rate, whatever becomes of those before, and carries in each when it was sent. */
import { randomUUID } from 'node:crypto';
import { ANY, EventStoreDBClient, jsonEvent } from '@eventstore/db-client';
import { answerParent } from '../child.js';
import { wallClockMs } from './probe.js';
import { categoryName, drawn, typeName } from './traffic.js';

export interface AppendingPlan {
  readonly connectionString: string;
  readonly perSecond: number;
  readonly seconds: number;
  /** Number of the first event. */
  readonly from: number;
}

export interface Appended {
  readonly events: number;
  readonly seconds: number;
}

const turnMs = 5;
const streamsOfCategory = 40;

let client: EventStoreDBClient | undefined;

const append = async (plan: AppendingPlan): Promise<Appended> => {
  const log = (client ??= EventStoreDBClient.connectionString(plan.connectionString));
  const started = performance.now();
  const total = Math.round(plan.perSecond * plan.seconds);
  const pending = new Set<Promise<unknown>>();
  let failure: unknown;
  let sent = 0;
  const send = (number: number): void => {
    const { category, family } = drawn(number);
    const stream = `${categoryName(category)}-${number % streamsOfCategory}`;
    const event = jsonEvent({
      id: randomUUID(),
      type: typeName(family),
      data: { number, sentMs: wallClockMs(), text: 'x'.repeat(200) },
    });
    const appending = log
      .appendToStream(stream, event, { expectedRevision: ANY })
      .catch((error: unknown) => (failure = error))
      .finally(() => pending.delete(appending));
    pending.add(appending);
  };
  while (sent < total && failure === undefined) {
    const due = Math.min(total, ((performance.now() - started) / 1000) * plan.perSecond);
    for (; sent < due; sent += 1) send(plan.from + sent);
    await new Promise((resolve) => setTimeout(resolve, turnMs));
  }
  await Promise.all(pending);
  if (failure !== undefined) throw failure as Error;
  return { events: sent, seconds: (performance.now() - started) / 1000 };
};

answerParent(append, async () => client?.dispose());
