/**
 * Publishes what a partner writes to its Kafka topic, and settles an offset only when everything up to it is durable: published, or put
 * with its cause to the dead letters.
 *
 * Each message is a command of its own under the CloudEvent's source and id, as one sent to the API without a key, so a message that
 * comes again (a restart, a rebalance, a sender that repeats) is the same publication and another body under the same id is
 * refused. Messages of one key follow each other; those of different keys are on their way together, which the log writes as one.
 */
import type { BindingRecord } from '../../../commands/kafkaLinks.js';
import type { CommandContext } from '../../../commands/command.js';
import type { Publish } from '../../../commands/publication/publish.js';
import { type RejectionCode, Rejected } from '../../../domain/rejected.js';
import type { Publication } from '../../../domain/publication/publication.js';
import { InvalidInput } from '../../../commands/validation.js';
import type { FoundBatch, FoundMessage, Kafka, KafkaMessage, KafkaSender } from '../port.js';
import { linkErrorOf, type LinkState, type Reporter } from '../state.js';
import { type Cause, causeOf, deadLetterOf, deadLetterTopicOf } from './deadLetter.js';
import { publicationOf } from './message.js';

/** Messages whose offset is committed together. */
const chunk = 500;
/** Keys that are worked on at a time. */
const atOnce = 64;
const bytesMax = 262_144;

/** It is not the message that is refused: nothing of the binding can be published at present. */
const ofBinding: readonly RejectionCode[] = [
  ...(['partner-not-found', 'revoked', 'tenant-not-found'] as const),
  ...(['topic-not-found', 'not-topic-owner', 'topic-archived'] as const),
];

export type Outcome = 'published' | 'repeated' | 'deadLetter';

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

interface Decoded {
  readonly message: FoundMessage;
  readonly publication: Publication | null;
  cause: Cause | null;
  outcome: Outcome;
}

