/**
 * Takes in what is written to the topic of one class, five hundred at a time: all of a chunk is durable, recorded or among the dead letters
 * with its cause, before its offset is committed. No provider is called here, and while the queue is old nothing more is taken: what is
 * too much waits in Kafka, and the group is told that this member lives.
 */
import type { AcceptMessages, AcceptResult } from '../../../commands/message/accept.js';
import type { Directory } from '../../../commands/directory.js';
import type { TenantId } from '../../../domain/ids.js';
import type { MessageClass } from '../../../domain/message/kinds.js';
import { pause } from '../../../projections/pause.js';
import { bury, deadLetterTopicOf } from '../../kafka/in/deadLetter.js';
import type { FoundBatch, Kafka } from '../../kafka/port.js';
import { type RequestTaker, takeRequests } from './chunk.js';

export interface RequestTopic {
  readonly tenant: TenantId;
  readonly class: MessageClass;
}

export interface RequestIntakeServices {
  readonly kafka: Kafka;
  readonly directory: Directory;
  /** The whole name of a Kafka topic. */
  readonly nameOf: (tenant: string, kafkaTopic: string) => string;
  /** What names of consumer groups begin with. */
  readonly groupPrefix: string;
  readonly accept: AcceptMessages;
  /** How long the oldest message of a class has been waiting to be sent, in milliseconds; 0 where none is. */
  readonly queueAge: (topic: RequestTopic) => Promise<number>;
  /** Between two looks at a queue that is old. */
  readonly lookEveryMs?: number;
  readonly now: () => number;
  readonly onFailed: (error: unknown, topic: RequestTopic) => void;
  readonly onTaken: (
    topic: RequestTopic,
    results: readonly AcceptResult[],
    milliseconds: number,
  ) => void;
  /** Messages of the topic that are still to be taken, in the partitions of this process. */
  readonly onBehind: (topic: RequestTopic, partition: number, messages: number) => void;
  /** Whether what comes waits for the queue. */
  readonly onWaiting: (topic: RequestTopic, isWaiting: boolean) => void;
}

const chunk = 500;
const lookEveryMsDefault = 1_000;

const minute = 60_000;
/** A queue that is older takes nothing more from Kafka. */
export const queueAgeMax: Readonly<Record<MessageClass, number>> = {
  otp: minute,
  transactional: 10 * minute,
  service: 30 * minute,
  marketing: 60 * minute,
};

export const requestTopicName = (of: MessageClass): string => `outreach.${of}`;

/** @returns whether it may go on: false where the partition is another's by then. */
const untilYoung = async (
  topic: RequestTopic,
  { queueAge, onWaiting, lookEveryMs = lookEveryMsDefault }: RequestIntakeServices,
  batch: FoundBatch,
  signal: AbortSignal,
): Promise<boolean> => {
  for (let waited = false; !batch.isOver(); waited = true) {
    const age = await queueAge(topic);
    if (age <= queueAgeMax[topic.class]) {
      if (waited) onWaiting(topic, false);
      return true;
    }
    if (!waited) onWaiting(topic, true);
    await pause(lookEveryMs, signal);
  }
  onWaiting(topic, false);
  return false;
};

export const runRequestIntake = async (
  topic: RequestTopic,
  services: RequestIntakeServices,
  signal: AbortSignal,
): Promise<void> => {
  const { kafka, directory, nameOf, accept, now, onFailed, onTaken, onBehind } = services;
  const { tenant } = topic;
  const kafkaTopic = nameOf(tenant, requestTopicName(topic.class));
  const group = `${services.groupPrefix}.${tenant}.${requestTopicName(topic.class)}`;
  const deadLetters = kafka.sender();
  const by: RequestTaker = {
    tenant,
    class: topic.class,
    accept,
    now,
    isPartner: (id) => directory.exchange.partner(tenant, id)?.status === 'active',
  };

  const prepare = async (): Promise<void> => {
    await kafka.ensureTopic(kafkaTopic);
    await kafka.ensureTopic(deadLetterTopicOf(kafkaTopic));
  };

  const onBatch = async (batch: FoundBatch): Promise<void> => {
    const { messages, partition } = batch;
    for (let from = 0; from < messages.length; from += chunk) {
      if (!(await untilYoung(topic, services, batch, signal))) return;
      const some = messages.slice(from, from + chunk);
      const began = performance.now();
      const taken = await takeRequests(some, batch, by);
      await bury(taken, batch, group, deadLetters);
      onTaken(
        topic,
        taken.map(({ result }) => result),
        performance.now() - began,
      );
      await batch.settle(some.at(-1)?.offset ?? '0');
      onBehind(topic, partition, batch.behind + messages.length - from - some.length);
    }
  };

  const onTrouble = (error: unknown): void => onFailed(error, topic);
  const onJoined = (): void => undefined;
  try {
    await kafka.consume({ group, kafkaTopic, signal, prepare, onJoined, onBatch, onTrouble });
  } finally {
    await deadLetters.close();
  }
};
