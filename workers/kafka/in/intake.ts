/**
 * Publishes what a partner writes to its Kafka topic, and settles an offset only when everything up to it is durable: published, or put
 * with its cause to the dead letters. While the log or Kafka refuse, nothing is settled and the partition pauses: the messages wait where
 * they are.
 */
import type { BindingRecord } from '../../../commands/kafkaLinks.js';
import { type Publish, publicationsMax } from '../../../commands/publication/publish.js';
import type { FoundBatch, Kafka } from '../port.js';
import { linkErrorOf, type LinkState, type Reporter } from '../state.js';
import { createChunkTaker, type Outcome, type Taken } from './chunk.js';
import { bury, deadLetterTopicOf } from './deadLetter.js';

/** Taken in as one and settled as one: so many may have been published by a process that was killed before it could say so. */
const chunk = publicationsMax;

export interface IntakeServices {
  readonly kafka: Kafka;
  /** The whole name of a Kafka topic. */
  readonly nameOf: (tenant: string, kafkaTopic: string) => string;
  /** What names of consumer groups begin with. */
  readonly groupPrefix: string;
  readonly publish: Publish;
  readonly reporter: Reporter;
  readonly now: () => number;
  readonly onFailed: (error: unknown, binding: BindingRecord) => void;
  readonly onTaken: (binding: BindingRecord, outcome: Outcome, messages: number) => void;
}

export const runIntake = async (
  binding: BindingRecord,
  services: IntakeServices,
  signal: AbortSignal,
): Promise<void> => {
  const { kafka, nameOf, reporter, publish, now, onFailed } = services;
  const { tenant, bindingId } = binding;
  const kafkaTopic = nameOf(tenant, binding.kafkaTopic);
  const group = `${services.groupPrefix}.${tenant}.${bindingId}`;
  const tell = reporter.tell.bind(null, 'binding', tenant, bindingId);
  const deadLetters = kafka.sender();
  const taker = createChunkTaker(binding, publish, now, signal);
  /** Partition -> since when it was ours alone. */
  const owned = new Map<number, number>();

  const prepare = async (): Promise<void> => {
    await kafka.ensureTopic(kafkaTopic);
    await kafka.ensureTopic(deadLetterTopicOf(kafkaTopic));
  };

  const onTrouble = (error: unknown): void => {
    onFailed(error, binding);
    tell({ error: linkErrorOf(error, now()) });
  };

  /** What moved to another process is counted there. */
  const onJoined = (assigned: readonly number[]): void => {
    const known = reporter.state('binding', tenant, bindingId).partitions;
    if (!known) return tell({ behind: 0, error: null });
    const partitions = Object.fromEntries(
      Object.entries(known).filter(([partition]) => assigned.includes(Number(partition))),
    );
    tell({ partitions, behind: behindOf(partitions), error: null });
  };

  const takeBatch = async (batch: FoundBatch): Promise<void> => {
    const { messages, partition, generation } = batch;
    for (let from = 0; from < messages.length; from += chunk) {
      if (batch.isOver()) return;
      const some = messages.slice(from, from + chunk);
      const careful = owned.get(partition) !== generation;
      const taken = await taker.take(some, batch, careful);
      await bury(taken, batch, group, deadLetters);
      count(taken, binding, services);
      const last = some.at(-1)?.offset ?? '0';
      await batch.settle(last);
      owned.set(partition, generation);
      const behind = batch.behind + messages.length - from - some.length;
      tell(progressOf(reporter, binding, partition, last, behind));
    }
  };

  /** What broke off may have been recorded in part, further in than a repeat is noticed: it is taken carefully again. */
  const onBatch = async (batch: FoundBatch): Promise<void> => {
    try {
      await takeBatch(batch);
    } catch (error) {
      owned.delete(batch.partition);
      throw error;
    }
  };

  try {
    await kafka.consume({ group, kafkaTopic, signal, prepare, onJoined, onBatch, onTrouble });
  } finally {
    await deadLetters.close();
  }
};

const count = (
  taken: readonly Taken[],
  binding: BindingRecord,
  { onTaken }: IntakeServices,
): void => {
  for (const outcome of ['published', 'repeated', 'deadLetter'] as const) {
    const messages = taken.filter((one) => one.outcome === outcome).length;
    if (messages > 0) onTaken(binding, outcome, messages);
  }
};

const progressOf = (
  reporter: Reporter,
  { tenant, bindingId }: BindingRecord,
  partition: number,
  offset: string,
  behind: number,
): Partial<LinkState> => {
  const known = reporter.state('binding', tenant, bindingId).partitions ?? {};
  const partitions = { ...known, [String(partition)]: { offset, behind } };
  return { partitions, behind: behindOf(partitions), error: null };
};

const behindOf = (partitions: NonNullable<LinkState['partitions']>): number =>
  Object.values(partitions).reduce((sum, one) => sum + one.behind, 0);
