/** One real broker for the tests of this folder, and what they ask of it with a client of their own. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Kafka as Client, logLevel, type Message, Partitioners } from 'kafkajs';
import { assertJava, ensureJars, KafkaMissing } from '../../../embedded/kafka/jars.js';
import { type Broker, startBroker } from '../../../embedded/kafka/startBroker.js';
import { quietPort } from '../../quietPort.js';

export interface Read {
  readonly partition: number;
  readonly offset: string;
  readonly key: string | null;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
}

export interface TestBroker {
  readonly address: string;
  createTopic(topic: string, partitions?: number): Promise<void>;
  send(topic: string, messages: readonly Message[]): Promise<void>;
  /** All of a topic from its beginning, once there are so many: each partition in order. @throws after 40 s */
  read(topic: string, atLeast: number): Promise<Read[]>;
  /** Messages in all partitions of a topic; 0 where there is none. */
  count(topic: string): Promise<number>;
  /** Of a group, by partition; -1: none. */
  committed(group: string, topic: string): Promise<Readonly<Record<number, number>>>;
  /** As the loss of the machine would. */
  kill(): Promise<void>;
  /** On the same folder and port. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const waitMs = 40_000;

const whyNoBroker = async (): Promise<string | null> => {
  try {
    await assertJava();
    await ensureJars();
    return null;
  } catch (error) {
    if (error instanceof KafkaMissing) return error.message;
    throw error;
  }
};

/** Why there can be none on this machine; null: there can. */
export const missing = await whyNoBroker();
/** For the title of what is pending then. */
export const note = missing === null ? '' : ` (pending: ${missing})`;

const openTestBroker = async (): Promise<TestBroker> => {
  const dataDir = mkdtempSync(join(tmpdir(), 'kopilka-kafka-'));
  const ports = { clients: await quietPort(), controller: await quietPort() };
  let broker: Broker = await startBroker({ dataDir, ports });
  const client = new Client({
    brokers: [broker.address],
    clientId: 'test',
    logLevel: logLevel.NOTHING,
    retry: { retries: 20, initialRetryTime: 50, maxRetryTime: 500 },
  });
  const admin = client.admin();
  const producer = client.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await Promise.all([admin.connect(), producer.connect()]);
  let readers = 0;

  const untilThere = async (topic: string): Promise<void> => {
    const giveUpAt = performance.now() + waitMs;
    while (!(await admin.listTopics()).includes(topic)) {
      if (performance.now() > giveUpAt) throw new Error(`there is no ${topic}`);
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };

  const read: TestBroker['read'] = async (topic, atLeast) => {
    const consumer = client.consumer({ groupId: `reader-${(readers += 1)}`, maxWaitTimeInMs: 50 });
    const found: Read[] = [];
    await consumer.connect();
    await untilThere(topic);
    await consumer.subscribe({ topic, fromBeginning: true });
    let enough = (): void => undefined;
    const waiting = new Promise<void>((resolve, reject) => {
      enough = resolve;
      const late = () => reject(new Error(`${topic} has ${found.length} of ${atLeast} messages`));
      setTimeout(late, waitMs).unref();
    });
    await consumer.run({
      eachMessage: ({ partition, message }) => {
        const { offset, key, value, headers = {} } = message;
        found.push({
          ...{ partition, offset, key: key === null ? null : String(key) },
          value: value ?? Buffer.alloc(0),
          headers: Object.fromEntries(
            Object.entries(headers).map(([name, text]) => [name, String(text)]),
          ),
        });
        if (found.length >= atLeast) enough();
        return Promise.resolve();
      },
    });
    if (atLeast === 0) enough();
    await waiting.finally(() => consumer.disconnect());
    return found;
  };

  return {
    address: broker.address,
    createTopic: async (topic, numPartitions = 3) => {
      await admin.createTopics({ topics: [{ topic, numPartitions, replicationFactor: 1 }] });
    },
    send: async (topic, messages) => void (await producer.send({ topic, messages: [...messages] })),
    read,
    count: async (topic) => {
      const partitions = await admin.fetchTopicOffsets(topic).catch(() => []);
      return partitions.reduce((sum, { high }) => sum + Number(high), 0);
    },
    committed: async (groupId, topic) => {
      const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
      const partitions = found?.partitions ?? [];
      return Object.fromEntries(partitions.map((one) => [one.partition, Number(one.offset)]));
    },
    kill: () => broker.kill(),
    restart: async () => {
      broker = await startBroker({ dataDir, ports });
    },
    close: async () => {
      await Promise.all([admin.disconnect(), producer.disconnect()]);
      await broker.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
};

let shared: Promise<TestBroker> | null = null;

/** Started by whoever asks first, stopped after the last test of the process. */
export const sharedBroker = (): Promise<TestBroker> => (shared ??= openTestBroker());

after(async function () {
  this.timeout(120_000);
  await (await shared?.catch(() => null))?.close();
});
