/** Makes Kafka topics that are missing, with the partitions and replicas that the brokers give one by default. */
import type { Kafka as Client } from 'kafkajs';
import { KafkaTrouble } from '../../workers/kafka/port.js';
import { endsWithin } from '../lifecycle/deadline.js';
import { asTrouble } from './trouble.js';

const deadlineMs = 15_000;
const disconnectDeadlineMs = 2_000;
/** The brokers' own default. */
const asConfigured = -1;

export const createTopicMaker =
  (client: Client, allowed: boolean) =>
  async (topic: string): Promise<void> => {
    const admin = client.admin();
    try {
      await admin.connect();
      const known = await admin.listTopics();
      if (known.includes(topic)) return;
      if (!allowed) throw new KafkaTrouble('topic-missing', `there is no Kafka topic ${topic}`);
      const made = { topic, numPartitions: asConfigured, replicationFactor: asConfigured };
      await admin.createTopics({ topics: [made], timeout: deadlineMs });
    } catch (error) {
      throw asTrouble(error);
    } finally {
      await endsWithin(admin.disconnect(), disconnectDeadlineMs).catch(() => undefined);
    }
  };
