/**
 * Sends with the idempotent producer, acknowledged by all replicas in step, one send at a time.
 *
 * A producer is used until a send fails for good, then a new one takes its place: one that was refused a sequence number is refused
 * all that follow. Tries within one send carry the same sequence numbers, so the broker takes a batch once; that holds only while every try
 * puts every message where the one before did. The client's own partitioner does not: without a key it goes round, and what moves to a
 * broker that has answered already is not sent at all, what moves under a sequence number that was taken is passed over. So the partition
 * follows from key or place alone.
 */
import {
  type ICustomPartitioner,
  type Kafka as Client,
  Partitioners,
  type Producer,
} from 'kafkajs';
import type { KafkaMessage, KafkaSender } from '../../workers/kafka/port.js';
import { KafkaTrouble } from '../../workers/kafka/port.js';
import { endsWithin } from '../lifecycle/deadline.js';
import { asTrouble } from './trouble.js';

const sendDeadlineMs = 120_000;
const brokerDeadlineMs = 10_000;
const disconnectDeadlineMs = 2_000;
/** The client asks for one at least. */
const retry = { retries: 2, initialRetryTime: 200, maxRetryTime: 2_000 };

/** Read by the partitioner, which is given nothing of a message but what goes to Kafka. */
export const placeHeader = 'kopilka_place';

/** Keys as Kafka's own client for Java places them; without one, the place. */
export const stablePartitioner: ICustomPartitioner = () => {
  const byKey = Partitioners.DefaultPartitioner();
  return (args) => {
    const { key, headers } = args.message;
    if (key !== null && key !== undefined) return byKey(args);
    return Number(String(headers?.[placeHeader] ?? 0)) % args.partitionMetadata.length;
  };
};

const cut = async (producer: Producer): Promise<void> => {
  await endsWithin(producer.disconnect(), disconnectDeadlineMs).catch(() => undefined);
};

const asSent = ({ key, value, headers, timestamp, place }: KafkaMessage) => ({
  key,
  value,
  headers: { ...headers, [placeHeader]: String(place) },
  timestamp: String(timestamp),
});

export const createSender = (client: Client): KafkaSender => {
  let producer: Producer | null = null;
  let closed = false;

  const connected = async (): Promise<Producer> => {
    if (producer) return producer;
    const made = client.producer({
      idempotent: true,
      maxInFlightRequests: 1,
      allowAutoTopicCreation: false,
      createPartitioner: stablePartitioner,
      retry,
    });
    producer = made;
    await made.connect();
    if (producer !== made) {
      // Dropped while it connected: another one may be sending by now.
      await cut(made);
      throw new KafkaTrouble('unreachable', 'the sender was given up while it connected');
    }
    return made;
  };

  /** Its connections are cut before another one sends, so that nothing of it comes after what the next one sent. */
  const drop = async (): Promise<void> => {
    const old = producer;
    producer = null;
    if (old) await cut(old);
  };

  const sendNow = async (topic: string, messages: readonly KafkaMessage[]): Promise<void> => {
    const using = await connected();
    const asked = { topic, acks: -1, timeout: brokerDeadlineMs, messages: messages.map(asSent) };
    await using.send(asked);
  };

  return {
    send: async (topic, messages) => {
      if (closed) throw new KafkaTrouble('unreachable', 'the sender was closed');
      try {
        const inTime = await endsWithin(sendNow(topic, messages), sendDeadlineMs);
        if (!inTime) throw new KafkaTrouble('unreachable', `no answer in ${sendDeadlineMs} ms`);
      } catch (error) {
        await drop();
        throw asTrouble(error);
      }
    },
    close: async () => {
      closed = true;
      await drop();
    },
  };
};
