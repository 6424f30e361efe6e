/**
 * Hands the facts of one relay on to Kafka, in the order of the log, from the place it kept.
 *
 * Invariant: the place is kept after every message up to it was acknowledged, and nothing is sent while something before it is open. So
 * a process that is killed repeats at most what it had under way, in the same order and under the same ids, and leaves nothing out. While
 * Kafka is away the log itself is the queue: nothing is read ahead beyond a fixed number of facts.
 */
import type { Fact, Position } from '../../../domain/fact.js';
import { publicationsStream } from '../../../domain/publication/publication.js';
import type { RelayRecord } from '../../../commands/kafkaLinks.js';
import type { Reveal } from '../../../commands/publication/reveal.js';
import type { Feed, FeedItem } from '../../../projections/feed.js';
import { openIntake } from '../../../projections/intake.js';
import { backOffMs, pause } from '../../../projections/pause.js';
import type { Checkpoints } from '../../checkpoints.js';
import { type Kafka, type KafkaMessage, type KafkaSender, KafkaTrouble } from '../port.js';
import { linkErrorOf, type Reporter } from '../state.js';
import { messageOfEvent, messageOfPublication } from './message.js';

/** Facts of one send; a broker takes a megabyte in one unless told otherwise. */
const together = 500;
const bytesTogether = 512 * 1024;
const ahead = 1_000;
const lingerMs = 5;
const firstWaitMs = 250;
const longestWaitMs = 5_000;
/** What is under way when it is to stop may still be acknowledged. */
const graceMs = 1_500;
/** Where nothing was sent, the place is kept so often. */
const idleSaveMs = 5_000;

export interface RelayServices {
  readonly feed: Feed;
  readonly kafka: Kafka;
  /** The whole name of a Kafka topic. */
  readonly nameOf: (tenant: string, kafkaTopic: string) => string;
  readonly reveal: Reveal;
  readonly checkpoints: Checkpoints;
  readonly reporter: Reporter;
  readonly now: () => number;
  readonly onFailed: (error: unknown, relay: RelayRecord) => void;
  readonly onRelayed: (relay: RelayRecord, messages: number) => void;
}

export const runRelay = async (
  relay: RelayRecord,
  services: RelayServices,
  signal: AbortSignal,
): Promise<void> => {
  const { reporter, now, onFailed } = services;
  const { tenant, relayId } = relay;
  let attempt = 0;
  while (!signal.aborted) {
    const sender = services.kafka.sender();
    try {
      await follow(relay, services, sender, signal, () => (attempt = 0));
    } catch (error) {
      if (signal.aborted) return;
      onFailed(error, relay);
      reporter.tell('relay', tenant, relayId, { error: linkErrorOf(error, now()) });
    } finally {
      await sender.close();
    }
    attempt += 1;
    await pause(backOffMs(attempt, firstWaitMs, longestWaitMs), signal);
  }
};

const follow = async (
  relay: RelayRecord,
  services: RelayServices,
  sender: KafkaSender,
  signal: AbortSignal,
  onProgress: () => void,
): Promise<void> => {
  const { checkpoints, reporter, now } = services;
  const { tenant, relayId } = relay;
  const name = checkpointOf(relay);
  const from = (await checkpoints.load(name)) ?? (relay.start === 'now' ? relay.setAt : null);
  const tell = reporter.tell.bind(null, 'relay', tenant, relayId);
  const hasPlaces = 'topicId' in relay.source;
  const handOver = createHandOver(relay, services, sender, signal);
  let savedAt = now();

  const save = async (position: Position): Promise<void> => {
    await checkpoints.save(name, position);
    savedAt = now();
  };

  const tellWaiting = (first: Fact): void => {
    const { place = null } = reporter.state('relay', tenant, relayId);
    if (hasPlaces) tell({ place: place ?? first.revision - 1 });
    tell({ lagMs: now() - first.recordedAt });
  };

  const intake = openIntake(ofRelay(services.feed, relay), {
    from,
    ahead,
    eventTypes: eventTypesOf(relay),
  });
  const interrupt = () => intake.interrupt();
  signal.addEventListener('abort', interrupt, { once: true });
  try {
    while (!signal.aborted) {
      const { facts, position, caughtUp } = await intake.take(together, lingerMs);
      // Before Kafka is asked for anything: it is asked after while Kafka is away.
      if (facts[0]) tellWaiting(facts[0]);
      await handOver(facts);
      const last = facts.at(-1);
      if (last) {
        await save(last.position);
        tell({ ...(hasPlaces && { place: last.revision }), lagMs: 0, error: null });
        onProgress();
      } else if (position !== null && (caughtUp || now() - savedAt >= idleSaveMs)) {
        await save(position);
      }
      if (caughtUp) tell({ behind: hasPlaces ? 0 : null, lagMs: 0, error: null });
    }
  } finally {
    signal.removeEventListener('abort', interrupt);
    await intake.close();
  }
};