export const runIntake = async (
  binding: BindingRecord,
  services: IntakeServices,
  signal: AbortSignal,
): Promise<void> => {
  const { kafka, nameOf, reporter, now, onFailed } = services;
  const { tenant, bindingId } = binding;
  const kafkaTopic = nameOf(tenant, binding.kafkaTopic);
  const group = `${services.groupPrefix}.${tenant}.${bindingId}`;
  const tell = reporter.tell.bind(null, 'binding', tenant, bindingId);
  const deadLetters = kafka.sender();
  const onTrouble = (error: unknown): void => {
    onFailed(error, binding);
    tell({ error: linkErrorOf(error, now()) });
  };
  /** Its own and that of its dead letters, before anything is read. */
  let prepared = false;
  const prepare = async (): Promise<void> => {
    if (prepared) return;
    for (const topic of [kafkaTopic, deadLetterTopicOf(kafkaTopic)]) await kafka.ensureTopic(topic);
    prepared = true;
  };

  const onBatch = async (batch: FoundBatch): Promise<void> => {
    for (let from = 0; from < batch.messages.length; from += chunk) {
      if (batch.isOver()) return;
      const messages = batch.messages.slice(from, from + chunk);
      await takeIn(messages, batch, binding, { ...services, group, deadLetters });
      const last = messages.at(-1)?.offset ?? '0';
      await batch.settle(last);
      const behind = batch.behind + batch.messages.length - from - messages.length;
      tell(progressOf(reporter, binding, batch.partition, last, behind));
    }
  };

  try {
    await kafka.consume({ group, kafkaTopic, signal, prepare, onBatch, onTrouble });
  } finally {
    await deadLetters.close();
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
  const all = Object.values(partitions).reduce((sum, one) => sum + one.behind, 0);
  return { partitions, behind: all, error: null };
};

/** Resolves when every message is durable somewhere. @throws what the log or Kafka threw: nothing of it is settled then. */
const takeIn = async (
  messages: readonly FoundMessage[],
  { kafkaTopic, partition }: FoundBatch,
  binding: BindingRecord,
  services: IntakeServices & { readonly group: string; readonly deadLetters: KafkaSender },
): Promise<void> => {
  const { group, deadLetters, onTaken } = services;
  const placeOf = ({ offset }: FoundMessage) => `${kafkaTopic}/${partition}/${offset}`;
  const decoded = messages.map((message) => decode(message, placeOf(message), binding));
  await forEachQueue(queuesOf(decoded), async (one) => {
    if (one.publication)
      await publishOne(one, one.publication, placeOf(one.message), binding, services);
  });
  const letters = decoded.flatMap(({ message, cause }): KafkaMessage[] =>
    cause ? [deadLetterOf(message, { kafkaTopic, partition, group }, cause)] : [],
  );
  if (letters.length > 0) await deadLetters.send(deadLetterTopicOf(kafkaTopic), letters);
  for (const outcome of ['published', 'repeated', 'deadLetter'] as const) {
    const count = decoded.filter((one) => one.outcome === outcome).length;
    if (count > 0) onTaken(binding, outcome, count);
  }
};

const decode = (message: FoundMessage, place: string, { partnerId }: BindingRecord): Decoded => {
  const refused = (cause: Cause): Decoded => ({
    ...{ message, publication: null, cause, outcome: 'deadLetter' },
  });
  const bytes = message.value?.length ?? 0;
  if (bytes > bytesMax) {
    return refused({ code: 'body-too-large', reason: `${bytes} bytes, at most ${bytesMax}` });
  }
  try {
    const publication = publicationOf(message, { id: place, partnerId });
    return { message, publication, cause: null, outcome: 'published' };
  } catch (error) {
    if (!(error instanceof InvalidInput)) throw error;
    return refused(causeOf(error) ?? { code: 'invalid-input', reason: error.message });
  }
};

const publishOne = async (
  one: Decoded,
  publication: Publication,
  place: string,
  { tenant, topicId, partnerId }: BindingRecord,
  { publish, now }: IntakeServices,
): Promise<void> => {
  const context: CommandContext = {
    tenant,
    actor: { kind: 'partner', id: partnerId },
    now: now(),
    // As the API derives it: what is sent both ways is published once.
    idempotencyKey: `${publication.source} ${publication.id}`,
    correlationId: `kafka ${place}`,
  };
  try {
    const { repeated } = await publish(
      { topicId, partnerId, publications: [publication] },
      context,
    );
    if (repeated) one.outcome = 'repeated';
  } catch (error) {
    if (error instanceof Rejected && ofBinding.includes(error.code)) throw error;
    const cause = causeOf(error);
    if (!cause) throw error;
    one.cause = cause;
    one.outcome = 'deadLetter';
  }
};

/** Messages of one key, and those under one id, in their order; the others by themselves. */
const queuesOf = (decoded: readonly Decoded[]): readonly (readonly Decoded[])[] => {
  const queues = new Map<string, Decoded[]>();
  for (const one of decoded) {
    const { publication } = one;
    if (!publication) continue;
    const { key, source, id } = publication;
    const name = key === undefined ? `id ${source} ${id}` : `key ${key}`;
    const queue = queues.get(name);
    if (queue) queue.push(one);
    else queues.set(name, [one]);
  }
  return [...queues.values()];
};

/** Each queue in its order, so many queues at a time. @throws the first failure, once all that was begun has ended. */
const forEachQueue = async <Item>(
  queues: readonly (readonly Item[])[],
  work: (item: Item) => Promise<void>,
): Promise<void> => {
  let next = 0;
  let failure: { readonly error: unknown } | null = null;
  const hand = async (): Promise<void> => {
    for (let queue = queues[next]; queue && !failure; queue = queues[next]) {
      next += 1;
      for (const item of queue) {
        if (failure) return;
        await work(item).catch((error: unknown) => (failure ??= { error }));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, queues.length) }, hand));
  if (failure) throw (failure as { readonly error: unknown }).error;
};
