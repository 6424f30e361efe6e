/**
 * Messages that are taken in together: published, or found to be at fault with the cause.
 *
 * As one append where that is safe, which keeps their order and is many times faster: each is a command of its own under the CloudEvent's
 * source and id, as one sent to the API without a key, so one that comes again is the same publication, and another body under the same id
 * is refused. The log knows an append as a repeat by what it begins with. So what may repeat something further in goes one by one: the
 * first messages after the partitions were shared out (another process may have had them), ids that were met before, and what is left when
 * the append is refused. One by one, messages of one key follow each other, and those of different keys are on their way together.
 */
import type { CommandContext } from '../../../commands/command.js';
import type { BindingRecord } from '../../../commands/kafkaLinks.js';
import { LogRefused, VersionConflict } from '../../../commands/log.js';
import type { Publish, PublishInput } from '../../../commands/publication/publish.js';
import { PublishedTooFast } from '../../../commands/publication/rates.js';
import { InvalidInput } from '../../../commands/validation.js';
import type { Publication } from '../../../domain/publication/publication.js';
import { Rejected, type RejectionCode } from '../../../domain/rejected.js';
import { pause } from '../../../projections/pause.js';
import type { FoundMessage } from '../port.js';
import { type Cause, causeOf } from './deadLetter.js';
import { publicationOf } from './message.js';

export type Outcome = 'published' | 'repeated' | 'deadLetter';

export interface Taken {
  readonly message: FoundMessage;
  readonly outcome: Outcome;
  /** Of a dead letter. */
  readonly cause: Cause | null;
}

interface Decoded {
  readonly message: FoundMessage;
  /** Where it was found: its id where it brings none. */
  readonly place: string;
  readonly publication: Publication | null;
  outcome: Outcome;
  cause: Cause | null;
}

type Wanted = Decoded & { readonly publication: Publication };

const bytesMax = 262_144;
/** Of one append. */
const bytesTogether = 1_048_576;
/** Keys that are worked on at a time, one by one. */
const atOnce = 64;
const remembered = 20_000;

/** It is not the message that is refused: nothing of the binding can be published at present. */
const ofBinding: readonly RejectionCode[] = [
  ...(['partner-not-found', 'revoked', 'tenant-not-found'] as const),
  ...(['topic-not-found', 'not-topic-owner', 'topic-archived'] as const),
];
const isOfBinding = (error: unknown): boolean =>
  error instanceof Rejected && ofBinding.includes(error.code);

export interface ChunkTaker {
  /**
   * @param careful another process may have published some of them.
   * @throws what the log threw: some may be published then, and all are to be taken again.
   */
  take(
    messages: readonly FoundMessage[],
    from: { readonly kafkaTopic: string; readonly partition: number },
    careful: boolean,
  ): Promise<readonly Taken[]>;
}

export const createChunkTaker = (
  { tenant, topicId, partnerId }: BindingRecord,
  publishAtOnce: Publish,
  now: () => number,
  signal: AbortSignal,
): ChunkTaker => {
  /** Oldest first. */
  const met = new Set<string>();
  const meet = (key: string): void => {
    met.add(key);
    if (met.size <= remembered) return;
    for (const oldest of met) return void met.delete(oldest);
  };

  /** A limit of the topic or the partner is waited for: its messages are in Kafka meanwhile. */
  const publish: Publish = async (input, context, keys) => {
    for (;;) {
      try {
        return await publishAtOnce(input, { ...context, now: now() }, keys);
      } catch (error) {
        if (!(error instanceof PublishedTooFast) || signal.aborted) throw error;
        await pause(Math.max(1, error.waitMs), signal);
      }
    }
  };

  const contextOf = (idempotencyKey: string, place: string): CommandContext => ({
    tenant,
    actor: { kind: 'partner', id: partnerId },
    now: now(),
    idempotencyKey,
    correlationId: `kafka ${place}`,
  });
  const inputOf = (publications: readonly Publication[]): PublishInput => ({
    topicId,
    partnerId,
    publications,
  });

  const publishOne = async (one: Wanted): Promise<void> => {
    const key = keyOf(one.publication);
    try {
      const { repeated } = await publish(inputOf([one.publication]), contextOf(key, one.place));
      one.outcome = repeated ? 'repeated' : 'published';
      meet(key);
    } catch (error) {
      const cause = isOfBinding(error) ? null : causeOf(error);
      if (!cause) throw error;
      one.cause = cause;
      one.outcome = 'deadLetter';
    }
  };

  const publishTogether = async (wanted: readonly Wanted[]): Promise<boolean> => {
    const [first] = wanted;
    if (!first) return true;
    const keys = wanted.map(({ publication }) => keyOf(publication));
    const isNew = new Set(keys).size === keys.length && !keys.some((key) => met.has(key));
    const bytes = wanted.reduce((sum, { message }) => sum + (message.value?.length ?? 0), 0);
    if (!isNew || bytes > bytesTogether) return false;
    try {
      const input = inputOf(wanted.map(({ publication }) => publication));
      const { repeated } = await publish(input, contextOf(keys[0] ?? '', first.place), keys);
      for (const one of wanted) one.outcome = repeated ? 'repeated' : 'published';
      keys.forEach(meet);
      return true;
    } catch (error) {
      if (isOfBinding(error) || !isOfSome(error)) throw error;
      return false;
    }
  };

  return {
    take: async (messages, { kafkaTopic, partition }, careful) => {
      const decoded = messages.map((message) =>
        decode(message, `${kafkaTopic}/${partition}/${message.offset}`, partnerId),
      );
      const wanted = decoded.filter((one): one is Wanted => one.publication !== null);
      const done = !careful && (await publishTogether(wanted));
      if (!done) await forEachQueue(queuesOf(wanted), publishOne);
      return decoded;
    },
  };
};

/** What refuses all of them for the sake of some. */
const isOfSome = (error: unknown): boolean =>
  error instanceof InvalidInput ||
  error instanceof Rejected ||
  error instanceof VersionConflict ||
  error instanceof LogRefused;

/** As the API derives it: what is sent both ways is published once. */
const keyOf = ({ source, id }: Publication): string => `${source} ${id}`;

const decode = (
  message: FoundMessage,
  place: string,
  partnerId: BindingRecord['partnerId'],
): Decoded => {
  const about = { message, place };
  const refused = (cause: Cause): Decoded => ({
    ...about,
    publication: null,
    outcome: 'deadLetter',
    cause,
  });
  const bytes = message.value?.length ?? 0;
  if (bytes > bytesMax) {
    return refused({ code: 'body-too-large', reason: `${bytes} bytes, at most ${bytesMax}` });
  }
  try {
    const publication = publicationOf(message, { id: place, partnerId });
    return { ...about, publication, outcome: 'published', cause: null };
  } catch (error) {
    const cause = causeOf(error);
    if (!cause) throw error;
    return refused(cause);
  }
};

/** Messages of one key, and those under one id, in their order; the others by themselves. */
const queuesOf = (wanted: readonly Wanted[]): readonly (readonly Wanted[])[] => {
  const queues = new Map<string, Wanted[]>();
  for (const one of wanted) {
    const { key } = one.publication;
    const name = key === undefined ? `id ${keyOf(one.publication)}` : `key ${key}`;
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
  const failures: unknown[] = [];
  const hand = async (): Promise<void> => {
    for (let queue = queues[next]; queue && failures.length === 0; queue = queues[next]) {
      next += 1;
      for (const item of queue) {
        if (failures.length > 0) return;
        await work(item).catch((error: unknown) => failures.push(error));
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, queues.length) }, hand));
  if (failures.length > 0) throw failures[0];
};
