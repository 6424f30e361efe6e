/**
 * Rival (b): the events of a real purchase, appended as they are by the official client and nothing around it; and the same with that
 * client as Kopilka connects it, which puts its messages together by hand. Each of the N in
 * flight has streams of its own, so that no append loses a race; types are not Kopilka's, so that no projection takes them in.
 */
import { randomUUID } from 'node:crypto';
import { EventStoreDBClient, jsonEvent, NO_STREAM } from '@eventstore/db-client';
import { connect } from '../../platform/eventstore/client.js';
import { jsonBytes } from '../../platform/eventstore/jsonBytes.js';
import { answerParent } from '../child.js';
import type { Sample } from '../load/latencies.js';
import { randomFrom } from '../load/receipts.js';
import { createRecorder } from '../load/recorder.js';

export interface RawEvent {
  readonly type: string;
  readonly data: Readonly<Record<string, unknown>>;
  readonly metadata: string;
}

export interface AppendPlan {
  readonly connectionString: string;
  /** For the whole life of the process: what Kopilka changes of the client holds for all of them. */
  readonly client: 'as published' | 'as Kopilka connects it';
  /** The events of one purchase; `purchaseId` in their data is made new each time. */
  readonly events: readonly RawEvent[];
  readonly streams: number;
  readonly series: string;
  readonly inFlight: number;
  readonly warmUpSeconds: number;
  readonly seconds: number;
}

const deadlineMs = 20_000;

const within = <T>(promise: Promise<T>): Promise<T> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer in ${deadlineMs} ms`)), deadlineMs);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
};

let client: EventStoreDBClient | undefined;

const append = async (plan: AppendPlan): Promise<Sample> => {
  const { connectionString, series } = plan;
  const isOurs = plan.client === 'as Kopilka connects it';
  const log = (client ??= isOurs
    ? connect(connectionString)
    : EventStoreDBClient.connectionString(connectionString));
  const utf8 = new TextEncoder();
  const recorder = createRecorder(plan.warmUpSeconds, plan.seconds);
  const stopAt = performance.now() + (plan.warmUpSeconds + plan.seconds) * 1000;
  let number = 0;

  const eventsOf = (purchaseId: string) =>
    plan.events.map(({ type, data: given, metadata }) => {
      const data = { ...given, purchaseId };
      return isOurs
        ? jsonBytes(randomUUID(), type, utf8.encode(JSON.stringify(data)), utf8.encode(metadata))
        : jsonEvent({ id: randomUUID(), type, data, metadata: utf8.encode(metadata) });
    });

  const worker = async (index: number): Promise<void> => {
    const random = randomFrom(index + 1);
    const own = Math.max(1, Math.floor(plan.streams / plan.inFlight));
    const revisions = new Map<string, bigint>();
    while (performance.now() < stopAt) {
      const stream = `rawappend-${series}.${index}x${Math.floor(random() * own)}`;
      const expectedRevision = revisions.get(stream) ?? NO_STREAM;
      const purchaseId = `${series}:${(number += 1)}`;
      const started = performance.now();
      const result = await within(
        log.appendToStream(stream, eventsOf(purchaseId), { expectedRevision }),
      );
      recorder.record(200, performance.now() - started);
      revisions.set(stream, result.nextExpectedRevision);
    }
  };
  await Promise.all(Array.from({ length: plan.inFlight }, (_, index) => worker(index)));
  return recorder.sample();
};

answerParent(append, async () => client?.dispose());
