/** The way from Kafka: so many requests are written to the topic first, then taken in by the product, from its first to its last. */
import { Kafka, logLevel } from 'kafkajs';
import { assertJava, ensureJars, KafkaMissing } from '../../embedded/kafka/jars.js';
import { freePort, startBroker } from '../../embedded/kafka/startBroker.js';
import type { Cleanup } from '../cleanup.js';
import { startProduct } from '../product/product.js';
import { requestOf } from './requests.js';

export interface FromKafka {
  readonly messages: number;
  /** From the first that was counted to the last. */
  readonly seconds: number;
}

const topic = 'kopilka.demo.outreach.service';
const partitions = 3;
const writtenAtOnce = 1_000;

/** Null: it can be run here; else why not. */
export const whyNoBroker = async (): Promise<string | null> => {
  try {
    await assertJava();
    await ensureJars();
    return null;
  } catch (error) {
    if (error instanceof KafkaMissing) return error.message;
    throw error;
  }
};

const counted = async (url: string): Promise<number> => {
  const text = await (await fetch(`${url}/metrics`)).text();
  return [...text.matchAll(/^outreach_requests_total\{source="kafka",[^}]*\} (\d+)$/gm)]
    .map(([, count]) => Number(count))
    .reduce((sum, count) => sum + count, 0);
};

const write = async (address: string, messages: number, notBefore: string): Promise<void> => {
  const kafka = new Kafka({ brokers: [address], logLevel: logLevel.NOTHING });
  const admin = kafka.admin();
  const producer = kafka.producer();
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic, numPartitions: partitions }] });
  for (let from = 0; from < messages; from += writtenAtOnce) {
    const some = Array.from({ length: Math.min(writtenAtOnce, messages - from) }, (_, i) => ({
      key: `demo:customer${from + i}`,
      value: JSON.stringify(requestOf(from + i, notBefore)),
      headers: { 'idempotency-key': `order-${from + i}` },
    }));
    await producer.send({ topic, messages: some });
  }
  await Promise.all([admin.disconnect(), producer.disconnect()]);
};

export const measureKafka = async (
  cleanup: Cleanup,
  messages: number,
  notBefore: string,
): Promise<FromKafka> => {
  const ports = { clients: await freePort(), controller: await freePort() };
  const broker = await startBroker({ dataDir: cleanup.folder('accept-broker'), ports });
  cleanup.add(() => broker.stop());
  await write(broker.address, messages, notBefore);
  const product = await startProduct({
    cleanup,
    dataDir: cleanup.folder('accept-kafka'),
    env: {
      KOPILKA_ROLES: 'pos,workers',
      KOPILKA_KAFKA_BROKERS: broker.address,
      KOPILKA_KAFKA_OUTREACH: 'demo',
      KOPILKA_LOG_LEVEL: 'warn',
    },
  });
  const giveUpAt = performance.now() + 120_000;
  let first: { readonly at: number; readonly count: number } | null = null;
  for (;;) {
    const count = await counted(product.url);
    const at = performance.now();
    if (count > 0) first ??= { at, count };
    if (first && count >= messages) {
      await product.stop();
      return { messages: count - first.count, seconds: (at - first.at) / 1000 };
    }
    if (at > giveUpAt) throw new Error(`${count} of ${messages} came from Kafka in time`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
};