/** Resolves once Kafka has acknowledged what the facts say. */
const createHandOver = (
  relay: RelayRecord,
  services: RelayServices,
  sender: KafkaSender,
  signal: AbortSignal,
): ((facts: readonly Fact[]) => Promise<void>) => {
  const kafkaTopic = services.nameOf(relay.tenant, relay.kafkaTopic);
  let hasTopic = false;
  let bytesMax = bytesTogether;

  /** A Kafka topic may take less at once than brokers do unless told: then it is given less from there on. */
  const send = async (messages: readonly KafkaMessage[]): Promise<void> => {
    try {
      await unlessStopped(sender.send(kafkaTopic, messages), signal);
      services.onRelayed(relay, messages.length);
    } catch (error) {
      const isTooLarge = error instanceof KafkaTrouble && error.reason === 'too-large';
      if (!isTooLarge || messages.length === 1) throw error;
      bytesMax = Math.ceil(bytesMax / 2);
      const half = Math.ceil(messages.length / 2);
      await send(messages.slice(0, half));
      await send(messages.slice(half));
    }
  };

  return async (facts) => {
    if (!hasTopic) await unlessStopped(services.kafka.ensureTopic(kafkaTopic), signal);
    hasTopic = true;
    const messages = await messagesOf(relay, services, facts);
    for (const batch of batchesOf(messages, bytesMax)) await send(batch.messages);
  };
};

/** A relay that was set anew begins anew. */
const checkpointOf = ({ tenant, relayId, generation }: RelayRecord): string =>
  `kafkaRelay ${tenant}.${relayId} ${generation}`;

const eventTypesOf = ({ source }: RelayRecord): readonly string[] =>
  'topicId' in source ? ['EventPublished'] : source.eventTypes;

/** The server filters by one thing: for a topic that is its stream. */
const ofRelay = (feed: Feed, { tenant, source }: RelayRecord): Feed => {
  if (!('topicId' in source)) return feed;
  const stream = publicationsStream(tenant, source.topicId);
  const filter = { streamPrefixes: [stream] };
  const subscribe: Feed['subscribe'] = (options) =>
    onlyOf(stream, feed.subscribe({ ...options, filter }));
  return { head: () => feed.head(), subscribe };
};

/** A prefix lets streams through whose names are longer. */
async function* onlyOf(stream: string, items: AsyncIterable<FeedItem>): AsyncGenerator<FeedItem> {
  for await (const item of items) {
    const isAnother = item.kind === 'fact' && item.fact.stream !== stream;
    yield isAnother ? { kind: 'checkpoint', position: item.fact.position } : item;
  }
}

const messagesOf = async (
  { tenant, source }: RelayRecord,
  { reveal, now }: RelayServices,
  facts: readonly Fact[],
): Promise<KafkaMessage[]> => {
  if (!('topicId' in source)) {
    return facts.filter(({ metadata }) => metadata.tenant === tenant).map(messageOfEvent);
  }
  const messages: KafkaMessage[] = [];
  for (const fact of facts) {
    const revealed = await reveal(tenant, source.topicId, fact, now());
    if (revealed.kind === 'expired') continue;
    messages.push(messageOfPublication(fact, revealed.publication));
  }
  return messages;
};

interface Batch {
  readonly messages: KafkaMessage[];
  bytes: number;
}

const batchesOf = (messages: readonly KafkaMessage[], bytesMax: number): readonly Batch[] => {
  const batches: Batch[] = [];
  for (const message of messages) {
    const bytes = message.value.length + JSON.stringify(message.headers).length;
    const open = batches.at(-1);
    if (open && open.bytes + bytes <= bytesMax) {
      open.messages.push(message);
      open.bytes += bytes;
    } else {
      batches.push({ messages: [message], bytes });
    }
  }
  return batches;
};

/** @throws once the grace is over after the signal, whatever becomes of the work. */
const unlessStopped = (work: Promise<void>, signal: AbortSignal): Promise<void> =>
  new Promise((resolve, reject) => {
    let timer: NodeJS.Timeout | undefined;
    const onStop = (): void => {
      timer = setTimeout(() => reject(new Error('it was stopped')), graceMs);
    };
    signal.addEventListener('abort', onStop, { once: true });
    if (signal.aborted) onStop();
    const settled = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onStop);
    };
    work.finally(settled).then(resolve, reject);
  });
