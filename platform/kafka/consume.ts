/**
 * A member of a consumer group that comes back: when the client gives up, another one begins after a wait that grows with each failure
 * in a row, from the offsets that were committed.
 *
 * Offsets are committed by whoever took the messages and never by the client. While a batch is worked on the group is told that this
 * member lives, also when the work takes long; that the partition was taken away is seen by `isOver`, and the commit that comes too
 * late fails. A batch that could not be worked on pauses its partition alone; nothing of it is resolved, so it is fetched again.
 */
import type { Consumer, EachBatchPayload, Kafka as Client, KafkaMessage as Raw } from 'kafkajs';
import { backOffMs, pause } from '../../projections/pause.js';
import type { FoundBatch, FoundMessage, Intake } from '../../workers/kafka/port.js';
import { endsWithin } from '../lifecycle/deadline.js';
import { asTrouble } from './trouble.js';

/** A process that was killed keeps its partitions so long. */
const sessionTimeoutMs = 10_000;
const rebalanceTimeoutMs = 15_000;
const heartbeatMs = 3_000;
/** A fetch under way is waited for when it stops, so it may not wait long for something to come. */
const fetchWaitMs = 500;
const bytesOfPartition = 1_048_576;
const bytesOfFetch = 4_194_304;
const partitionsAtOnce = 3;
const disconnectDeadlineMs = 5_000;
const firstWaitMs = 500;
const longestWaitMs = 5_000;
/** A short absence of the brokers is sat out within the group: who left without a word is waited for by the others. */
const retry = { retries: 12, initialRetryTime: 200, maxRetryTime: 1_000 };

export const createConsume =
  (client: Client) =>
  async (intake: Intake): Promise<void> => {
    const { signal, onTrouble } = intake;
    const generation = { number: 0 };
    for (let attempt = 1; !signal.aborted; attempt += 1) {
      const begun = performance.now();
      try {
        await member(client, intake, generation);
      } catch (error) {
        if (signal.aborted) return;
        onTrouble(asTrouble(error));
      }
      if (performance.now() - begun > longestWaitMs) attempt = 1;
      await pause(backOffMs(attempt, firstWaitMs, longestWaitMs), signal);
    }
  };

/** Counts how often the partitions were shared out. */
interface Generation {
  number: number;
}

/** Until the signal aborts. @throws what the client gave up with. */
const member = async (client: Client, intake: Intake, generation: Generation): Promise<void> => {
  const { group: groupId, signal } = intake;
  // Of this member alone, so that nothing of it stays with the signal when the next one begins.
  const over = new AbortController();
  const stopped = aborted(AbortSignal.any([signal, over.signal]));
  const consumer = client.consumer({
    groupId,
    sessionTimeout: sessionTimeoutMs,
    rebalanceTimeout: rebalanceTimeoutMs,
    heartbeatInterval: heartbeatMs,
    maxBytesPerPartition: bytesOfPartition,
    maxBytes: bytesOfFetch,
    maxWaitTimeInMs: fetchWaitMs,
    allowAutoTopicCreation: false,
    // Whether it restarts by itself depends on the error; here it never does, so that there is one way back.
    retry: { ...retry, restartOnFailure: () => Promise.resolve(false) },
  });
  let beginning: Promise<void> = Promise.resolve();
  try {
    const crashed = new Promise<never>((_resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload }) => reject(payload.error));
    });
    crashed.catch(() => undefined);
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      generation.number += 1;
      intake.onJoined(payload.memberAssignment[intake.kafkaTopic] ?? []);
    });
    // The client tries for a while to connect and to join; who stops does not wait for it.
    beginning = begin(consumer, intake, generation);
    await Promise.race([beginning, crashed, stopped]);
    await Promise.race([crashed, stopped]);
  } finally {
    over.abort();
    const leave = () => consumer.disconnect().catch(() => undefined);
    await endsWithin(leave(), disconnectDeadlineMs);
    // One that joins only after it was to leave would keep its partitions from the others.
    void beginning.then(leave, leave);
  }
};

const aborted = (signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    if (signal.aborted) return resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });

const begin = async (consumer: Consumer, intake: Intake, generation: Generation): Promise<void> => {
  await intake.prepare();
  if (intake.signal.aborted) return;
  await consumer.connect();
  // Also where a committed offset is gone: from what is left, never past what was not seen.
  await consumer.subscribe({ topics: [intake.kafkaTopic], fromBeginning: true });
  const failures = new Map<number, number>();
  await consumer.run({
    autoCommit: false,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: partitionsAtOnce,
    eachBatch: (payload) => work(payload, intake, generation.number, failures),
  });
};

const work = async (
  payload: EachBatchPayload,
  { signal, onBatch, onTrouble }: Intake,
  generation: number,
  failures: Map<number, number>,
): Promise<void> => {
  const { partition } = payload.batch;
  const alive = keepAlive(payload);
  try {
    await onBatch(foundBatch(payload, generation, signal, alive));
    failures.delete(partition);
  } catch (error) {
    if (!alive.lost()) {
      onTrouble(error);
      const attempt = (failures.get(partition) ?? 0) + 1;
      failures.set(partition, attempt);
      const resume = payload.pause();
      setTimeout(resume, backOffMs(attempt, firstWaitMs, longestWaitMs)).unref();
    }
  } finally {
    alive.stop();
  }
  // The client finds its way back into the group by the error that took it out.
  if (alive.lost()) throw alive.lost();
};

interface Alive {
  /** Why the partition may be another's by now. */
  lost(): Error | null;
  lose(error: unknown): void;
  stop(): void;
}

const keepAlive = ({ heartbeat }: EachBatchPayload): Alive => {
  let lost: Error | null = null;
  const lose = (error: unknown) => void (lost ??= error as Error);
  const timer = setInterval(() => void heartbeat().catch(lose), heartbeatMs);
  return { lost: () => lost, lose, stop: () => clearInterval(timer) };
};

const foundBatch = (
  payload: EachBatchPayload,
  generation: number,
  signal: AbortSignal,
  alive: Alive,
): FoundBatch => {
  const { batch, isRunning, isStale, resolveOffset, commitOffsetsIfNecessary } = payload;
  const { topic, partition } = batch;
  return {
    kafkaTopic: topic,
    partition,
    generation,
    messages: batch.messages.map(foundMessage),
    behind: Math.max(0, Number(batch.offsetLag())),
    isOver: () => signal.aborted || !isRunning() || isStale() || alive.lost() !== null,
    settle: async (offset) => {
      const next = String(BigInt(offset) + 1n);
      try {
        const partitions = [{ partition, offset: next }];
        await commitOffsetsIfNecessary({ topics: [{ topic, partitions }] });
      } catch (error) {
        alive.lose(error);
        throw asTrouble(error);
      }
      resolveOffset(offset);
    },
  };
};

const foundMessage = ({ offset, key, value, headers = {}, timestamp }: Raw): FoundMessage => ({
  offset,
  key,
  value,
  headers: Object.fromEntries(
    Object.entries(headers).flatMap(([name, given]) => {
      const last = Array.isArray(given) ? given.at(-1) : given;
      return last === undefined ? [] : [[name, Buffer.from(last)] as const];
    }),
  ),
  timestamp: Number(timestamp),
});
