/**
 * What the relays and the bindings ask of Kafka. The interface belongs to them; platform/kafka implements it over the client.
 *
 * Nothing here is buffered out of sight: what was sent is acknowledged by every replica or the send fails, and what was taken is
 * settled by an offset that its consumer names.
 */
export interface KafkaMessage {
  /** Messages of one key stay in order. Null: `place` chooses the partition. */
  readonly key: string | Buffer | null;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string | Buffer>>;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
  /** Of the message among those of its source: the same whenever it is sent again. */
  readonly place: number;
}

export interface KafkaSender {
  /**
   * Resolves when all replicas in step have them, in this order within each key. After a failure nothing is known of them: send the
   * same again. One send at a time.
   * @throws KafkaTrouble
   */
  send(kafkaTopic: string, messages: readonly KafkaMessage[]): Promise<void>;
  /** Twice is safe. */
  close(): Promise<void>;
}

/** A message as it was found. */
export interface FoundMessage {
  /** Decimal; beyond 2^53 too. */
  readonly offset: string;
  readonly key: Buffer | null;
  /** Null: a tombstone. */
  readonly value: Buffer | null;
  /** Names as they were written; of several values the last. */
  readonly headers: Readonly<Record<string, Buffer>>;
  /** Milliseconds since the epoch. */
  readonly timestamp: number;
}

export interface FoundBatch {
  readonly kafkaTopic: string;
  readonly partition: number;
  readonly messages: readonly FoundMessage[];
  /** Another one: the partitions were shared out anew since, and this one may have been worked on by another process. */
  readonly generation: number;
  /** Messages of the partition behind the last of these. */
  readonly behind: number;
  /** The partition is another consumer's now, or the process stops: begin nothing more. */
  isOver(): boolean;
  /** Everything up to this offset is taken care of and never comes again. @throws KafkaTrouble */
  settle(offset: string): Promise<void>;
}

export interface Intake {
  readonly group: string;
  readonly kafkaTopic: string;
  readonly signal: AbortSignal;
  /** Before it joins the group, each time. */
  readonly prepare: () => Promise<void>;
  /** It is one of the group, with its share of the partitions, maybe another than before. */
  readonly onJoined: (partitions: readonly number[]) => void;
  /**
   * Called with what there is, a partition at a time, in order. What it did not settle comes again. What it throws pauses the
   * partition, longer with each failure in a row, and is told to `onTrouble`.
   */
  readonly onBatch: (batch: FoundBatch) => Promise<void>;
  readonly onTrouble: (error: unknown) => void;
}

export interface Kafka {
  /** Connects when it is first used. */
  sender(): KafkaSender;
  /** Shares the partitions of the topic with the other members of the group until the signal aborts; connects again by itself. */
  consume(intake: Intake): Promise<void>;
  /** Makes the topic where there is none and it is allowed to. @throws KafkaTrouble topic-missing */
  ensureTopic(kafkaTopic: string): Promise<void>;
}

const reasons = {
  unreachable:
    'Check KOPILKA_KAFKA_BROKERS, that the brokers run, and with TLS KOPILKA_KAFKA_AUTHORITY_FILE.',
  'access-denied': 'Check KOPILKA_KAFKA_USER, its password, and what the brokers allow it.',
  'topic-missing': 'Create the Kafka topic, or let KOPILKA_KAFKA_CREATE_TOPICS do it.',
  'too-large': 'Allow larger messages on the Kafka topic (max.message.bytes).',
  compression: 'Send without compression or with gzip: the client reads no other.',
  refused: 'See the error and the log of the brokers.',
} as const;

export type KafkaReason = keyof typeof reasons;

/** Kafka did not do what it was asked to; all of it may be asked again. */
export class KafkaTrouble extends Error {
  override readonly name = 'KafkaTrouble';
  readonly next: string;
  constructor(
    readonly reason: KafkaReason,
    message: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
    this.next = reasons[reason];
  }
}
